import type { CommandFile } from '../base/command.ts';
import type { KeystoneApi } from './api.ts';

/** Which file has which commands. */
export const keystoneFiles: readonly CommandFile<KeystoneApi>[] = [
  {
    names: ['tenant-list', 'tenant-get', 'tenant-create', 'tenant-update', 'tenant-delete'],
    load: async () => (await import('./tenants.ts')).tenantCommands,
  },
  {
    names: [
      'user-list',
      'user-get',
      'user-create',
      'user-update',
      'user-delete',
      'user-password-update',
      'password-update',
    ],
    load: async () => (await import('./users.ts')).userCommands,
  },
  {
    names: [
      'role-list',
      'role-get',
      'role-create',
      'role-delete',
      'user-role-add',
      'user-role-list',
      'user-role-remove',
    ],
    load: async () => (await import('./roles.ts')).roleCommands,
  },
  {
    names: [
      'service-list',
      'service-get',
      'service-create',
      'service-delete',
      'endpoint-list',
      'endpoint-get',
      'endpoint-create',
      'endpoint-delete',
    ],
    load: async () => (await import('./catalog.ts')).catalogCommands,
  },
  {
    names: ['token-get', 'catalog', 'discover', 'bootstrap'],
    load: async () => (await import('./session-commands.ts')).sessionCommands,
  },
  {
    names: ['ec2-credentials-list', 'ec2-credentials-get', 'ec2-credentials-create', 'ec2-credentials-delete'],
    load: async () => (await import('./ec2.ts')).ec2Commands,
  },
];
