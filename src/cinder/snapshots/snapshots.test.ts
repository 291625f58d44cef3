import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { cinderFixture, type CinderFixture } from '../testing/fixture.ts';

let cinder: CinderFixture;
let volumeId: string;
beforeEach(async () => {
  cinder = await cinderFixture();
  volumeId = (await cinder.volume({ size: 2 })).id;
});
afterEach(() => cinder.close());

const admin = 'demo/admin';
const server = '11111111-1111-4111-8111-111111111111';

describe('snapshots', () => {
  it('are made, shown, changed and deleted with the bodies of the reference', async () => {
    const body = { snapshot: { volume_id: volumeId, name: 's' } };
    const made = await cinder.request('POST', '/snapshots', { body });
    expect(made.status).toBe(202);
    const { id } = made.body.snapshot;
    const common = { id, name: 's', description: null, volume_id: volumeId, size: 2, metadata: {} };
    const at = { created_at: expect.any(String) };
    expect(made.body.snapshot).toEqual({ ...common, ...at, status: 'creating', updated_at: null });
    await cinder.settled();
    expect((await cinder.request('GET', `/snapshots/${id}`)).body.snapshot).toEqual({
      ...common,
      ...at,
      status: 'available',
      updated_at: expect.any(String),
      'os-extended-snapshot-attributes:progress': '100%',
      'os-extended-snapshot-attributes:project_id': 'demo',
    });
    const newest = (await cinder.request('GET', `/snapshots/${id}`, { version: '3.70' })).body.snapshot;
    expect(newest).toMatchObject({ user_id: 'user-of-demo', group_snapshot_id: null, consumes_quota: true });
    const old = (await cinder.request('GET', `/v1/demo/snapshots/${id}`)).body.snapshot;
    expect(Object.keys(old)).toEqual(expect.arrayContaining(['display_name', 'display_description']));
    expect(Object.keys(old)).not.toContain('updated_at');
    const changed = await cinder.request('PUT', `/snapshots/${id}`, { body: { snapshot: { name: 't' } } });
    expect(changed.body.snapshot).toMatchObject({ name: 't', status: 'available' });
    expect((await cinder.request('GET', `/snapshots/${id}`, { token: 'other' })).status).toBe(404);
    expect((await cinder.request('DELETE', `/snapshots/${id}`, { token: 'other' })).status).toBe(404);
    expect((await cinder.request('DELETE', `/snapshots/${id}`)).status).toBe(202);
    await cinder.settled();
    expect((await cinder.request('GET', `/snapshots/${id}`)).body.itemNotFound.message).toBe(
      `Snapshot ${id} could not be found.`,
    );
  });

  it('need force for a volume in use until 3.66', async () => {
    const attach = { 'os-attach': { instance_uuid: server, mountpoint: '/dev/vdb' } };
    await cinder.request('POST', `/volumes/${volumeId}/action`, { body: attach });
    const make = (snapshot: object, version: string) =>
      cinder.request('POST', '/snapshots', { body: { snapshot: { volume_id: volumeId, ...snapshot } }, version });
    expect((await make({}, '3.65')).body.badRequest.message).toBe(
      `Invalid volume: Volume ${volumeId} status must be available, but current status is: in-use.`,
    );
    expect((await make({ force: true }, '3.65')).status).toBe(202);
    expect((await make({}, '3.66')).status).toBe(202);
    expect((await make({ force: false }, '3.66')).status).toBe(400);
    expect((await make({ volume_id: server }, '3.66')).status).toBe(404);
    expect((await cinder.request('POST', '/snapshots', { body: { snapshot: {} } })).status).toBe(400);
  });

  it('are listed by page, order and filter', async () => {
    const ids: string[] = [];
    for (const name of ['a', 'b', 'c']) ids.push((await cinder.snapshot(volumeId, { name, metadata: { n: name } })).id);
    const names = async (query: string) => {
      const { body } = await cinder.request('GET', `/snapshots/detail?${query}`, { version: '3.70' });
      return body.snapshots?.map((one: { name: string }) => one.name) ?? body.badRequest.message;
    };
    expect(await names('')).toEqual(['c', 'b', 'a']);
    expect(await names('sort=name:asc&limit=2')).toEqual(['a', 'b']);
    expect(await names(`sort=name:asc&marker=${ids[1]}`)).toEqual(['c']);
    expect(await names('offset=2&limit=3')).toEqual(['a']);
    expect(await names("metadata={'n':'b'}")).toEqual(['b']);
    expect(await names('name~=C&status=available')).toEqual(['c']);
    expect(await names('availability_zone=nova&name=a')).toEqual(['a']);
    expect(await names('availability_zone=mars')).toEqual([]);
    expect(await names('limit=-1')).toBe('limit must be >= 0');
    expect((await cinder.request('GET', `/snapshots?marker=${server}`)).status).toBe(404);
    const mine = await cinder.request('GET', '/snapshots/detail', { token: 'other' });
    expect(mine.body.snapshots).toEqual([]);
  });

  it('let administrators say how they are', async () => {
    const { id } = await cinder.snapshot(volumeId);
    const act = (body: object, token = 'demo') => cinder.request('POST', `/snapshots/${id}/action`, { body, token });
    expect((await act({ 'os-reset_status': { status: 'creating' } })).status).toBe(403);
    expect((await act({ 'os-reset_status': { status: 'creating' } }, admin)).status).toBe(202);
    expect((await act({ 'os-update_snapshot_status': { status: 'deleting' } })).status).toBe(400);
    const report = { 'os-update_snapshot_status': { status: 'error', progress: '80%' } };
    expect((await act(report)).status).toBe(202);
    expect((await act(report)).body.badRequest.message).toBe(
      'Snapshot status error not allowed for update_snapshot_status',
    );
    expect((await cinder.request('GET', `/snapshots/${id}`)).body.snapshot).toMatchObject({
      status: 'error',
      'os-extended-snapshot-attributes:progress': '80%',
    });
    await act({ 'os-reset_status': { status: 'deleting' } }, admin);
    expect((await act({ 'os-force_delete': {} }, admin)).status).toBe(202);
    await cinder.settled();
    expect((await cinder.request('GET', `/snapshots/${id}`)).status).toBe(404);
  });

  it('carry metadata', async () => {
    const { id } = await cinder.snapshot(volumeId);
    const url = `/snapshots/${id}/metadata`;
    expect((await cinder.request('POST', url, { body: { metadata: { a: 'b' } } })).body).toEqual({
      metadata: { a: 'b' },
    });
    expect((await cinder.request('PUT', `${url}/a`, { body: { meta: { a: 'c' } } })).body).toEqual({
      meta: { a: 'c' },
    });
    expect((await cinder.request('DELETE', `${url}/a`)).status).toBe(200);
    expect((await cinder.request('GET', url)).body).toEqual({ metadata: {} });
    expect((await cinder.request('GET', url, { token: 'other' })).status).toBe(404);
  });
});
