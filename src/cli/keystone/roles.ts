import type { Argument, Given } from '../base/arguments.ts';
import type { Command } from '../base/command.ts';
import { CommandError } from '../base/errors.ts';
import { kinds, type Item, type KeystoneApi } from './api.ts';

const grant: readonly Argument[] = [
  { name: '--user', aliases: ['--user-id'], value: '<user>', required: true, help: 'Name or ID of user.' },
  { name: '--role', aliases: ['--role-id'], value: '<role>', required: true, help: 'Name or ID of role.' },
  { name: '--tenant', aliases: ['--tenant-id'], value: '<tenant>', help: 'Name or ID of tenant.' },
];

/** Where a user's roles are, in a tenant or (without one) everywhere. */
const rolesPath = (user: string, tenant: string | undefined): string =>
  tenant === undefined ? `/users/${user}/roles` : `/tenants/${tenant}/users/${user}/roles`;

async function grantPath(api: KeystoneApi, given: Given): Promise<string> {
  const user = (await api.find(kinds.user, given.one('user'))).id;
  const role = (await api.find(kinds.role, given.one('role'))).id;
  return `${rolesPath(user, await api.idOf(kinds.tenant, given.text('tenant')))}/OS-KSADM/${role}`;
}

export const roleCommands: readonly Command<KeystoneApi>[] = [
  {
    name: 'role-list',
    summary: 'List all roles.',
    arguments: [],
    async run(api) {
      api.printList(await api.list(kinds.role), ['id', 'name']);
    },
  },
  {
    name: 'role-get',
    summary: 'Display role details.',
    arguments: [{ name: '<role>', help: 'Name or ID of role to display.' }],
    async run(api, given) {
      api.printItem(await api.find(kinds.role, given.one('role')));
    },
  },
  {
    name: 'role-create',
    summary: 'Create new role.',
    arguments: [{ name: '--name', value: '<role-name>', required: true, help: 'Name of new role.' }],
    async run(api, given) {
      const json = { role: { name: given.one('name') } };
      api.printItem((await api.session.call<{ role: Item }>({ method: 'POST', path: kinds.role.path, json })).role);
    },
  },
  {
    name: 'role-delete',
    summary: 'Delete role.',
    arguments: [{ name: '<role>', help: 'Name or ID of role to delete.' }],
    async run(api, given) {
      const { id } = await api.find(kinds.role, given.one('role'));
      await api.session.call({ method: 'DELETE', path: `${kinds.role.path}/${id}` });
    },
  },
  {
    name: 'user-role-add',
    summary: 'Add role to user.',
    arguments: grant,
    async run(api, given) {
      await api.session.call({ method: 'PUT', path: await grantPath(api, given) });
    },
  },
  {
    name: 'user-role-list',
    summary: 'List roles granted to a user.',
    arguments: [
      { name: '--user', aliases: ['--user-id'], value: '<user>', help: 'List roles granted to specified user.' },
      {
        name: '--tenant',
        aliases: ['--tenant-id'],
        value: '<tenant>',
        help: 'List only roles granted on specified tenant.',
      },
    ],
    async run(api, given) {
      if (api.bootstrap && !(given.has('user') && given.has('tenant')))
        throw new CommandError('A bootstrap token is nobody: name a user with --user and a tenant with --tenant.');
      const self = api.bootstrap ? undefined : await api.session.access();
      const user = (await api.idOf(kinds.user, given.text('user'))) ?? self?.user.id ?? '';
      const tenant = (await api.idOf(kinds.tenant, given.text('tenant'))) ?? self?.token.tenant?.id;
      const roles = await api.list(kinds.role, rolesPath(user, tenant));
      const rows = roles.map((role) => ({ ...role, user_id: user, tenant_id: tenant }));
      api.printList(rows, ['id', 'name', 'user_id', 'tenant_id']);
    },
  },
  {
    name: 'user-role-remove',
    summary: 'Remove role from user.',
    arguments: grant,
    async run(api, given) {
      await api.session.call({ method: 'DELETE', path: await grantPath(api, given) });
    },
  },
];
