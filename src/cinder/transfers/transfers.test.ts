import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { cinderFixture, type CinderFixture } from '../testing/fixture.ts';

let cinder: CinderFixture;
beforeEach(async () => {
  cinder = await cinderFixture();
});
afterEach(() => cinder.close());

const ask = (method: string, url: string, body?: object, token = 'demo', version = '3.70') =>
  cinder.request(method, url, { body, token, version });

describe('volume transfers', () => {
  it.each(['/os-volume-transfer', '/volume-transfers'])('hand a volume over by %s', async (path) => {
    const { id } = await cinder.volume();
    const { id: snapshotId } = await cinder.snapshot(id);
    const made = await ask('POST', path, { transfer: { volume_id: id, name: 't' } });
    expect(made.status).toBe(202);
    const { transfer } = made.body;
    expect(transfer).toMatchObject({ volume_id: id, name: 't', auth_key: expect.stringMatching(/^[0-9a-f]{16}$/) });
    expect('no_snapshots' in transfer).toBe(path === '/volume-transfers');
    expect((await ask('GET', `/volumes/${id}`)).body.volume.status).toBe('awaiting-transfer');
    expect((await ask('POST', path, { transfer: { volume_id: id } })).status).toBe(400);
    expect((await ask('GET', `${path}/${transfer.id}`, undefined, 'other')).status).toBe(404);
    expect((await ask('GET', `${path}/detail`, undefined, 'other')).body.transfers).toEqual([]);
    expect((await ask('GET', `${path}/${transfer.id}`)).body.transfer).not.toHaveProperty('auth_key');
    expect((await ask('GET', path)).body.transfers).toMatchObject([{ id: transfer.id, volume_id: id }]);
    const accept = (key: string) =>
      ask('POST', `${path}/${transfer.id}/accept`, { accept: { auth_key: key } }, 'other');
    expect((await accept('0000')).status).toBe(400);
    expect((await accept(transfer.auth_key)).body.transfer).toMatchObject({ id: transfer.id, volume_id: id });
    expect((await accept(transfer.auth_key)).status).toBe(404);
    expect((await ask('GET', `/volumes/${id}`)).status).toBe(404);
    expect((await ask('GET', `/volumes/${id}`, undefined, 'other')).body.volume).toMatchObject({
      status: 'available',
      user_id: 'user-of-other',
      'os-vol-tenant-attr:tenant_id': 'other',
    });
    const owner = path === '/volume-transfers' ? 'other' : 'demo';
    expect((await ask('GET', `/snapshots/${snapshotId}`, undefined, owner)).status).toBe(200);
  });

  it('are withdrawn, and count against the quota of who takes', async () => {
    const { id } = await cinder.volume();
    const offer = async () => (await ask('POST', '/volume-transfers', { transfer: { volume_id: id } })).body.transfer;
    const first = await offer();
    expect((await ask('DELETE', `/volume-transfers/${first.id}`, undefined, 'other')).status).toBe(404);
    expect((await ask('DELETE', `/volume-transfers/${first.id}`)).status).toBe(202);
    expect((await ask('GET', `/volumes/${id}`)).body.volume.status).toBe('available');
    await ask('PUT', '/os-quota-sets/other', { quota_set: { volumes: 0 } }, 'demo/admin');
    const second = await offer();
    const body = { accept: { auth_key: second.auth_key } };
    const answer = await ask('POST', `/volume-transfers/${second.id}/accept`, body, 'other');
    expect(answer.status).toBe(413);
    expect((await ask('GET', `/volumes/${id}`)).body.volume.status).toBe('awaiting-transfer');
  });
});
