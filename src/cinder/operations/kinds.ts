/** Every operation in Cinder's journal: its kind → how people call it. */
export const operationActions = {
  /** cinder-scheduler: chooses a back end, then hands over to `volume.build` in one transaction. */
  'volume.create': 'create_volume',
  /** cinder-volume, as all that follow. */
  'volume.build': 'build_volume',
  'volume.delete': 'delete_volume',
  'volume.extend': 'extend_volume',
  'volume.upload': 'upload_volume_to_image',
  'volume.retype': 'retype_volume',
  'volume.migrate': 'migrate_volume',
  'volume.revert': 'revert_to_snapshot',
  'volume.manage': 'manage_volume',
  'volume.unmanage': 'unmanage_volume',
  'snapshot.create': 'create_snapshot',
  'snapshot.delete': 'delete_snapshot',
  /** cinder-backup */
  'backup.create': 'create_backup',
  'backup.restore': 'restore_backup',
  'backup.delete': 'delete_backup',
} as const;
export type OperationKind = keyof typeof operationActions;

/** What each is told; journalled, so never a secret. The journal's resource is the volume, so that its operations run one after the other. */
export interface OperationInputs {
  'volume.create': VolumeInput & {
    readonly hints: Readonly<Record<string, unknown>>;
    readonly tried?: readonly Tried[];
  };
  /** With hints when a scheduler chose the back end: another one is tried where this one fails. */
  'volume.build': VolumeInput & {
    readonly hints?: Readonly<Record<string, unknown>>;
    readonly tried?: readonly Tried[];
  };
  'volume.delete': VolumeInput & { readonly cascade: boolean };
  'volume.extend': VolumeInput & { readonly newSizeGb: number; readonly oldStatus: string };
  'volume.upload': VolumeInput & { readonly imageId: string; readonly oldStatus: string };
  'volume.retype': VolumeInput & { readonly newTypeId: string; readonly migration: 'never' | 'on-demand' };
  'volume.migrate': VolumeInput & { readonly host: string };
  'volume.revert': VolumeInput & { readonly snapshotId: string };
  'volume.manage': VolumeInput & { readonly existing: string };
  'volume.unmanage': VolumeInput;
  'snapshot.create': VolumeInput & { readonly snapshotId: string };
  'snapshot.delete': VolumeInput & { readonly snapshotId: string };
  'backup.create': VolumeInput & { readonly backupId: string };
  'backup.restore': VolumeInput & { readonly backupId: string };
  'backup.delete': { readonly backupId: string };
}
/** A back end that could not make the volume. */
export interface Tried {
  readonly host: string;
  readonly reason: string;
}
export interface VolumeInput {
  readonly volumeId: string;
}

/** `cinder-volume@stor1@lvm`, `cinder-scheduler@controller`: who runs an operation, and resumes it. */
export const ownerOf = (binary: 'cinder-volume' | 'cinder-scheduler' | 'cinder-backup', host: string): string =>
  `${binary}@${host}`;
