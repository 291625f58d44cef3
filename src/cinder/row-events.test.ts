import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { toldDatabase } from '#common/bus/testing/told.ts';
import { systemClock } from '#common/clock.ts';
import { cinderMigrations } from './migrations/index.ts';
import { cinderRowEvents } from './row-events.ts';
import { changeService, listServices, seeService } from './services/rows.ts';
import type { CinderTables } from './tables.ts';
import { giveVolume } from './transfers/rows.ts';
import { addTypeAccess, deleteType, insertType } from './types/rows.ts';
import { findVolume, insertVolume, markVolumeDeleted, updateVolume, type NewVolumeRow } from './volumes/rows.ts';

const now = '2026-01-01T00:00:00.000000';
const volume: NewVolumeRow = {
  ...{ id: 'v1', project_id: 'demo', user_id: 'u', name: 'data', description: null, status: 'creating', size_gb: 1 },
  ...{ host: null, availability_zone: 'nova', volume_type_id: null, snapshot_id: null, source_volume_id: null },
  ...{ image_id: null, image_metadata: null, bootable: 0, multiattach: 0, readonly: 0, encrypted: 0, metadata: '{}' },
  ...{
    admin_metadata: '{}',
    provider_location: null,
    provider_auth: null,
    migration_status: null,
    previous_status: null,
  },
  ...{ group_id: null, replication_status: null, fault: null, launched_at: null, created_at: now, updated_at: null },
  ...{ deleted: 0, deleted_at: null },
};

describe('what Cinder tells of its rows', () => {
  let cinder: Awaited<ReturnType<typeof toldDatabase<CinderTables>>>;
  beforeEach(async () => {
    cinder = await toldDatabase<CinderTables>(cinderMigrations('sqlite', systemClock), cinderRowEvents);
  });
  afterEach(() => cinder.close());

  it('is every status of a volume, with the one before, and no secret', async () => {
    const { query } = cinder.db;
    await insertVolume(query, volume);
    await updateVolume(query, 'v1', { status: 'available', provider_auth: 'CHAP u secret', updated_at: now });
    await updateVolume(query, 'v1', { provider_location: 'here', updated_at: now });
    await updateVolume(query, 'v1', { status: 'in-use', updated_at: now }, { status: ['error'] });
    await cinder.db.transaction((trx) => markVolumeDeleted(trx, 'v1', now));
    const told = await cinder.told();
    expect(told.map(([type, project, payload]) => [type, project, payload['old_status'], payload['status']])).toEqual([
      ['volume.update', 'demo', null, 'creating'],
      ['volume.update', 'demo', 'creating', 'available'],
      ['volume.update', 'demo', 'available', 'deleted'],
    ]);
    expect(JSON.stringify(told)).not.toContain('secret');
  });

  it('is told to both projects when a volume changes hands', async () => {
    await insertVolume(cinder.db.query, { ...volume, status: 'awaiting-transfer' });
    await findVolume(cinder.db.query, 'v1');
    await cinder.told();
    await cinder.db.transaction((trx) =>
      giveVolume(trx, 'v1', { projectId: 'other', userId: 'x', snapshots: true, now }),
    );
    expect((await cinder.told()).map(([type, project]) => [type, project])).toEqual([
      ['volume.update', 'other'],
      ['volume.update', 'demo'],
    ]);
  });

  it('is types, who may use them, and daemons', async () => {
    const row = { id: 't', name: 'fast', description: null, is_public: 0, extra_specs: '{}' };
    await insertType(cinder.db.query, {
      ...{ ...row, qos_specs_id: null, encryption: null, created_at: now, updated_at: null },
    });
    await addTypeAccess(cinder.db.query, 't', 'demo');
    await cinder.db.transaction((trx) => deleteType(trx, 't'));
    expect((await cinder.told()).map(([type, project]) => [type, project])).toEqual([
      ['volume_type.create', undefined],
      ['volume_type.update', 'demo'],
      ['volume_type.delete', undefined],
    ]);
    const seen = {
      id: 's',
      binary: 'cinder-volume',
      host: 'h@lvm',
      topic: 'cinder-volume',
      availabilityZone: 'nova',
      now,
    };
    await seeService(cinder.db.query, seen);
    await seeService(cinder.db.query, seen);
    const [service] = await listServices(cinder.db.query);
    await changeService(cinder.db.query, service?.num as number, { frozen: true }, now);
    expect(await cinder.told()).toMatchObject([
      ['volume_service.create', undefined, { service_id: 's', binary: 'cinder-volume', state: 'up' }],
      ['volume_service.update', undefined, { service_id: 's', host: 'h@lvm', frozen: true }],
    ]);
  });
});
