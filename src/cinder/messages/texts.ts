/** What was being done: the middle part of `event_id`, and the first part of the text. */
export const messageActions = {
  scheduleAllocateVolume: ['001', 'schedule allocate volume'],
  attachVolume: ['002', 'attach volume'],
  copyVolumeToImage: ['003', 'copy volume to image'],
  updateAttachment: ['004', 'update attachment'],
  copyImageToVolume: ['005', 'copy image to volume'],
  unmanageVolume: ['006', 'unmanage volume'],
  extendVolume: ['007', 'extend volume'],
  createVolumeFromBackend: ['008', 'create volume from backend storage'],
  snapshotCreate: ['009', 'create snapshot'],
  snapshotDelete: ['010', 'delete snapshot'],
  snapshotUpdate: ['011', 'update snapshot'],
  snapshotMetadataUpdate: ['012', 'update snapshot metadata'],
  backupCreate: ['013', 'create backup'],
  backupDelete: ['014', 'delete backup'],
  backupRestore: ['015', 'restore backup'],
  reimageVolume: ['016', 'reimage volume'],
} as const;
export type MessageAction = keyof typeof messageActions;

/** Why it failed: the end of the text. */
export const messageDetails = {
  unknown: ['001', 'An unknown error occurred.'],
  driverNotInitialized: ['002', 'Driver is not initialized at present.'],
  noBackendAvailable: ['003', 'Could not find any available weighted backend.'],
  failedToUpload: ['004', 'Failed to upload volume to image at backend.'],
  volumeAttachModeInvalid: ['005', "Volume's attach mode is invalid."],
  quotaExceeded: ['006', 'Not enough quota resource for operation.'],
  notEnoughSpaceForImage: ['007', 'Image used for creating volume exceeds available space.'],
  unmanageEncryptedVolume: ['008', 'Unmanaging encrypted volumes is not supported.'],
  notifyComputeService: ['009', 'Compute service failed to extend volume.'],
  driverFailedExtend: ['010', 'Volume Driver failed to extend volume.'],
  signatureVerificationFailed: ['011', 'Image signature verification failed.'],
  driverFailedCreate: ['012', 'Driver failed to create the volume.'],
  snapshotCreateError: ['013', 'Snapshot failed to create.'],
  snapshotUpdateMetadataError: ['014', 'Volume snapshot update metadata failed.'],
  snapshotIsBusy: ['015', 'Snapshot is busy.'],
  snapshotDeleteError: ['016', 'Snapshot failed to delete.'],
  backupServiceDown: ['017', 'Backup service is down.'],
  backupCreateError: ['018', 'Backup driver failed to create backup.'],
  backupDeleteError: ['019', 'Backup driver failed to delete backup.'],
  backupRestoreError: ['020', 'Backup driver failed to restore backup.'],
  imageFormatUnacceptable: [
    '021',
    'The image disk format must be the same as the volume format for the volume type you are requesting.',
  ],
} as const;
export type MessageDetail = keyof typeof messageDetails;

/** `schedule allocate volume:Could not find any available weighted backend.` */
export function messageText(actionId: string, detailId: string): string {
  const text = (table: Readonly<Record<string, readonly [string, string]>>, id: string, otherwise: string): string =>
    Object.values(table).find(([known]) => known === id)?.[1] ?? otherwise;
  return `${text(messageActions, actionId, 'unknown action')}:${text(messageDetails, detailId, messageDetails.unknown[1])}`;
}
