import type { Bus } from '#common/bus/bus.ts';
import { currentRequestId, type Logger } from '#common/telemetry/log.ts';
import type { Backup } from './backups/rows.ts';
import type { Snapshot } from './snapshots/rows.ts';
import type { Volume } from './volumes/model.ts';

/** Tells the cloud what happens: `volume.create.start`, `snapshot.delete.end` … Never fails: nobody's volume depends on it. */
export interface Notify {
  /** @param event without `volume.`: `create.start` */
  volume(event: string, volume: Volume, extra?: Readonly<Record<string, unknown>>): Promise<void>;
  snapshot(event: string, snapshot: Snapshot, extra?: Readonly<Record<string, unknown>>): Promise<void>;
  backup(event: string, backup: Backup, extra?: Readonly<Record<string, unknown>>): Promise<void>;
}

/** @param publisher `volume`, `snapshot`, `scheduler`: what stands before the host in `publisher_id` */
export function createNotify(bus: Bus, publisher: string, host: string, log: Logger): Notify {
  const send = async (eventType: string, projectId: string, payload: Record<string, unknown>): Promise<void> => {
    const requestId = currentRequestId();
    await bus
      .notify({
        eventType,
        publisherId: `${publisher}.${host}`,
        priority: eventType.endsWith('.error') ? 'ERROR' : 'INFO',
        payload,
        projectId,
        ...(requestId !== undefined && { requestId }),
      })
      .catch((error: unknown) => log.warn(`The notification ${eventType} was not sent`, error));
  };
  return {
    volume: (event, volume, extra = {}) =>
      send(`volume.${event}`, volume.projectId, { ...volumePayload(volume), ...extra }),
    snapshot: (event, snapshot, extra = {}) =>
      send(`snapshot.${event}`, snapshot.projectId, { ...snapshotPayload(snapshot), ...extra }),
    backup: (event, backup, extra = {}) =>
      send(`backup.${event}`, backup.projectId, { ...backupPayload(backup), ...extra }),
  };
}

const volumePayload = (volume: Volume): Record<string, unknown> => ({
  volume_id: volume.id,
  tenant_id: volume.projectId,
  user_id: volume.userId,
  display_name: volume.name,
  status: volume.status,
  size: volume.sizeGb,
  host: volume.host,
  availability_zone: volume.availabilityZone,
  volume_type: volume.typeId,
  snapshot_id: volume.snapshotId,
  source_volid: volume.sourceVolumeId,
  metadata: volume.metadata,
  created_at: volume.createdAt,
  launched_at: volume.launchedAt ?? '',
});

const snapshotPayload = (snapshot: Snapshot): Record<string, unknown> => ({
  snapshot_id: snapshot.id,
  volume_id: snapshot.volumeId,
  tenant_id: snapshot.projectId,
  user_id: snapshot.userId,
  display_name: snapshot.name,
  status: snapshot.status,
  volume_size: snapshot.sizeGb,
  metadata: snapshot.metadata,
  created_at: snapshot.createdAt,
});

const backupPayload = (backup: Backup): Record<string, unknown> => ({
  backup_id: backup.id,
  volume_id: backup.volumeId,
  tenant_id: backup.projectId,
  user_id: backup.userId,
  display_name: backup.name,
  host: backup.host,
  availability_zone: backup.availabilityZone,
  status: backup.status,
  size: backup.sizeGb,
  service: backup.service,
  object_count: backup.objectCount,
  fail_reason: backup.failReason,
  created_at: backup.createdAt,
});
