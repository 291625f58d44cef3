import type { CommandFile } from '../base/command.ts';
import type { CinderApi, Version } from './api.ts';

/** Which file has which commands; some are only there in one version of the API. */
export const cinderFiles = (version: Version): readonly CommandFile<CinderApi>[] => [
  {
    names: ['list', 'show', 'create', 'delete', 'force-delete', 'reset-state', 'rename'],
    load: async () => (await import('./volumes.ts')).volumeCommands(version),
  },
  {
    names: [
      'extend',
      'migrate',
      'readonly-mode-update',
      'set-bootable',
      'upload-to-image',
      ...(version === '2' ? ['retype'] : []),
    ],
    load: async () => (await import('./volume-actions.ts')).volumeActionCommands(version),
  },
  {
    names: [
      'metadata',
      'metadata-show',
      'metadata-update-all',
      'snapshot-metadata',
      'snapshot-metadata-show',
      'snapshot-metadata-update-all',
    ],
    load: async () => (await import('./metadata.ts')).metadataCommands,
  },
  {
    names: [
      'snapshot-list',
      'snapshot-show',
      'snapshot-create',
      'snapshot-delete',
      'snapshot-rename',
      'snapshot-reset-state',
    ],
    load: async () => (await import('./snapshots.ts')).snapshotCommands(version),
  },
  {
    names: ['backup-create', 'backup-show', 'backup-list', 'backup-delete', 'backup-restore'],
    load: async () => (await import('./backups.ts')).backupCommands(version),
  },
  {
    names: ['transfer-create', 'transfer-delete', 'transfer-accept', 'transfer-list', 'transfer-show'],
    load: async () => (await import('./transfers.ts')).transferCommands(version),
  },
  {
    names: ['type-list', 'extra-specs-list', 'type-create', 'type-delete', 'type-key'],
    load: async () => (await import('./types.ts')).typeCommands,
  },
  {
    names: ['encryption-type-list', 'encryption-type-show', 'encryption-type-create', 'encryption-type-delete'],
    load: async () => (await import('./encryption-types.ts')).encryptionTypeCommands,
  },
  {
    names: [
      'qos-create',
      'qos-list',
      'qos-show',
      'qos-delete',
      'qos-associate',
      'qos-disassociate',
      'qos-disassociate-all',
      'qos-key',
      'qos-get-association',
    ],
    load: async () => (await import('./qos.ts')).qosCommands,
  },
  {
    names: [
      'quota-show',
      'quota-usage',
      'quota-defaults',
      'quota-update',
      'quota-class-show',
      'quota-class-update',
      'absolute-limits',
      'rate-limits',
    ],
    load: async () => (await import('./quotas.ts')).quotaCommands,
  },
  {
    names: ['operation-list', 'operation-show'],
    load: async () => (await import('../base/operations.ts')).operationCommands,
  },
  {
    names: [
      'service-list',
      'service-enable',
      'service-disable',
      'availability-zone-list',
      'list-extensions',
      'endpoints',
      'credentials',
    ],
    load: async () => (await import('./services.ts')).serviceCommands,
  },
];
