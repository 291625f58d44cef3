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
  /**
   * Lets a host read a volume or a snapshot, for a backup or a copy; a volume in use as it is at this moment. On the same
   * host it is the path itself. Idempotent. @param purpose an id, by which `unexpose` ends it
   */
  expose: call<
    { volumeId: string; snapshotId: string | null; purpose: string; connector: Connector },
    { connection: ConnectionInfo }
  >(),
  unexpose: call<{ volumeId: string; purpose: string }, Record<string, never>>(),
  /** Lets a host write a volume that is restored; ended by `unexpose`. */
  exposeForWriting: call<{ volumeId: string; purpose: string; connector: Connector }, { connection: ConnectionInfo }>(),
  /** Before a volume comes from another back end: refuses when it is here already, as where two back ends share a store. */
  checkReceive: call<{ volumeId: string }, Record<string, never>>(),
  /** Makes the volume here as a copy of what the connection gives. Takes as long as that takes. Idempotent. */
  receive: call<{ volumeId: string; connection: ConnectionInfo }, Record<string, never>>(),
  /** Removes a copy that is not the volume. Idempotent. */
  discard: call<{ volumeId: string }, Record<string, never>>(),
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
  /** Options of the back end that schedulers go by; those of the scheduler's own file unless given. */
  readonly reservedPercentage?: number;
  readonly maxOverSubscriptionRatio?: number;
  readonly volumes?: number;
}
