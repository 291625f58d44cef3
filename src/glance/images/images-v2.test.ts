import { randomBytes, createHash } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { as, glanceFixture, octets, type GlanceFixture } from '../testing/fixture.ts';

let glance: GlanceFixture;
let alice: ReturnType<typeof as>;
let bob: ReturnType<typeof as>;
let admin: ReturnType<typeof as>;
beforeAll(async () => {
  glance = await glanceFixture();
  [alice, bob, admin] = [as(glance.app, 'alice'), as(glance.app, 'bob'), as(glance.app, 'admin')];
});
afterAll(() => glance.close());

const raw = { disk_format: 'raw', container_format: 'bare' };
const patchType = { 'content-type': 'application/openstack-images-v2.1-json-patch' };
async function make(body: object, who = alice): Promise<string> {
  const made = await who('POST', '/v2/images', { ...raw, ...body });
  expect(made.statusCode, made.body).toBe(201);
  return made.json<{ id: string }>().id;
}
const patch = (id: string, body: object, who = alice) =>
  who('PATCH', `/v2/images/${id}`, JSON.stringify(body), patchType);

describe('images v2', () => {
  it('registers an image as the real one answers', async () => {
    const made = await alice('POST', '/v2/images', { name: 'ref-i', ...raw, flavour: 'vanilla' });
    const image = made.json<Record<string, unknown>>();
    const { id, created_at } = image as { id: string; created_at: string };
    expect(made.headers['location']).toMatch(new RegExp(`/v2/images/${id}$`));
    expect(made.headers['openstack-image-store-ids']).toBe('file,http');
    expect(created_at).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    expect(image).toEqual({
      flavour: 'vanilla',
      name: 'ref-i',
      disk_format: 'raw',
      container_format: 'bare',
      visibility: 'shared',
      size: null,
      virtual_size: null,
      status: 'queued',
      checksum: null,
      protected: false,
      min_ram: 0,
      min_disk: 0,
      owner: 'alice',
      os_hidden: false,
      os_hash_algo: null,
      os_hash_value: null,
      id,
      created_at,
      updated_at: created_at,
      tags: [],
      self: `/v2/images/${id}`,
      file: `/v2/images/${id}/file`,
      schema: '/v2/schemas/image',
    });
  });

  it('takes data, sums it, and gives it back whole and in ranges', async () => {
    const id = await make({ name: 'data' });
    expect((await alice('GET', `/v2/images/${id}/file`)).statusCode).toBe(204);
    expect((await alice('PUT', `/v2/images/${id}/file`, 'hello', octets)).statusCode).toBe(204);
    const image = (await alice('GET', `/v2/images/${id}`)).json<Record<string, unknown>>();
    expect(image).toMatchObject({
      status: 'active',
      size: 5,
      virtual_size: 5,
      checksum: '5d41402abc4b2a76b9719d911017c592',
      os_hash_algo: 'sha512',
      os_hash_value: createHash('sha512').update('hello').digest('hex'),
      stores: 'file',
    });
    const whole = await alice('GET', `/v2/images/${id}/file`);
    expect([whole.body, whole.headers['content-md5'], whole.headers['content-length']]).toEqual([
      'hello',
      '5d41402abc4b2a76b9719d911017c592',
      '5',
    ]);
    const part = await alice('GET', `/v2/images/${id}/file`, undefined, { range: 'bytes=1-2' });
    expect([part.statusCode, part.body, part.headers['content-range']]).toEqual([206, 'el', 'bytes 1-2/5']);
    const outside = await alice('GET', `/v2/images/${id}/file`, undefined, { range: 'bytes=9-' });
    expect([outside.statusCode, outside.headers['content-range']]).toEqual([416, 'bytes */5']);
    expect((await alice('PUT', `/v2/images/${id}/file`, 'again', octets)).statusCode).toBe(409);
  });

  it('sums on threads what is larger than a few blocks', async () => {
    const data = randomBytes(5 * 1024 * 1024 + 7);
    const id = await make({});
    expect((await alice('PUT', `/v2/images/${id}/file`, data, octets)).statusCode).toBe(204);
    expect((await alice('GET', `/v2/images/${id}`)).json()).toMatchObject({
      size: data.length,
      checksum: createHash('md5').update(data).digest('hex'),
      os_hash_value: createHash('sha512').update(data).digest('hex'),
    });
    const back = await alice('GET', `/v2/images/${id}/file`);
    expect(back.rawPayload.equals(data)).toBe(true);
  });

  it('refuses data of another media type, and data before the formats are known', async () => {
    const id = await make({});
    expect((await alice('PUT', `/v2/images/${id}/file`, 'x', { 'content-type': 'text/plain' })).statusCode).toBe(415);
    const bare = (await alice('POST', '/v2/images', { name: 'x' })).json<{ id: string }>().id;
    const refused = await alice('PUT', `/v2/images/${bare}/file`, 'x', octets);
    expect([refused.statusCode, refused.body]).toEqual([
      400,
      '400 Bad Request\n\nProperties disk_format must be set prior to saving data.\n\n   ',
    ]);
  });

  it('kills an image whose data is not what was declared, and keeps nothing of it', async () => {
    const id = await make({ disk_format: 'qcow2' });
    const refused = await alice('PUT', `/v2/images/${id}/file`, 'no qcow2', octets);
    expect(refused.statusCode).toBe(400);
    expect(refused.body).toContain("it is in raw format, but the image's disk format is qcow2");
    expect((await alice('GET', `/v2/images/${id}`)).json()).toMatchObject({ status: 'killed', size: null });
    expect((await readdir(glance.folder)).filter((name) => name.includes(id))).toEqual([]);
  });

  it.each([
    [{ name: 'x', disk_format: 'floppy' }, 400, "schema 'image': 'floppy' is not one of [None, 'ami', 'ari'"],
    [{ name: 7 }, 400, "7 is not of type 'null', 'string'"],
    [{ status: 'active' }, 403, "Attribute 'status' is read-only."],
    [{ self: 'x' }, 403, "Attribute 'self' is reserved."],
    [{ os_glance_x: 'x' }, 403, "Attribute 'os_glance_x' is reserved."],
    [{ custom: 1 }, 400, "1 is not of type 'string'"],
    [{ min_disk: -1 }, 400, 'min_disk must not be negative'],
    [{ id: 'x' }, 400, 'does not match'],
    [{ visibility: 'public' }, 403, 'You are not authorized to complete this action.'],
    [{ owner: 'bob' }, 403, "You are not permitted to create images owned by 'bob'."],
  ])('refuses to register %j', async (body, status, words) => {
    const refused = await alice('POST', '/v2/images', body);
    expect(refused.statusCode).toBe(status);
    expect(refused.body).toContain(words);
  });

  it('takes an id once', async () => {
    const id = '11111111-2222-4333-8444-555555555555';
    await make({ id });
    expect((await alice('POST', '/v2/images', { id })).statusCode).toBe(409);
    await alice('DELETE', `/v2/images/${id}`);
    expect((await alice('POST', '/v2/images', { id })).statusCode).toBe(409);
  });

  it('is changed by a JSON patch', async () => {
    const id = await make({ name: 'before', colour: 'red' });
    const changed = await patch(id, [
      { op: 'replace', path: '/name', value: 'after' },
      { op: 'add', path: '/a~1b', value: 'slash' },
      { op: 'remove', path: '/colour' },
      { op: 'replace', path: '/tags', value: ['one', 'two'] },
    ]);
    expect(changed.statusCode, changed.body).toBe(200);
    expect(changed.json()).toMatchObject({ name: 'after', 'a/b': 'slash', tags: ['one', 'two'] });
    expect(changed.json()).not.toHaveProperty('colour');
    const older = await alice('PATCH', `/v2/images/${id}`, JSON.stringify([{ replace: '/name', value: 'old way' }]), {
      'content-type': 'application/openstack-images-v2.0-json-patch',
    });
    expect(older.json()).toMatchObject({ name: 'old way' });
  });

  it.each([
    [[{ op: 'replace', path: '/status', value: 'x' }], 403, "Attribute 'status' is read-only."],
    [[{ op: 'replace', path: '/nope', value: 'x' }], 409, 'Property nope does not exist.'],
    [[{ op: 'remove', path: '/name' }], 403, 'Property name may not be removed.'],
    [[{ op: 'remove', path: '/nope' }], 409, 'Property nope does not exist.'],
    [[{ op: 'add', path: '/a/b', value: 'x' }], 400, "Invalid JSON pointer for this resource: '/a/b'"],
    [[{ op: 'add', path: 'a', value: 'x' }], 400, 'Invalid JSON pointer'],
    [[{ op: 'move', path: '/a', value: 'x' }], 400, 'exactly one member'],
    [[{ op: 'add', path: '/a' }], 400, 'requires a member named "value"'],
    [{ op: 'add' }, 400, 'must be a JSON array'],
    [[{ op: 'replace', path: '/visibility', value: 'public' }], 403, 'You are not authorized'],
    [[{ op: 'replace', path: '/owner', value: 'bob' }], 403, "modify 'owner'"],
  ])('refuses the patch %j', async (body, status, words) => {
    const id = await make({});
    const refused = await patch(id, body);
    expect([refused.statusCode, refused.body]).toEqual([status, expect.stringContaining(words)]);
  });

  it('refuses a patch of another media type, naming its own', async () => {
    const id = await make({});
    const refused = await alice('PATCH', `/v2/images/${id}`, [], { 'content-type': 'application/json' });
    expect([refused.statusCode, refused.headers['accept-patch']]).toEqual([
      415,
      'application/openstack-images-v2.1-json-patch, application/openstack-images-v2.0-json-patch',
    ]);
  });

  it('keeps tenants apart', async () => {
    const id = await make({ name: 'private' });
    for (const answer of [
      await bob('GET', `/v2/images/${id}`),
      await patch(id, [], bob),
      await bob('DELETE', `/v2/images/${id}`),
      await bob('PUT', `/v2/images/${id}/file`, 'x', octets),
      await bob('GET', `/v2/images/${id}/file`),
      await bob('PUT', `/v2/images/${id}/tags/t`),
      await bob('GET', `/v2/images/${id}/members`),
      await bob('POST', `/v2/images/${id}/members`, { member: 'bob' }),
      await bob('POST', `/v2/images/${id}/actions/deactivate`),
      await bob('POST', `/v2/images/${id}/import`, { method: { name: 'web-download', uri: 'http://x/' } }),
    ])
      expect(answer.statusCode).toBe(404);
    const list = (await bob('GET', '/v2/images')).json<{ images: { id: string }[] }>();
    expect(list.images.map((image) => image.id)).not.toContain(id);
  });

  it('shows public and community images to all, lets only the owner change them', async () => {
    const shown = await make({ visibility: 'public' }, admin);
    const community = await make({ visibility: 'community' });
    expect((await bob('GET', `/v2/images/${shown}`)).statusCode).toBe(200);
    expect((await bob('GET', `/v2/images/${community}`)).statusCode).toBe(200);
    expect((await patch(community, [], bob)).statusCode).toBe(403);
    expect((await bob('DELETE', `/v2/images/${community}`)).statusCode).toBe(403);
    const listed = async (query: string): Promise<string[]> =>
      (await bob('GET', `/v2/images${query}`)).json<{ images: { id: string }[] }>().images.map(({ id }) => id);
    expect(await listed('')).toContain(shown);
    expect(await listed('')).not.toContain(community);
    expect(await listed('?visibility=community')).toEqual([community]);
    expect(await listed('?visibility=all')).toEqual(expect.arrayContaining([shown, community]));
  });

  it('does not delete what is protected', async () => {
    const id = await make({ protected: true });
    const refused = await alice('DELETE', `/v2/images/${id}`);
    expect([refused.statusCode, refused.body]).toEqual([403, expect.stringContaining('is protected')]);
    await patch(id, [{ op: 'replace', path: '/protected', value: false }]);
    expect((await alice('DELETE', `/v2/images/${id}`)).statusCode).toBe(204);
    const again = await alice('DELETE', `/v2/images/${id}`);
    expect([again.statusCode, again.body]).toEqual([
      404,
      `404 Not Found\n\nFailed to find image ${id} to delete\n\n   `,
    ]);
  });

  it('removes the data of a deleted image', async () => {
    const id = await make({});
    await alice('PUT', `/v2/images/${id}/file`, 'hello', octets);
    expect(await readdir(glance.folder)).toContain(id);
    await alice('DELETE', `/v2/images/${id}`);
    expect(await readdir(glance.folder)).not.toContain(id);
  });

  it('forbids downloads of a deactivated image', async () => {
    const id = await make({});
    const early = await alice('POST', `/v2/images/${id}/actions/deactivate`);
    expect([early.statusCode, early.body]).toEqual([403, expect.stringContaining("in status 'queued'")]);
    await alice('PUT', `/v2/images/${id}/file`, 'hello', octets);
    for (const _twice of [1, 2])
      expect((await alice('POST', `/v2/images/${id}/actions/deactivate`)).statusCode).toBe(204);
    expect((await alice('GET', `/v2/images/${id}/file`)).statusCode).toBe(403);
    expect((await admin('GET', `/v2/images/${id}/file`)).body).toBe('hello');
    expect((await alice('POST', `/v2/images/${id}/actions/reactivate`)).statusCode).toBe(204);
    expect((await alice('GET', `/v2/images/${id}/file`)).body).toBe('hello');
  });

  it('wears tags', async () => {
    const id = await make({});
    for (const _twice of [1, 2]) expect((await alice('PUT', `/v2/images/${id}/tags/blue`)).statusCode).toBe(204);
    expect((await alice('GET', `/v2/images/${id}`)).json()).toMatchObject({ tags: ['blue'] });
    expect((await alice('DELETE', `/v2/images/${id}/tags/blue`)).statusCode).toBe(204);
    expect((await alice('DELETE', `/v2/images/${id}/tags/blue`)).statusCode).toBe(404);
  });

  it('publishes its schemas, stores and import methods', async () => {
    for (const name of ['image', 'images', 'member', 'members'])
      expect((await alice('GET', `/v2/schemas/${name}`)).json()).toMatchObject({ name });
    expect((await alice('GET', '/v2/info/stores')).json()).toEqual({
      stores: [
        { id: 'file', default: 'true' },
        { id: 'http', 'read-only': 'true' },
      ],
    });
    expect((await alice('GET', '/v2/info/import')).json()).toMatchObject({
      'import-methods': { value: ['glance-direct', 'web-download', 'copy-image'] },
    });
  });
});

describe('versions', () => {
  it('are shown to anybody', async () => {
    const root = await glance.app.fastify.inject({ url: '/', headers: { host: 'cloud:9292' } });
    expect(root.statusCode).toBe(300);
    const { versions } = root.json<{ versions: { id: string; status: string; links: unknown }[] }>();
    expect(versions[0]).toEqual({
      id: 'v2.15',
      status: 'CURRENT',
      links: [{ rel: 'self', href: 'http://cloud:9292/v2/' }],
    });
    expect(versions.map((version) => version.id).slice(-2)).toEqual(['v1.1', 'v1.0']);
    expect((await glance.app.fastify.inject('/versions')).statusCode).toBe(200);
    const nowhere = await alice('GET', '/v2/nosuch');
    expect([nowhere.statusCode, nowhere.body]).toEqual([
      404,
      '404 Not Found\n\nThe resource could not be found.\n\n   ',
    ]);
  });
});

describe('every route', () => {
  it('answers 401 without a token, and only version documents do without', async () => {
    for (const app of [glance.app, glance.registry])
      for (const { point, route } of app.mounted) {
        const url = (point.prefix + route.path).replace(/:(\w+)/g, 'x');
        const answer = await app.fastify.inject({ method: route.method, url });
        if (route.policy === null) expect(answer.statusCode, route.id).toBeLessThan(400);
        else expect(answer.statusCode, `${route.method} ${url}`).toBe(401);
      }
  });
});
