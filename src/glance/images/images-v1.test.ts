import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { as, glanceFixture, octets, type GlanceFixture } from '../testing/fixture.ts';

let glance: GlanceFixture;
let web: Server;
let webUrl: string;
let alice: ReturnType<typeof as>;
let bob: ReturnType<typeof as>;
let admin: ReturnType<typeof as>;
beforeAll(async () => {
  glance = await glanceFixture();
  [alice, bob, admin] = [as(glance.app, 'alice'), as(glance.app, 'bob'), as(glance.app, 'admin')];
  web = createServer((request, response) => {
    if (request.url === '/moved') return response.writeHead(302, { location: '/image' }).end();
    if (request.url !== '/image') return response.writeHead(404).end();
    response.writeHead(200, { 'content-length': '9' }).end(request.method === 'HEAD' ? undefined : 'from afar');
  });
  await new Promise<void>((resolve) => web.listen(0, '127.0.0.1', resolve));
  webUrl = `http://127.0.0.1:${(web.address() as AddressInfo).port}`;
});
afterAll(async () => {
  await new Promise((resolve) => web.close(resolve));
  await glance.close();
});

const meta = (fields: Record<string, string>): Record<string, string> =>
  Object.fromEntries(Object.entries(fields).map(([name, value]) => [`x-image-meta-${name}`, value]));
const raw = { disk_format: 'raw', container_format: 'bare' };

interface V1 {
  readonly image: Record<string, unknown> & { readonly id: string };
}
const make = async (
  fields: Record<string, string>,
  data: string | undefined = 'hello',
  who = alice,
): Promise<V1['image']> => {
  const made = await who('POST', '/v1/images', data, { ...meta({ ...raw, ...fields }), ...(data && octets) });
  expect(made.statusCode, made.body).toBe(201);
  return made.json<V1>().image;
};

describe('images v1', () => {
  it("answers a create with the manual's seventeen fields and the properties", async () => {
    const image = await make({ name: 'cirros', 'container-format': 'bare', is_public: 'true' }, 'hello', admin);
    expect(Object.keys(image).sort()).toEqual([
      'checksum',
      'container_format',
      'created_at',
      'deleted',
      'deleted_at',
      'disk_format',
      'id',
      'is_public',
      'min_disk',
      'min_ram',
      'name',
      'owner',
      'properties',
      'protected',
      'size',
      'status',
      'updated_at',
      'virtual_size',
    ]);
    expect(image).toMatchObject({
      checksum: '5d41402abc4b2a76b9719d911017c592',
      deleted: false,
      deleted_at: null,
      is_public: true,
      size: 5,
      status: 'active',
      virtual_size: null,
    });
    expect(image['created_at']).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/);
  });

  it('shows an image in headers, without those that are null', async () => {
    const { id } = await make({ name: 'cirros \u00c3\u00bc', 'property-os_type': 'linux', 'min-ram': '64' });
    const head = await alice('HEAD', `/v1/images/${id}`);
    expect(head.statusCode).toBe(200);
    expect(head.headers).toMatchObject({
      'x-image-meta-id': id,
      'x-image-meta-property-os_type': 'linux',
      'x-image-meta-is_public': 'False',
      'x-image-meta-size': '5',
      'x-image-meta-min_ram': '64',
      etag: '5d41402abc4b2a76b9719d911017c592',
    });
    expect(Buffer.from(String(head.headers['x-image-meta-name']), 'latin1').toString()).toBe('cirros \u00fc');
    expect(head.headers).not.toHaveProperty('x-image-meta-deleted_at');
    expect(head.headers).not.toHaveProperty('x-image-meta-virtual_size');
    const got = await alice('GET', `/v1/images/${id}`);
    expect([got.body, got.headers['content-length']]).toEqual(['hello', '5']);
  });

  it('lists briefly and in detail, sorted and filtered', async () => {
    const mine = await make({ name: 'zebra', 'property-kind': 'animal' });
    const found = async (query: string): Promise<unknown[]> =>
      (await alice('GET', `/v1/images${query}`)).json<{ images: { id: unknown }[] }>().images.map((image) => image.id);
    expect(await found('/detail?name=zebra')).toEqual([mine.id]);
    expect(await found('?property-kind=animal')).toEqual([mine.id]);
    expect(await found('?size_min=6')).toEqual([]);
    expect((await found('/detail?sort_key=name&sort_dir=asc&limit=20')).at(-1)).toBe(mine.id);
    expect(await found(`/detail?sort_key=name&sort_dir=asc&marker=${mine.id}`)).toEqual([]);
    const [brief] = (await alice('GET', '/v1/images?name=zebra')).json<{ images: object[] }>().images;
    expect(Object.keys(brief ?? {})).toEqual(['id', 'name', 'disk_format', 'container_format', 'size', 'checksum']);
    expect((await alice('GET', '/v1/images?marker=nope')).statusCode).toBe(400);
  });

  it('lets administrators choose whose images they list', async () => {
    const secret = await make({ name: 'secret' });
    const listed = async (query: string): Promise<unknown[]> =>
      (await admin('GET', `/v1/images/detail${query}`))
        .json<{ images: { id: unknown }[] }>()
        .images.map(({ id }) => id);
    expect(await listed('')).not.toContain(secret.id);
    expect(await listed('?is_public=False')).toContain(secret.id);
    expect(await listed('?is_public=None')).toContain(secret.id);
  });

  it('changes an image, purging properties unless told otherwise', async () => {
    const { id } = await make({ name: 'x', 'property-a': '1' });
    const keep = { ...meta({ 'property-b': '2' }), 'x-glance-registry-purge-props': 'false' };
    expect((await alice('PUT', `/v1/images/${id}`, undefined, keep)).json<V1>().image['properties']).toEqual({
      a: '1',
      b: '2',
    });
    const purged = await alice('PUT', `/v1/images/${id}`, undefined, meta({ name: 'y', 'property-c': '3' }));
    expect(purged.json<V1>().image).toMatchObject({ name: 'y', properties: { c: '3' } });
  });

  it('gives a queued image its data', async () => {
    const { id } = await make({ name: 'later' }, '');
    expect((await alice('GET', `/v1/images/${id}`)).statusCode).toBe(404);
    const filled = await alice('PUT', `/v1/images/${id}`, 'hello', octets);
    expect(filled.json<V1>().image).toMatchObject({ status: 'active', size: 5 });
    expect((await alice('PUT', `/v1/images/${id}`, 'again', octets)).statusCode).toBe(409);
  });

  it('kills an image whose size, sum or content is not as announced', async () => {
    for (const fields of [{ size: '6' }, { checksum: '0'.repeat(32) }, { disk_format: 'qcow2' }]) {
      const refused = await alice('POST', '/v1/images', 'hello', {
        ...meta({ ...raw, name: 'bad', ...fields }),
        ...octets,
      });
      expect(refused.statusCode).toBe(400);
    }
    const killed = (await alice('GET', '/v1/images/detail?name=bad')).json<{ images: { status: string }[] }>();
    expect(killed.images.map((image) => image.status)).toEqual(['killed', 'killed', 'killed']);
  });

  it('copies an image from a URL, in the background', async () => {
    const { id, status } = await (async () => {
      const made = await alice('POST', '/v1/images', undefined, {
        ...meta(raw),
        'x-glance-api-copy-from': `${webUrl}/moved`,
      });
      return made.json<V1>().image;
    })();
    expect(status).toBe('queued');
    await glance.operations.idle();
    expect((await alice('GET', `/v1/images/${id}`)).body).toBe('from afar');
    const missing = await alice('POST', '/v1/images', undefined, {
      ...meta(raw),
      'x-glance-api-copy-from': `${webUrl}/nothing`,
    });
    await glance.operations.idle();
    const head = await alice('HEAD', `/v1/images/${missing.json<V1>().image.id}`);
    expect(head.headers['x-image-meta-status']).toBe('killed');
  });

  it('serves an image from where it is', async () => {
    const image = await make({ location: `${webUrl}/image` }, '');
    expect(image).toMatchObject({ status: 'active', size: 9 });
    expect((await alice('GET', `/v1/images/${image.id}`)).body).toBe('from afar');
    expect((await alice('DELETE', `/v1/images/${image.id}`)).statusCode).toBe(200);
  });

  it.each([
    ['file:///etc/passwd', "External sourcing not supported for store 'file'"],
    ['ftp://x/y', 'No store handles locations'],
    ['http://169.254.169.254/latest', 'this host is not allowed'],
  ])('does not take the location %s', async (location, words) => {
    const refused = await alice('POST', '/v1/images', undefined, meta({ ...raw, location }));
    expect([refused.statusCode, refused.body]).toEqual([400, expect.stringContaining(words)]);
  });

  it.each([
    [{ disk_format: 'floppy' }, 400, "Invalid disk format 'floppy' for image."],
    [{ min_disk: 'x' }, 400, 'Cannot convert image min_disk'],
    [{ colour: 'x' }, 400, 'Bad header: x-image-meta-colour'],
    [{ is_public: 'true' }, 403, 'You are not authorized'],
    [{ store: 'http' }, 400, 'There is no store "http" that takes uploads'],
  ])('refuses %j', async (fields, status, words) => {
    const refused = await alice('POST', '/v1/images', 'x', { ...meta({ ...raw, ...fields }), ...octets });
    expect([refused.statusCode, refused.body]).toEqual([status, expect.stringContaining(words)]);
  });

  it('does not delete what is protected', async () => {
    const { id } = await make({ protected: 'True' });
    const refused = await alice('DELETE', `/v1/images/${id}`);
    expect([refused.statusCode, refused.body]).toEqual([403, '403 Forbidden\n\nImage is protected\n\n   ']);
  });

  it('keeps tenants apart', async () => {
    const { id } = await make({});
    for (const method of ['GET', 'HEAD', 'PUT', 'DELETE'] as const)
      expect((await bob(method, `/v1/images/${id}`)).statusCode).toBe(404);
  });

  it('shares with members', async () => {
    const { id } = await make({ name: 'shared' });
    expect((await alice('PUT', `/v1/images/${id}/members/bob`)).statusCode).toBe(204);
    expect((await alice('GET', `/v1/images/${id}/members`)).json()).toEqual({
      members: [{ member_id: 'bob', can_share: false }],
    });
    expect((await bob('GET', `/v1/images/${id}`)).body).toBe('hello');
    expect((await bob('GET', '/v1/shared-images/bob')).json()).toEqual({
      shared_images: [{ image_id: id, can_share: false }],
    });
    const memberships = [{ member_id: 'carol', can_share: true }];
    expect((await alice('PUT', `/v1/images/${id}/members`, { memberships })).statusCode).toBe(204);
    expect((await bob('GET', `/v1/images/${id}`)).statusCode).toBe(404);
    expect((await alice('DELETE', `/v1/images/${id}/members/carol`)).statusCode).toBe(204);
    expect((await alice('DELETE', `/v1/images/${id}/members/carol`)).statusCode).toBe(404);
  });
});

describe('the registry', () => {
  it('keeps images for a caller that keeps the data', async () => {
    const registry = as(glance.registry, 'admin');
    const body = {
      image: { name: 'r', ...raw, status: 'active', size: 7, location: 'file:///x', properties: { p: '1' } },
    };
    const made = await registry('POST', '/images', body);
    const { id } = made.json<V1>().image;
    expect(made.json<V1>().image).toMatchObject({ name: 'r', status: 'active', size: 7, properties: { p: '1' } });
    expect((await registry('GET', `/images/${id}`)).json<V1>().image).toMatchObject({ location: 'file:///x' });
    expect((await registry('PUT', `/images/${id}`, { image: { name: 's' } })).json<V1>().image['name']).toBe('s');
    const listed = (await registry('GET', '/images/detail?name=s')).json<{ images: object[] }>();
    expect(listed.images).toHaveLength(1);
    expect((await registry('DELETE', `/images/${id}`)).json<V1>().image).toMatchObject({ deleted: true });
    expect((await registry('GET', `/images/${id}`)).statusCode).toBe(404);
  });

  it('lets nobody else write where the data is', async () => {
    const registry = as(glance.registry, 'alice');
    const refused = await registry('POST', '/images', {
      image: { ...raw, status: 'active', location: 'file:///etc/passwd' },
    });
    expect(refused.statusCode).toBe(403);
  });
});
