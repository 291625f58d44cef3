/**
 * The door to a storage back end. A driver knows no database, no API and no target: what it is told is plain data, and
 * what it makes is found again by the volume's name. Every method is idempotent: after a crash it is simply called again.
 */

/** A volume as a driver sees it. */
export interface VolumeSpec {
  readonly id: string;
  /** `volume-<id>` (`volume_name_template`): file, logical volume or image. */
  readonly name: string;
  /** GiB */
  readonly sizeGb: number;
}
export interface SnapshotSpec {
  readonly id: string;
  /** `snapshot-<id>` (`snapshot_name_template`). */
  readonly name: string;
  /** The volume that it is of. */
  readonly volume: VolumeSpec;
}

/** Where a volume's bytes are on this host. */
export interface LocalVolume {
  readonly path: string;
  readonly format: 'raw' | 'qcow2';
}

export interface BackendStats {
  readonly vendorName: string;
  readonly driverVersion: string;
  /** `iSCSI`, `nfs`, `ceph`, `file` */
  readonly storageProtocol: string;
  /** GiB; null: unlimited or unknown. */
  readonly totalGb: number | null;
  readonly freeGb: number | null;
  readonly thin: boolean;
}

export interface VolumeDriver {
  /** `file`, `lvm`, `nfs`, `rbd`, `fake` */
  readonly name: string;
  /** Whether the back end is there: group, mounts, tools. @throws StartupError saying what to do */
  check(signal: AbortSignal): Promise<void>;
  stats(): Promise<BackendStats>;
  create(volume: VolumeSpec, signal: AbortSignal): Promise<void>;
  /** The new volume may be larger. */
  createFromSnapshot(volume: VolumeSpec, snapshot: SnapshotSpec, signal: AbortSignal): Promise<void>;
  createFromVolume(volume: VolumeSpec, source: VolumeSpec, signal: AbortSignal): Promise<void>;
  /** An absent volume is not an error. */
  delete(volume: VolumeSpec, signal: AbortSignal): Promise<void>;
  /** To `volume.sizeGb`; one that is that large is left. */
  extend(volume: VolumeSpec, signal: AbortSignal): Promise<void>;
  createSnapshot(snapshot: SnapshotSpec, signal: AbortSignal): Promise<void>;
  deleteSnapshot(snapshot: SnapshotSpec, signal: AbortSignal): Promise<void>;
  /** The volume becomes what the snapshot is. */
  revertToSnapshot(snapshot: SnapshotSpec, signal: AbortSignal): Promise<void>;
  /** The path that a target exports and images are copied from and to; activates it where that is needed. */
  open(volume: VolumeSpec, signal: AbortSignal): Promise<LocalVolume>;
  openSnapshot(snapshot: SnapshotSpec, signal: AbortSignal): Promise<LocalVolume>;
  /** Names of all volumes and snapshots that this back end has, for the reconciler and the leak check. */
  list(signal: AbortSignal): Promise<readonly string[]>;
  /** `manage`: takes over what is there under another name. @throws Error when it is not there. Returns GiB. */
  adopt(volume: VolumeSpec, existing: string, signal: AbortSignal): Promise<number>;
  /** `unmanage`: forgets it; the bytes stay. */
  release(volume: VolumeSpec, signal: AbortSignal): Promise<void>;
}
