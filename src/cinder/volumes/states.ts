import { badRequest } from '#common/api/errors.ts';

export const volumeStatuses = [
  ...['creating', 'available', 'reserved', 'attaching', 'detaching', 'in-use', 'maintenance', 'deleting'],
  ...['awaiting-transfer', 'error', 'error_deleting', 'backing-up', 'restoring-backup', 'error_backing-up'],
  ...['error_restoring', 'error_extending', 'downloading', 'uploading', 'retyping', 'extending', 'reverting'],
  ...['managing', 'error_managing', 'unmanaging', 'error_unmanaging', 'error_managing_deleting'],
] as readonly VolumeStatus[];
export type VolumeStatus =
  | 'creating'
  | 'available'
  | 'reserved'
  | 'attaching'
  | 'detaching'
  | 'in-use'
  | 'maintenance'
  | 'deleting'
  | 'awaiting-transfer'
  | 'error'
  | 'error_deleting'
  | 'backing-up'
  | 'restoring-backup'
  | 'error_backing-up'
  | 'error_restoring'
  | 'error_extending'
  | 'downloading'
  | 'uploading'
  | 'retyping'
  | 'extending'
  | 'reverting'
  | 'managing'
  | 'error_managing'
  | 'unmanaging'
  | 'error_unmanaging'
  | 'error_managing_deleting';

export const snapshotStatuses = [
  ...['creating', 'available', 'deleting', 'error', 'error_deleting', 'updating', 'backing-up', 'restoring'],
  ...['unmanaging', 'managing'],
] as readonly SnapshotStatus[];
export type SnapshotStatus =
  | 'creating'
  | 'available'
  | 'deleting'
  | 'error'
  | 'error_deleting'
  | 'updating'
  | 'backing-up'
  | 'restoring'
  | 'unmanaging'
  | 'managing';

export type BackupStatus = 'creating' | 'available' | 'deleting' | 'restoring' | 'error' | 'error_deleting';

export type AttachStatus =
  'reserved' | 'attaching' | 'attached' | 'detaching' | 'error_attaching' | 'error_detaching' | 'detached';

/** What an action does to a status. `previous` is the status that it began in (`previous_status`). */
interface Rule<S extends string> {
  /** Where it may begin. */
  readonly from: readonly S[];
  /** While it runs; null leaves it. */
  readonly becomes: S | null;
  /** When it has ended; `gone`: the row is deleted. */
  readonly done: S | 'previous' | 'gone';
  readonly failed: S | 'previous';
}

const attachable = ['available', 'in-use'] as const;

/** Which action is allowed in which status and what the volume's status becomes: the one table that API and daemons go by. */
export const volumeActions = {
  create: { from: ['creating'], becomes: 'creating', done: 'available', failed: 'error' },
  download: { from: ['creating'], becomes: 'downloading', done: 'available', failed: 'error' },
  delete: {
    from: ['available', 'error', 'error_restoring', 'error_extending', 'error_managing'],
    becomes: 'deleting',
    done: 'gone',
    failed: 'error_deleting',
  },
  forceDelete: { from: volumeStatuses, becomes: 'deleting', done: 'gone', failed: 'error_deleting' },
  extend: { from: ['available'], becomes: 'extending', done: 'previous', failed: 'error_extending' },
  extendInUse: { from: attachable, becomes: 'extending', done: 'previous', failed: 'error_extending' },
  upload: { from: ['available'], becomes: 'uploading', done: 'previous', failed: 'previous' },
  uploadForced: { from: attachable, becomes: 'uploading', done: 'previous', failed: 'previous' },
  retype: { from: attachable, becomes: 'retyping', done: 'previous', failed: 'previous' },
  migrate: { from: attachable, becomes: null, done: 'previous', failed: 'previous' },
  migrateLocked: { from: ['available'], becomes: 'maintenance', done: 'previous', failed: 'previous' },
  revert: { from: ['available'], becomes: 'reverting', done: 'available', failed: 'error' },
  reimage: { from: ['available', 'error'], becomes: 'downloading', done: 'previous', failed: 'error' },
  reimageReserved: {
    from: ['available', 'error', 'reserved'],
    becomes: 'downloading',
    done: 'previous',
    failed: 'error',
  },
  manage: { from: ['creating'], becomes: 'managing', done: 'available', failed: 'error_managing' },
  unmanage: {
    from: ['available', 'error', 'error_restoring', 'error_extending', 'error_managing'],
    becomes: 'unmanaging',
    done: 'gone',
    failed: 'error_unmanaging',
  },
  backup: { from: ['available'], becomes: 'backing-up', done: 'previous', failed: 'previous' },
  backupForced: { from: attachable, becomes: 'backing-up', done: 'previous', failed: 'previous' },
  backupSnapshot: { from: attachable, becomes: null, done: 'previous', failed: 'previous' },
  restore: { from: ['available'], becomes: 'restoring-backup', done: 'available', failed: 'error_restoring' },
  transfer: { from: ['available'], becomes: 'awaiting-transfer', done: 'available', failed: 'available' },
  /** `os-reserve`, and the making of an attachment. */
  reserve: { from: ['available'], becomes: 'attaching', done: 'in-use', failed: 'available' },
  reserveMore: { from: attachable, becomes: 'attaching', done: 'in-use', failed: 'previous' },
  unreserve: { from: ['attaching'], becomes: 'available', done: 'available', failed: 'available' },
  attach: { from: ['available', 'attaching', 'reserved'], becomes: 'in-use', done: 'in-use', failed: 'available' },
  beginDetaching: { from: ['in-use'], becomes: 'detaching', done: 'available', failed: 'in-use' },
  rollDetaching: { from: ['detaching'], becomes: 'in-use', done: 'in-use', failed: 'in-use' },
  snapshot: { from: ['available'], becomes: null, done: 'previous', failed: 'previous' },
  snapshotForced: { from: attachable, becomes: null, done: 'previous', failed: 'previous' },
  readonly: { from: ['available'], becomes: null, done: 'previous', failed: 'previous' },
  join: { from: attachable, becomes: null, done: 'previous', failed: 'previous' },
} as const satisfies Record<string, Rule<VolumeStatus>>;
export type VolumeAction = keyof typeof volumeActions;

export const snapshotActions = {
  create: { from: ['creating'], becomes: 'creating', done: 'available', failed: 'error' },
  delete: { from: ['available', 'error'], becomes: 'deleting', done: 'gone', failed: 'error_deleting' },
  forceDelete: { from: snapshotStatuses, becomes: 'deleting', done: 'gone', failed: 'error_deleting' },
  revert: { from: ['available'], becomes: 'restoring', done: 'available', failed: 'available' },
  backup: { from: ['available'], becomes: 'backing-up', done: 'available', failed: 'available' },
  unmanage: { from: ['available', 'error'], becomes: 'unmanaging', done: 'gone', failed: 'error' },
} as const satisfies Record<string, Rule<SnapshotStatus>>;
export type SnapshotAction = keyof typeof snapshotActions;

export const backupActions = {
  create: { from: ['creating'], becomes: 'creating', done: 'available', failed: 'error' },
  restore: { from: ['available'], becomes: 'restoring', done: 'available', failed: 'available' },
  delete: { from: ['available', 'error'], becomes: 'deleting', done: 'gone', failed: 'error_deleting' },
  forceDelete: {
    from: ['creating', 'available', 'deleting', 'restoring', 'error', 'error_deleting'],
    becomes: 'deleting',
    done: 'gone',
    failed: 'error_deleting',
  },
} as const satisfies Record<string, Rule<BackupStatus>>;
export type BackupAction = keyof typeof backupActions;

/**
 * What a volume's status is when nothing is being done to it, by the attachments that it has: what `previous` falls back
 * to, and what a detached volume becomes.
 */
export const restingStatus = (attachments: readonly { readonly status: AttachStatus }[]): VolumeStatus => {
  const has = (status: AttachStatus): boolean => attachments.some((one) => one.status === status);
  if (has('attached')) return 'in-use';
  if (has('detaching')) return 'detaching';
  if (has('attaching')) return 'attaching';
  if (has('reserved')) return 'reserved';
  return 'available';
};

/** The status after an action. @param previous what the row has under `previous_status` */
export const afterAction = (
  action: VolumeAction,
  outcome: 'done' | 'failed',
  previous: VolumeStatus | null,
): VolumeStatus | 'gone' => {
  const after = volumeActions[action][outcome];
  return after === 'previous' ? (previous ?? 'available') : after;
};

/** @throws ApiError 400 naming the status that forbids it */
export function checkVolume(volume: { readonly status: VolumeStatus }, action: VolumeAction, refusal: string): void {
  if (!(volumeActions[action].from as readonly VolumeStatus[]).includes(volume.status)) throw badRequest(refusal);
}
