import { createHash } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { FakeCloud } from '../testing/fake-cloud.ts';
import { glanceClient } from './client.ts';

let cloud: FakeCloud;
beforeAll(async () => {
  cloud = await FakeCloud.start();
});
afterAll(() => cloud.stop());
beforeEach(() => cloud.reset());
const run = (argv: readonly string[], input?: string) =>
  cloud.run(glanceClient, ['--os-image-api-version', '2', ...argv], input === undefined ? {} : { input });
const silent = { status: 0, out: '', err: '' };
const id = '86f16760-0616-4c2e-899f-a1182260705a';
const path = `/image/v2/images/${id}`;
const image = {
  id,
  name: 'n',
  tags: ['a'],
  protected: false,
  min_disk: 0,
  owner: null,
  kind: 'x',
  self: '/s',
  file: '/f',
  schema: '/x',
};

describe('glance, version 2', () => {
  it('lists page by page, narrowed by tags', async () => {
    cloud.answers.set('GET /image/v2/images', ({ url }) => ({
      body: url.includes('marker')
        ? { images: [{ id: 'b', name: null }] }
        : { images: [{ id: 'a', name: 'n' }], next: '/v2/images?marker=a' },
    }));
    const { out } = await run(['image-list', '--tag', 'x', '--tag', 'y', '--visibility', 'public', '--page-size', '1']);
    expect(out).toBe('+----+------+\n| ID | Name |\n+----+------+\n| a  | n    |\n| b  |      |\n+----+------+\n');
    expect(cloud.asked[0]).toBe('GET /image/v2/images?limit=1&visibility=public&tag=x&tag=y');
  });

  it('creates, and prints all but what only programs read', async () => {
    cloud.answers.set('POST /image/v2/images', { body: image });
    const { out } = await run([
      'image-create',
      '--name',
      'n',
      '--min-disk',
      '1',
      '--protected',
      'True',
      '--tags',
      'a',
      'b',
      '--property',
      'kind=x',
    ]);
    expect(cloud.sent('POST')).toEqual({ name: 'n', min_disk: 1, protected: true, tags: ['a', 'b'], kind: 'x' });
    expect(out).toMatch(/\| owner +\| None/);
    expect(out).toMatch(/\| tags +\| \[u'a'\]/);
    expect(out).not.toMatch(/schema|self/);
  });

  it('updates by a patch of what differs', async () => {
    cloud.answers.set(`GET ${path}`, { body: image });
    cloud.answers.set(`PATCH ${path}`, { body: image });
    await run([
      'image-update',
      id,
      '--name',
      'n',
      '--property',
      'new=1',
      '--property',
      'kind=y',
      '--remove-property',
      'a/b',
    ]);
    expect(cloud.sent('PATCH')).toEqual([
      { op: 'remove', path: '/a~1b' },
      { op: 'add', path: '/new', value: '1' },
      { op: 'replace', path: '/kind', value: 'y' },
    ]);
    expect(cloud.seen.find(({ method }) => method === 'PATCH')?.headers['content-type']).toBe(
      'application/openstack-images-v2.1-json-patch',
    );
  });

  it('uploads what is piped in, and checks what it downloads', async () => {
    cloud.answers.set(`PUT ${path}/file`, { status: 204 });
    expect(await run(['image-upload', id], 'data')).toEqual(silent);
    expect(cloud.sent('PUT')).toBe('data');
    expect((await run(['image-upload', id])).err).toContain('There is no data');
    const md5 = createHash('md5').update('data').digest('hex');
    cloud.answers.set(`GET ${path}/file`, { body: 'data', headers: { 'content-md5': md5 } });
    expect((await run(['image-download', id])).out).toBe('data');
    cloud.answers.set(`GET ${path}/file`, { body: 'date', headers: { 'content-md5': md5 } });
    expect(await run(['image-download', id])).toMatchObject({
      status: 1,
      err: expect.stringContaining('Corrupted image'),
    });
    cloud.answers.set(`GET ${path}/file`, { status: 204 });
    expect((await run(['image-download', id])).err).toBe(`Image ${id} has no data.\n`);
  });

  it('tags and shares', async () => {
    cloud.answers.set(`PUT ${path}/tags/a`, { status: 204 });
    cloud.answers.set(`GET ${path}`, { body: image });
    expect((await run(['image-tag-update', id, 'a'])).out).toContain(`| ${id} | [u'a'] |`);
    const member = { image_id: id, member_id: 't2', status: 'pending' };
    cloud.answers.set(`POST ${path}/members`, { body: member });
    expect((await run(['member-create', id, 't2'])).out).toContain(`| ${id} | t2        | pending |`);
    cloud.answers.set(`PUT ${path}/members/t2`, { body: { ...member, status: 'accepted' } });
    expect((await run(['member-update', id, 't2', 'accepted'])).out).toContain('accepted');
  });

  it('explains models', async () => {
    cloud.answers.set('GET /image/v2/schemas/image', {
      body: { properties: { id: { description: 'An identifier' } } },
    });
    expect((await run(['explain', 'image'])).out).toContain('| id        | An identifier |');
    expect((await run(['explain', 'x'])).err).toBe("Unable to find requested model 'x'\n");
  });
});

describe('glance, older commands', () => {
  const old = (...argv: string[]) => cloud.run(glanceClient, argv);
  it('print lines instead of tables, and delete only after a yes', async () => {
    const body = { images: [{ id, name: 'n', disk_format: 'raw', container_format: 'bare', size: 5, properties: {} }] };
    cloud.answers.set('GET /image/v1/images/detail', { body });
    expect((await old('index')).out.split('\n')[2]).toMatch(new RegExp(`^${id} n +raw +bare +5$`));
    expect((await old('delete', id)).out).toBe(`Not deleting image ${id}\n`);
    cloud.answers.set(`DELETE /image/v1/images/${id}`, { body: '' });
    expect(await cloud.run(glanceClient, ['delete', id], { secrets: ['yes'] })).toEqual(silent);
    expect(await old('-f', 'clear')).toEqual(silent);
    expect((await old('--dry-run', 'add', 'name=n', 'size=5')).out).toContain(
      'Found non-settable field size. Removing.',
    );
    cloud.answers.set('POST /image/v1/images', { body: { image: { id, properties: {} } } });
    expect((await old('add', 'name=n', 'location=http://x/', 'kind=y')).out).toBe(`Added new image with ID: ${id}\n`);
    expect(cloud.seen.at(-1)?.headers).toMatchObject({ 'x-image-meta-name': 'n', 'x-image-meta-property-kind': 'y' });
  });
});
