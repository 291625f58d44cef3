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
const ask = (method: string, url: string, body?: object, token = 'demo', version = '3.70') =>
  cinder.request(method, url, { body, token, version });
const make = async (over: object = {}) => {
  const { backup } = (await ask('POST', '/backups', { backup: { volume_id: volumeId, name: 'b', ...over } })).body;
  await cinder.settled();
  return backup;
};

describe('backups', () => {
  it('are made, shown, changed and deleted', async () => {
    const made = await ask('POST', '/backups', { backup: { volume_id: volumeId, name: 'b', metadata: { k: 'v' } } });
    expect(made.status).toBe(202);
    const { id } = made.body.backup;
    expect(made.body.backup).toEqual({ id, name: 'b', links: expect.any(Array), metadata: { k: 'v' } });
    expect((await ask('GET', `/volumes/${volumeId}`)).body.volume.status).toBe('backing-up');
    await cinder.settled();
    const shown = (await ask('GET', `/backups/${id}`)).body.backup;
    expect(shown).toEqual({
      id,
      status: 'available',
      size: 2,
      object_count: 2,
      availability_zone: 'nova',
      container: null,
      created_at: expect.any(String),
      updated_at: expect.any(String),
      name: 'b',
      description: null,
      fail_reason: null,
      volume_id: volumeId,
      links: expect.any(Array),
      is_incremental: false,
      has_dependent_backups: false,
      snapshot_id: null,
      data_timestamp: expect.any(String),
      'os-backup-project-attr:project_id': 'demo',
      metadata: { k: 'v' },
      user_id: 'user-of-demo',
      encryption_key_id: null,
    });
    expect((await ask('GET', `/backups/${id}`, undefined, 'other')).status).toBe(404);
    expect((await ask('PUT', `/backups/${id}`, { backup: { name: 'c' } })).body.backup.name).toBe('c');
    const next = await make({ incremental: true });
    expect((await ask('GET', `/backups/${next.id}`)).body.backup.is_incremental).toBe(true);
    expect((await ask('DELETE', `/backups/${id}`)).body.badRequest.message).toBe(
      'Invalid backup: Incremental backups exist for this backup.',
    );
    expect((await ask('GET', '/backups/detail?name=c&with_count=true')).body).toMatchObject({
      count: 1,
      backups: [{ id, has_dependent_backups: true }],
    });
    for (const each of [next.id, id]) {
      expect((await ask('DELETE', `/backups/${each}`)).status).toBe(202);
      await cinder.settled();
    }
    expect((await ask('GET', '/backups')).body.backups).toEqual([]);
  });

  it('are restored into a volume, or a new one', async () => {
    const { id } = await make();
    const target = await cinder.volume({ size: 2 });
    const small = await cinder.volume({ size: 1 });
    const restore = (body: object) => ask('POST', `/backups/${id}/restore`, { restore: body });
    expect((await restore({ volume_id: small.id })).status).toBe(400);
    const answer = await restore({ volume_id: target.id });
    expect([answer.status, answer.body.restore]).toEqual([
      202,
      { backup_id: id, volume_id: target.id, volume_name: null },
    ]);
    expect((await ask('GET', `/volumes/${target.id}`)).body.volume.status).toBe('restoring-backup');
    expect((await restore({ volume_id: target.id })).status).toBe(400);
    await cinder.settled();
    let ended = false;
    const fresh = restore({ name: 'again' }).finally(() => (ended = true));
    while (!ended) {
      await cinder.settled();
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    expect((await fresh).body.restore.volume_name).toBe('again');
  });

  it('are exported, and imported where they are not known', async () => {
    const { id } = await make();
    expect((await ask('GET', `/backups/${id}/export_record`)).status).toBe(403);
    const record = (await ask('GET', `/backups/${id}/export_record`, undefined, admin)).body;
    expect((await ask('POST', '/backups/import_record', record, admin)).status).toBe(400);
    const elsewhere = await cinderFixture();
    try {
      const given = await elsewhere.request('POST', '/backups/import_record', { token: admin, body: record });
      expect([given.status, given.body.backup.id]).toEqual([201, id]);
      expect((await elsewhere.request('GET', `/backups/${id}`)).body.backup).toMatchObject({
        size: 2,
        object_count: 2,
      });
    } finally {
      await elsewhere.close();
    }
    const bad = { 'backup-record': { backup_service: 'x', backup_url: 'bm9uc2Vuc2U=' } };
    expect((await ask('POST', '/backups/import_record', bad, admin)).status).toBe(400);
  });

  it('count against the quota, and need a cinder-backup', async () => {
    await ask('PUT', '/os-quota-sets/demo', { quota_set: { backups: 1 } }, admin);
    await make();
    const over = await ask('POST', '/backups', { backup: { volume_id: volumeId } });
    expect(over.body.overLimit.message).toBe('BackupLimitExceeded: Maximum number of backups allowed (1) exceeded');
    const alone = await cinderFixture({ daemons: false });
    try {
      const { volume } = (await alone.request('POST', '/volumes', { body: { volume: { size: 1 } } })).body;
      const answer = await alone.request('POST', '/backups', { body: { backup: { volume_id: volume.id } } });
      expect(answer.body.serviceUnavailable.message).toBe('Service cinder-backup could not be found.');
    } finally {
      await alone.close();
    }
  });
});
