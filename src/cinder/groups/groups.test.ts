import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { cinderFixture, type CinderFixture } from '../testing/fixture.ts';

let cinder: CinderFixture;
let typeId: string;
beforeEach(async () => {
  cinder = await cinderFixture();
  typeId = (await ask('POST', '/types', { volume_type: { name: 'vt' } }, admin)).body.volume_type.id;
});
afterEach(() => cinder.close());

const admin = 'demo/admin';
const ask = (method: string, url: string, body?: object, token = 'demo', version = '3.70') =>
  cinder.request(method, url, { body, token, version });
const make = async (name = 'g') => {
  const [kind] = (await ask('GET', '/group_types')).body.group_types;
  const answer = await ask('POST', '/groups', { group: { name, group_type: kind.id, volume_types: [typeId] } });
  expect(answer.status).toBe(202);
  return answer.body.group as { id: string };
};

describe('groups', () => {
  it('are made, filled, changed and deleted with their volumes', async () => {
    const { id } = await make();
    expect((await ask('GET', `/groups/${id}`)).body.group).toMatchObject({
      status: 'available',
      volume_types: [typeId],
      availability_zone: 'nova',
      group_snapshot_id: null,
      replication_status: 'disabled',
    });
    const one = await cinder.volume({ volume_type: typeId, group_id: id });
    expect(one['group_id']).toBe(id);
    expect((await ask('POST', '/volumes', { volume: { size: 1, group_id: id } })).status).toBe(400);
    expect((await ask('DELETE', `/volumes/${one.id}`)).status).toBe(400);
    const two = await cinder.volume({ volume_type: typeId });
    const put = (group: object) => ask('PUT', `/groups/${id}`, { group });
    expect((await put({})).status).toBe(400);
    expect((await put({ name: 'n', add_volumes: two.id, remove_volumes: one.id })).status).toBe(202);
    expect((await ask('GET', `/groups/${id}?list_volume=true`)).body.group).toMatchObject({
      name: 'n',
      volumes: [two.id],
    });
    expect((await ask('GET', `/groups/${id}`, undefined, 'other')).status).toBe(404);
    const remove = (all: boolean) => ask('POST', `/groups/${id}/action`, { delete: { 'delete-volumes': all } });
    expect((await remove(false)).status).toBe(400);
    expect((await remove(true)).status).toBe(202);
    expect((await ask('GET', `/groups/${id}`)).body.group.status).toBe('deleting');
    await cinder.settled();
    expect((await ask('GET', `/groups/${id}`)).status).toBe(404);
    expect((await ask('GET', `/volumes/${two.id}`)).status).toBe(404);
    expect((await ask('GET', '/groups/detail')).body).toEqual({ groups: [] });
  });

  it('are snapshotted and copied', async () => {
    const { id } = await make();
    const volume = await cinder.volume({ volume_type: typeId, group_id: id });
    const taken = await ask('POST', '/group_snapshots', { group_snapshot: { group_id: id, name: 'gs' } });
    expect(taken.status).toBe(202);
    const snapshot = taken.body.group_snapshot;
    expect((await ask('GET', `/group_snapshots/${snapshot.id}`)).body.group_snapshot.status).toBe('creating');
    await cinder.settled();
    expect((await ask('GET', '/group_snapshots/detail')).body.group_snapshots).toMatchObject([
      { id: snapshot.id, group_id: id, status: 'available' },
    ]);
    const [part] = (await ask('GET', `/snapshots?volume_id=${volume.id}`)).body.snapshots;
    expect((await ask('DELETE', `/snapshots/${part.id}`)).status).toBe(400);
    for (const source of [{ group_snapshot_id: snapshot.id }, { source_group_id: id }]) {
      const copy = await ask('POST', '/groups/action', { 'create-from-src': { name: 'copy', ...source } });
      expect(copy.status).toBe(202);
      const url = `/groups/${copy.body.group.id}`;
      expect((await ask('GET', url)).body.group.status).toBe('creating');
      await cinder.settled();
      expect((await ask('GET', url)).body.group.status).toBe('available');
      const { volumes } = (await ask('GET', `/volumes/detail?group_id=${copy.body.group.id}`)).body;
      expect(volumes).toHaveLength(1);
    }
    expect((await ask('DELETE', `/group_snapshots/${snapshot.id}`)).status).toBe(202);
    await cinder.settled();
    expect((await ask('GET', `/group_snapshots/${snapshot.id}`)).status).toBe(404);
  });

  it('keep the status that an administrator has set', async () => {
    const { id } = await make();
    for (const status of ['creating', 'error', 'available']) {
      expect((await ask('POST', `/groups/${id}/action`, { reset_status: { status } })).status).toBe(403);
      expect((await ask('POST', `/groups/${id}/action`, { reset_status: { status } }, admin)).status).toBe(202);
      expect((await ask('GET', `/groups/${id}`)).body.group.status).toBe(status);
    }
  });
});

describe('group types', () => {
  it('are made, changed and deleted by administrators', async () => {
    const body = { group_type: { name: 't', description: 'd', group_specs: { a: '1' }, is_public: true } };
    expect((await ask('POST', '/group_types', body)).status).toBe(403);
    const { group_type: type } = (await ask('POST', '/group_types', body, admin)).body;
    expect(type).toMatchObject({ name: 't', group_specs: { a: '1' }, is_public: true });
    expect((await ask('POST', '/group_types', body, admin)).status).toBe(409);
    const url = `/group_types/${type.id}`;
    const specs = `${url}/group_specs`;
    expect((await ask('POST', specs, { group_specs: { b: '2' } }, admin)).status).toBe(202);
    expect((await ask('PUT', `${specs}/b`, { b: '3' }, admin)).body).toEqual({ b: '3' });
    expect((await ask('GET', specs, undefined, admin)).body).toEqual({ group_specs: { a: '1', b: '3' } });
    expect((await ask('DELETE', `${specs}/b`, undefined, admin)).status).toBe(202);
    expect((await ask('GET', `${specs}/b`, undefined, admin)).status).toBe(404);
    expect((await ask('PUT', url, { group_type: { name: 'u', is_public: false } }, admin)).status).toBe(200);
    expect((await ask('GET', url)).status).toBe(404);
    expect((await ask('GET', '/group_types?is_public=False', undefined, admin)).body.group_types).toHaveLength(1);
    expect((await ask('DELETE', url, undefined, admin)).status).toBe(202);
    expect((await ask('GET', '/group_types', undefined, 'demo', '3.10')).status).toBe(404);
  });
});
