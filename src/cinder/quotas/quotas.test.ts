import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { cinderFixture, type CinderFixture } from '../testing/fixture.ts';

let cinder: CinderFixture;
beforeEach(async () => {
  cinder = await cinderFixture();
});
afterEach(() => cinder.close());

const admin = 'demo/admin';
const ask = (method: string, url: string, body?: object, token = admin, version = '3.70') =>
  cinder.request(method, url, { body, token, version });

describe('quotas', () => {
  it('hold when thirty requests come at once, and nothing drifts', async () => {
    const answers = await Promise.all(
      Array.from({ length: 30 }, () => ask('POST', '/volumes', { volume: { size: 1 } }, 'demo')),
    );
    const statuses = answers.map((answer) => answer.status);
    expect(statuses.filter((status) => status === 202)).toHaveLength(10);
    expect(statuses.filter((status) => status === 413)).toHaveLength(20);
    expect(answers.find((answer) => answer.status === 413)?.body).toEqual({
      overLimit: {
        code: 413,
        message: "VolumeLimitExceeded: Maximum number of volumes allowed (10) exceeded for quota 'volumes'.",
        retryAfter: '0',
      },
    });
    await cinder.settled();
    const { volumes } = (await ask('GET', '/volumes', undefined, 'demo')).body;
    for (const { id } of volumes) await ask('DELETE', `/volumes/${id}`, undefined, 'demo');
    await cinder.settled();
    expect((await ask('GET', '/limits', undefined, 'demo')).body).toEqual({
      limits: {
        rate: [],
        absolute: {
          maxTotalVolumes: 10,
          maxTotalSnapshots: 10,
          maxTotalVolumeGigabytes: 1000,
          maxTotalBackups: 10,
          maxTotalBackupGigabytes: 1000,
          totalVolumesUsed: 0,
          totalGigabytesUsed: 0,
          totalSnapshotsUsed: 0,
          totalBackupsUsed: 0,
          totalBackupGigabytesUsed: 0,
        },
      },
    });
  });

  it('count volumes, snapshots and types', async () => {
    await ask('POST', '/types', { volume_type: { name: 'fast' } });
    const { id } = await cinder.volume({ size: 3, volume_type: 'fast' });
    await cinder.snapshot(id);
    const { quota_set: set } = (await ask('GET', '/os-quota-sets/demo?usage=true', undefined, 'demo')).body;
    expect(set).toMatchObject({
      id: 'demo',
      volumes: { limit: 10, in_use: 1, reserved: 0 },
      gigabytes: { limit: 1000, in_use: 6, reserved: 0 },
      snapshots: { limit: 10, in_use: 1, reserved: 0 },
      volumes_fast: { limit: -1, in_use: 1, reserved: 0 },
      gigabytes_fast: { limit: -1, in_use: 6, reserved: 0 },
      snapshots_fast: { limit: -1, in_use: 1, reserved: 0 },
      groups: { limit: 10, in_use: 0, reserved: 0 },
    });
    expect(Object.keys(set)).toEqual([
      ...['volumes', 'per_volume_gigabytes', 'snapshots', 'gigabytes', 'backups', 'backup_gigabytes'],
      ...['volumes___DEFAULT__', 'gigabytes___DEFAULT__', 'snapshots___DEFAULT__'],
      ...['volumes_fast', 'gigabytes_fast', 'snapshots_fast', 'groups', 'id'],
    ]);
    await ask('PUT', '/os-quota-sets/demo', { quota_set: { gigabytes_fast: 6, snapshots: 1 } });
    const more = await ask('POST', '/volumes', { volume: { size: 1, volume_type: 'fast' } }, 'demo');
    expect(more.body.overLimit.message).toBe(
      'VolumeSizeExceedsAvailableQuota: Requested volume or snapshot exceeds allowed gigabytes_fast quota. Requested 1G, quota is 6G and 6G has been consumed.',
    );
    await ask('PUT', '/os-quota-sets/demo', { quota_set: { gigabytes_fast: -1 } });
    const snapshot = await ask('POST', '/snapshots', { snapshot: { volume_id: id } }, 'demo');
    expect(snapshot.body.overLimit.message).toBe(
      'SnapshotLimitExceeded: Maximum number of snapshots allowed (1) exceeded',
    );
    await ask('PUT', '/os-quota-sets/demo', { quota_set: { per_volume_gigabytes: 2 } });
    expect((await ask('POST', '/volumes', { volume: { size: 3 } }, 'demo')).body.overLimit.message).toContain(
      'larger than maximum allowed limit 2',
    );
  });

  it('are changed, defaulted and dropped by administrators only', async () => {
    expect((await ask('PUT', '/os-quota-sets/demo', { quota_set: { volumes: 5 } }, 'demo')).status).toBe(403);
    const changed = (await ask('PUT', '/os-quota-sets/demo', { quota_set: { volumes: '5', groups: 1 } })).body;
    expect(changed.quota_set).toMatchObject({ volumes: 5, groups: 1 });
    expect(changed.quota_set).not.toHaveProperty('id');
    expect((await ask('PUT', '/os-quota-sets/demo', { quota_set: { nosuch: 5 } })).body.badRequest.message).toBe(
      'Bad key(s) in quota set: nosuch',
    );
    expect((await ask('PUT', '/os-quota-sets/demo', { quota_set: { volumes: -2 } })).status).toBe(400);
    expect((await ask('GET', '/os-quota-sets/demo', undefined, 'other')).status).toBe(403);
    expect((await ask('GET', '/os-quota-sets/demo/defaults')).body.quota_set).toMatchObject({
      volumes: 10,
      id: 'demo',
    });
    await cinder.volume();
    const low = { quota_set: { volumes: 0 } };
    expect((await ask('PUT', '/os-quota-sets/demo?skip_validation=False', low)).status).toBe(400);
    expect((await ask('PUT', '/os-quota-sets/demo', low)).status).toBe(200);
    expect((await ask('DELETE', '/os-quota-sets/demo')).status).toBe(200);
    expect((await ask('GET', '/os-quota-sets/demo')).body.quota_set.volumes).toBe(10);
    const body = { quota_class_set: { volumes: 7 } };
    expect((await ask('PUT', '/os-quota-class-sets/default', body)).body.quota_class_set.volumes).toBe(7);
    expect((await ask('GET', '/os-quota-class-sets/default')).body.quota_class_set).toMatchObject({
      id: 'default',
      volumes: 7,
    });
    expect((await ask('GET', '/os-quota-sets/demo/defaults')).body.quota_set.volumes).toBe(7);
  });
});
