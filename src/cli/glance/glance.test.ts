import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { adminTenant, FakeCloud, manual } from '../testing/fake-cloud.ts';
import { humanSize } from './api.ts';
import { glanceClient } from './client.ts';

let cloud: FakeCloud;
let folder: string;
beforeAll(async () => {
  cloud = await FakeCloud.start();
  folder = await mkdtemp(join(tmpdir(), 'igloo-cli-glance-'));
});
afterAll(async () => {
  await cloud.stop();
  await rm(folder, { recursive: true, force: true });
});
beforeEach(() => cloud.reset());
const run = (...argv: string[]) => cloud.run(glanceClient, argv);
const printed = (id: string): string => `${manual[id]?.output}\n`;

const i386 = {
  id: '86f16760-0616-4c2e-899f-a1182260705a',
  name: 'cirros-0.3.3-i386',
  status: 'active',
  is_public: true,
  owner: adminTenant,
  protected: false,
  size: 12268032,
  virtual_size: null,
  checksum: '283c77db6fc79b2d47c585ec241e7edc',
  disk_format: 'qcow2',
  container_format: 'bare',
  min_disk: 0,
  min_ram: 0,
  created_at: '2014-10-15T12:25:50',
  updated_at: '2014-10-15T12:25:50',
  deleted_at: null,
  deleted: false,
  properties: {},
};
const x86 = { ...i386, id: 'b6c92772-f3d0-480d-ba90-0ad8c3669ea8', name: 'cirros-0.3.3-x86_64', size: 13200896 };
const headers = Object.fromEntries(
  Object.entries(i386)
    .filter(([name, value]) => value !== null && name !== 'properties')
    .map(([name, value]) => [
      `x-image-meta-${name}`,
      typeof value === 'boolean' ? (value ? 'True' : 'False') : String(value),
    ]),
);

describe('glance', () => {
  it('lists nothing as a header (M091), and images (M101)', async () => {
    cloud.answers.set('GET /image/v1/images/detail', { body: { images: [] } });
    expect((await run('image-list')).out).toBe(printed('M091'));
    expect(cloud.asked).toEqual(['GET /image/v1/images/detail?sort_key=name&sort_dir=asc&limit=20']);
    cloud.answers.set('GET /image/v1/images/detail', { body: { images: [i386, x86] } });
    expect((await run('image-list')).out).toBe(printed('M101'));
  });

  it('reads lists page by page', async () => {
    const query = '/image/v1/images/detail?sort_key=name&sort_dir=asc&limit=1';
    cloud.answers.set(`GET ${query}`, { body: { images: [i386] } });
    cloud.answers.set(`GET ${query}&marker=${i386.id}`, { body: { images: [x86] } });
    cloud.answers.set(`GET ${query}&marker=${x86.id}`, { body: { images: [] } });
    expect((await run('image-list', '--page-size', '1')).out).toBe(printed('M101'));
  });

  it('creates an image from standard input (M099)', async () => {
    cloud.answers.set('POST /image/v1/images', { status: 201, body: { image: i386 } });
    const argv = [
      'image-create',
      '--name=cirros-0.3.3-i386',
      '--container-format=bare',
      '--disk-format=qcow2',
      '--is-public=true',
    ];
    const { out, err } = await cloud.run(glanceClient, argv, { input: 'image data' });
    expect([err, out]).toEqual(['', printed('M099')]);
    expect(cloud.sent('POST')).toBe('image data');
    expect(cloud.seen.at(-1)?.headers).toMatchObject({
      'content-type': 'application/octet-stream',
      'content-length': '10',
      'x-image-meta-name': 'cirros-0.3.3-i386',
      'x-image-meta-container_format': 'bare',
      'x-image-meta-disk_format': 'qcow2',
      'x-image-meta-is_public': 'True',
      'x-image-meta-size': '10',
    });
  });

  it('creates an image from a file, with properties', async () => {
    const file = join(folder, 'image');
    await writeFile(file, 'from a file');
    cloud.answers.set('POST /image/v1/images', {
      status: 201,
      body: { image: { ...i386, properties: { os: 'linux' } } },
    });
    const { out } = await run('image-create', '--file', file, '--property', 'os=linux', '--is-protected', 'False');
    expect(out).toContain("| Property 'os'    | linux ");
    expect(cloud.sent('POST')).toBe('from a file');
    expect(cloud.seen.at(-1)?.headers).toMatchObject({
      'x-image-meta-property-os': 'linux',
      'x-image-meta-protected': 'False',
    });
  });

  it('shows an image found by name, from headers (M102)', async () => {
    cloud.answers.set('GET /image/v1/images/detail', { body: { images: [i386] } });
    cloud.answers.set(`HEAD /image/v1/images/${i386.id}`, { headers });
    expect((await run('image-show', 'cirros-0.3.3-i386')).out).toBe(printed('M102'));
    expect((await run('image-show', i386.id)).out).toBe(printed('M102'));
    expect((await run('image-show', '--human-readable', i386.id)).out).toContain('| 11.7MB');
  });

  it('updates, downloads and deletes', async () => {
    cloud.answers.set('GET /image/v1/images/detail', { body: { images: [i386] } });
    cloud.answers.set(`PUT /image/v1/images/${i386.id}`, { body: { image: i386 } });
    cloud.answers.set(`GET /image/v1/images/${i386.id}`, { body: 'the data' });
    cloud.answers.set(`DELETE /image/v1/images/${i386.id}`, {});
    expect((await run('image-update', '--name', 'new', 'cirros-0.3.3-i386')).status).toBe(0);
    expect(cloud.seen.at(-1)?.headers).toMatchObject({
      'x-image-meta-name': 'new',
      'x-glance-registry-purge-props': 'false',
    });
    expect((await run('image-download', 'cirros-0.3.3-i386')).out).toBe('the data');
    const file = join(folder, 'download');
    await run('image-download', '--file', file, 'cirros-0.3.3-i386');
    expect(await readFile(file, 'utf8')).toBe('the data');
    expect(await run('image-delete', 'cirros-0.3.3-i386')).toEqual({ status: 0, out: '', err: '' });
    expect((await run('-v', 'image-delete', 'cirros-0.3.3-i386')).out).toBe(
      'Requesting image delete for cirros-0.3.3-i386 ... [Done]\n',
    );
  });

  it('shares images (M103, M104)', async () => {
    const path = `/image/v1/images/${i386.id}/members/tenant-1`;
    cloud.answers.set('GET /image/v1/images/detail', { body: { images: [i386] } });
    cloud.answers.set(`PUT ${path}`, { status: 204 });
    cloud.answers.set(`DELETE ${path}`, { status: 204 });
    cloud.answers.set(`GET /image/v1/images/${i386.id}/members`, {
      body: { members: [{ member_id: 'tenant-1', can_share: false }] },
    });
    for (const word of ['member-create', 'member-delete'])
      expect(await run(word, 'cirros-0.3.3-i386', 'tenant-1')).toEqual({ status: 0, out: '', err: '' });
    expect((await run('member-list', '--image-id', i386.id)).out).toContain(`| ${i386.id} | tenant-1  |           |`);
  });

  it('fails in its own words', async () => {
    cloud.answers.set('GET /image/v1/images/detail', { body: { images: [] } });
    expect(await run('image-show', 'x')).toMatchObject({
      status: 1,
      err: "No image with a name or ID of 'x' exists.\n",
    });
    cloud.answers.set('POST /image/v1/images', { status: 403, body: '403 Forbidden\n\nYou may not.\n\n   ' });
    expect(await run('image-create', '--name', 'x')).toMatchObject({
      status: 1,
      err: '403 Forbidden\nYou may not. (HTTP 403)\n',
    });
    expect((await cloud.run(glanceClient, ['image-list'], { env: {} })).err).toBe(
      'You must provide a username via either --os-username or env[OS_USERNAME]\n',
    );
    expect((await run('--os-password', 'x', 'image-list')).err).toBe('Invalid OpenStack Identity credentials.\n');
  });

  it.each([
    [0, '0B'],
    [1023, '1023B'],
    [12268032, '11.7MB'],
    [2 ** 30, '1GB'],
  ])('prints %i bytes for people as %s', (size, text) => {
    expect(humanSize(size)).toBe(text);
  });
});
