import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { as, glanceFixture, octets, type GlanceFixture } from '../testing/fixture.ts';

let glance: GlanceFixture;
let server: Server;
let base: string;
const data = Buffer.from('image data '.repeat(1000));
beforeAll(async () => {
  glance = await glanceFixture({ moreStores: ['second', 'third'] });
  server = createServer((request, response) => {
    if (request.url === '/there') return void response.end(data);
    if (request.url === '/short') {
      response.setHeader('content-length', data.length);
      response.write(data.subarray(0, 100));
      return void setImmediate(() => response.destroy());
    }
    response.statusCode = 404;
    response.end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(async () => {
  server.close();
  await glance.close();
});

const who = (name: string) => as(glance.app, name);
const formats = { disk_format: 'raw', container_format: 'bare' };
async function make(more: object = formats): Promise<string> {
  const { id } = (await who('alice')('POST', '/v2/images', { name: 'i', ...more })).json();
  return id as string;
}
const show = async (id: string) => (await who('alice')('GET', `/v2/images/${id}`)).json();
const importIt = (id: string, method: object, more: object = {}, name = 'alice') =>
  who(name)('POST', `/v2/images/${id}/import`, { method, ...more });
const stage = (id: string) => who('alice')('PUT', `/v2/images/${id}/stage`, data, octets);
const partsIn = async (folder: string) => (await readdir(join(glance.folder, folder))).length;

describe('web-download', () => {
  it('fetches the data, and the task tells', async () => {
    const id = await make();
    const accepted = await importIt(id, { name: 'web-download', uri: `${base}/there` });
    expect(accepted.statusCode).toBe(202);
    await glance.operations.idle();
    expect(await show(id)).toMatchObject({
      status: 'active',
      size: data.length,
      stores: 'file',
      os_glance_importing_to_stores: '',
      os_glance_failed_import: '',
    });
    expect((await who('alice')('GET', `/v2/images/${id}/tasks`)).json().tasks).toMatchObject([
      {
        type: 'api_image_import',
        status: 'success',
        owner: 'alice',
        image_id: id,
        request_id: accepted.headers['x-openstack-request-id'],
        input: { import_req: { method: { name: 'web-download' } } },
      },
    ]);
  });

  it.each(['/nowhere', '/short'])('of %s leaves the image queued and says which stores failed', async (path) => {
    const id = await make();
    await importIt(id, { name: 'web-download', uri: base + path }, { stores: ['second', 'third'] });
    await glance.operations.idle();
    expect(await show(id)).toMatchObject({
      status: 'queued',
      size: null,
      os_glance_importing_to_stores: '',
      os_glance_failed_import: 'second,third',
    });
    const { tasks } = (await who('alice')('GET', `/v2/images/${id}/tasks`)).json();
    expect(tasks).toMatchObject([{ status: 'failure', message: expect.stringMatching(/./) }]);
    await importIt(id, { name: 'web-download', uri: `${base}/there` });
    await glance.operations.idle();
    expect(await show(id)).toMatchObject({ status: 'active', os_glance_failed_import: '' });
  });

  it('of a host without an address fails at once', async () => {
    const id = await make();
    await importIt(id, { name: 'web-download', uri: 'http://does-not.exist.invalid/x' });
    await glance.operations.idle();
    expect(await show(id)).toMatchObject({ status: 'queued', os_glance_failed_import: 'file' });
  });
});

describe('glance-direct', () => {
  it('takes staged data into all stores', async () => {
    const id = await make();
    expect((await stage(id)).statusCode).toBe(204);
    expect(await show(id)).toMatchObject({ status: 'uploading', size: null });
    expect((await stage(id)).statusCode).toBe(409);
    expect((await importIt(id, { name: 'glance-direct' }, { all_stores: true })).statusCode).toBe(202);
    await glance.operations.idle();
    expect(await show(id)).toMatchObject({ status: 'active', stores: 'file,second,third', size: data.length });
    expect(await partsIn('.staging')).toBe(0);
    expect((await who('alice')('GET', `/v2/images/${id}/file`)).rawPayload).toEqual(data);
    await rm(join(glance.folder, id)); // the first store has lost it
    expect((await who('alice')('GET', `/v2/images/${id}/file`)).rawPayload).toEqual(data);
    expect((await who('alice')('DELETE', `/v2/images/${id}`)).statusCode).toBe(204);
    expect(await readdir(join(glance.folder, '.second'))).not.toContain(id);
  });

  it('leaves nothing of data that is refused, and of an image that is deleted before', async () => {
    const id = await make({ ...formats, disk_format: 'qcow2' });
    await stage(id);
    await importIt(id, { name: 'glance-direct' });
    await glance.operations.idle();
    expect(await show(id)).toMatchObject({ status: 'queued', os_glance_failed_import: 'file' });
    const second = await make();
    await stage(second);
    expect((await who('alice')('DELETE', `/v2/images/${second}`)).statusCode).toBe(204);
    expect(await partsIn('.staging')).toBe(0);
  });
});

describe('copy-image', () => {
  it('fills the stores that lack the data; one of them can be emptied again', async () => {
    const id = await make();
    await who('alice')('PUT', `/v2/images/${id}/file`, data, octets);
    expect((await importIt(id, { name: 'copy-image' }, { all_stores: true })).statusCode).toBe(403);
    expect((await importIt(id, { name: 'copy-image' }, { all_stores: true }, 'admin')).statusCode).toBe(202);
    await glance.operations.idle();
    expect(await show(id)).toMatchObject({ status: 'active', stores: 'file,second,third' });
    const remove = (store: string, name = 'alice') => who(name)('DELETE', `/v2/stores/${store}/${id}`);
    expect((await remove('second', 'bob')).statusCode).toBe(404);
    expect((await remove('second')).statusCode).toBe(204);
    expect((await remove('second')).statusCode).toBe(404);
    expect((await remove('third')).statusCode).toBe(204);
    expect((await remove('file')).statusCode).toBe(403);
    expect((await who('alice')('GET', `/v2/images/${id}/file`)).rawPayload).toEqual(data);
  });

  it('takes back what it copied when one store fails, unless told otherwise', async () => {
    const id = await make();
    await who('alice')('PUT', `/v2/images/${id}/file`, data, octets);
    await rm(join(glance.folder, '.third'), { recursive: true });
    await importIt(id, { name: 'copy-image' }, { stores: ['second', 'third'] }, 'admin');
    await glance.operations.idle();
    expect(await show(id)).toMatchObject({
      status: 'active',
      stores: 'file',
      os_glance_failed_import: 'second,third',
    });
    const some = { stores: ['third', 'second'], all_stores_must_succeed: false };
    await importIt(id, { name: 'copy-image' }, some, 'admin');
    await glance.operations.idle();
    expect(await show(id)).toMatchObject({ stores: 'file,second', os_glance_failed_import: 'third' });
  });
});

describe('an import', () => {
  it.each([
    [{ name: 'carrier-pigeon' }, {}, 400, 'Unknown import method name'],
    [{ name: 'web-download' }, {}, 400, "The 'uri' parameter is required"],
    [{ name: 'web-download', uri: 'ftp://x/y' }, {}, 400, 'No store handles'],
    [{ name: 'web-download', uri: 'http://169.254.169.254/' }, {}, 400, 'this host is not allowed'],
    [{ name: 'web-download', uri: 'http://x/' }, { stores: ['nope'] }, 400, 'There is no store "nope"'],
    [{ name: 'web-download', uri: 'http://x/' }, { stores: ['file'], all_stores: true }, 400, 'All_stores parameter'],
    [{ name: 'glance-direct' }, {}, 409, 'Image needs to be staged'],
    [{ name: 'copy-image' }, {}, 403, 'not authorized'],
  ])('is refused: %j %j', async (method, more, status, words) => {
    const id = await make();
    const refused = await importIt(id, method, more);
    expect([refused.statusCode, refused.body]).toEqual([status, expect.stringContaining(words)]);
    expect(await show(id)).toMatchObject({ status: 'queued' });
  });

  it('wants formats, and an image that is not empty of id', async () => {
    const id = await make({});
    expect((await importIt(id, { name: 'web-download', uri: `${base}/there` })).statusCode).toBe(400);
    expect((await who('alice')('GET', '/v2/images/')).statusCode).toBe(404);
  });
});

describe('an import that a stop of glance-api cuts off', () => {
  it('is finished by the next start', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'igloo-import-'));
    const asked = Promise.withResolvers<void>();
    let hangs = true;
    const slow = createServer((_request, response) => {
      if (!hangs) return void response.end(data);
      response.write(data.subarray(0, 10));
      asked.resolve();
    });
    await new Promise<void>((resolve) => slow.listen(0, '127.0.0.1', resolve));
    const uri = `http://127.0.0.1:${(slow.address() as AddressInfo).port}/`;
    const before = await glanceFixture({ folder });
    const { id } = (await as(before.app, 'alice')('POST', '/v2/images', formats)).json();
    await as(before.app, 'alice')('POST', `/v2/images/${id}/import`, { method: { name: 'web-download', uri } });
    await asked.promise;
    expect((await as(before.app, 'alice')('GET', `/v2/images/${id}`)).json()).toMatchObject({
      status: 'importing',
      os_glance_importing_to_stores: 'file',
    });
    await before.close();
    hangs = false;
    const after = await glanceFixture({ folder });
    await after.images.recover('here');
    expect(await after.operations.resume()).toBe(1);
    await after.operations.idle();
    expect((await as(after.app, 'alice')('GET', `/v2/images/${id}`)).json()).toMatchObject({
      status: 'active',
      size: data.length,
      os_glance_importing_to_stores: '',
    });
    await after.close();
    slow.close();
    slow.closeAllConnections();
    await rm(folder, { recursive: true });
  });
});

describe('tasks', () => {
  it('make images for administrators', async () => {
    const input = { import_from: `${base}/there`, import_from_format: 'raw', image_properties: { name: 'by task' } };
    expect((await who('alice')('POST', '/v2/tasks', { type: 'import', input })).statusCode).toBe(403);
    expect((await who('admin')('POST', '/v2/tasks', { type: 'export', input })).statusCode).toBe(400);
    const made = await who('admin')('POST', '/v2/tasks', { type: 'import', input });
    expect([made.statusCode, made.json().status]).toEqual([201, 'processing']);
    await glance.operations.idle();
    const task = (await who('admin')('GET', made.json().self)).json();
    expect(task).toMatchObject({ status: 'success', expires_at: expect.stringMatching(/Z$/), input });
    const image = (await who('admin')('GET', `/v2/images/${task.result.image_id}`)).json();
    expect(image).toMatchObject({ name: 'by task', status: 'active' });
    const list = (await who('admin')('GET', '/v2/tasks?type=import&status=success&limit=1')).json();
    expect(list).toMatchObject({ tasks: [{ id: task.id }], schema: '/v2/schemas/tasks' });
    expect((await who('admin')('GET', list.next)).json().tasks).toEqual([]);
    expect((await who('admin')('GET', '/v2/tasks/nope')).statusCode).toBe(404);
    expect((await who('admin')('GET', '/v2/tasks?status=lazy')).statusCode).toBe(400);
    expect((await who('alice')('GET', '/v2/tasks')).statusCode).toBe(403);
  });
});
