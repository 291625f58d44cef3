/** Cinder's remote interfaces. Plain data only. */
import { call, cast, rpcContract } from '#common/bus/bus.ts';
import type { ConnectionInfo, Connector } from '#clients/volume.ts';
import type { BackendStats } from './drivers/driver.ts';

/** cinder-volume: one back end, addressed by its host (`stor1@lvm`). It owns the operations on its volumes. */
export const volumeRpc = rpcContract('cinder-volume', {
  /** New operations were journalled for this back end: run them. */
  launch: cast<Record<string, never>>(),
  /** A running operation of this volume is no longer wanted. */
  cancel: cast<{ resourceId: string; reason: string }>(),
  /** Exports the volume to a host and says how to reach it. Idempotent. */
  initializeConnection: call<
    { volumeId: string; attachmentId: string | null; connector: Connector; mode: 'rw' | 'ro' },
    { connection: ConnectionInfo }
  >(),
  /** The last one that leaves takes the export along. Idempotent. */
  terminateConnection: call<
    { volumeId: string; attachmentId: string | null; connector: Connector | null; force: boolean },
    Record<string, never>
  >(),
});

/** cinder-scheduler: chooses back ends; owns the operations of volumes that have none yet. */
export const schedulerRpc = rpcContract('cinder-scheduler', {
  launch: cast<Record<string, never>>(),
  /** A back end's capabilities and free space, every `report_interval`. Fanned out. */
  reportBackend: cast<BackendReport>(),
  /** `scheduler-stats/get_pools` */
  pools: call<Record<string, never>, { pools: readonly BackendReport[] }>(),
});

/** cinder-backup: owns the operations on backups of its host. */
export const backupRpc = rpcContract('cinder-backup', {
  launch: cast<Record<string, never>>(),
});

export interface BackendReport {
  /** `stor1@lvm#pool` without the pool where there is but one: `stor1`, `stor1@lvm`. */
  readonly host: string;
  /** `volume_backend_name` */
  readonly backendName: string;
  readonly availabilityZone: string;
  readonly stats: BackendStats;
  /** GiB that volumes of it were promised. */
  readonly allocatedGb: number;
}
