import type { Command } from '../base/command.ts';
import { kinds, type Item, type KeystoneApi } from './api.ts';
import { enabledOf } from './tenants.ts';

const user = { name: '<user>', help: 'Name or ID of user.' };
const password = { name: '--pass', value: '<password>', help: 'Desired new password.' };

export const userCommands: readonly Command<KeystoneApi>[] = [
  {
    name: 'user-list',
    summary: 'List users.',
    arguments: [
      {
        name: '--tenant',
        aliases: ['--tenant-id'],
        value: '<tenant>',
        help: 'Tenant; lists all users if not specified.',
      },
    ],
    async run(api, given) {
      const tenant = await api.idOf(kinds.tenant, given.text('tenant'));
      const users = await api.list(kinds.user, tenant === undefined ? undefined : `/tenants/${tenant}/users`);
      api.printList(users, ['id', 'name', 'enabled', 'email']);
    },
  },
  {
    name: 'user-get',
    summary: 'Display user details.',
    arguments: [user],
    async run(api, given) {
      const { id } = await api.find(kinds.user, given.one('user'));
      api.printItem((await api.session.call<{ user: Item }>({ method: 'GET', path: `/users/${id}` })).user);
    },
  },
  {
    name: 'user-create',
    summary: 'Create new user.',
    arguments: [
      { name: '--name', value: '<user-name>', required: true, help: 'New user name (must be unique).' },
      { name: '--tenant', aliases: ['--tenant-id'], value: '<tenant>', help: 'New user default tenant.' },
      { name: '--pass', value: '<pass>', help: 'New user password; required for some auth backends.' },
      { name: '--email', value: '<email>', help: 'New user email address.' },
      { name: '--enabled', value: '<true|false>', help: 'Initial user enabled status. Default is true.' },
    ],
    async run(api, given) {
      const tenantId = await api.idOf(kinds.tenant, given.text('tenant'));
      const json = {
        user: {
          name: given.one('name'),
          password: given.text('pass') ?? null,
          email: given.text('email') ?? null,
          enabled: enabledOf(given.text('enabled')) ?? true,
          ...(tenantId !== undefined && { tenantId }),
        },
      };
      api.printItem((await api.session.call<{ user: Item }>({ method: 'POST', path: '/users', json })).user);
    },
  },
  {
    name: 'user-update',
    summary: "Update user's name, email, and enabled status.",
    arguments: [
      { name: '--name', value: '<user-name>', help: 'Desired new user name.' },
      { name: '--email', value: '<email>', help: 'Desired new email address.' },
      { name: '--enabled', value: '<true|false>', help: 'Enable or disable user.' },
      user,
    ],
    async run(api, given) {
      const { id } = await api.find(kinds.user, given.one('user'));
      const change = {
        ...(given.has('name') && { name: given.text('name') }),
        ...(given.has('email') && { email: given.text('email') }),
        ...(given.has('enabled') && { enabled: enabledOf(given.text('enabled')) }),
      };
      if (Object.keys(change).length === 0) {
        api.shell.out('User not updated, no arguments present.\n');
        return;
      }
      await api.session.call({ method: 'PUT', path: `/users/${id}`, json: { user: { id, ...change } } });
      api.shell.out('User has been updated.\n');
    },
  },
  {
    name: 'user-password-update',
    summary: 'Update user password.',
    arguments: [{ ...password, required: true }, user],
    async run(api, given) {
      const { id } = await api.find(kinds.user, given.one('user'));
      const json = { user: { id, password: given.one('pass') } };
      await api.session.call({ method: 'PUT', path: `/users/${id}/OS-KSADM/password`, json });
    },
  },
  {
    name: 'password-update',
    summary: 'Update own password.',
    arguments: [
      { name: '--current-password', value: '<current-password>', required: true, help: 'Current password.' },
      { name: '--new-password', value: '<new-password>', required: true, help: 'Desired new password.' },
    ],
    async run(api, given) {
      const { user: self } = await api.session.access();
      const json = {
        user: { password: given.one('new-password'), original_password: given.one('current-password') },
      };
      await api.session.call({
        method: 'PATCH',
        path: `/OS-KSCRUD/users/${self.id}`,
        json,
        endpointType: 'publicURL',
      });
      api.shell.out('You should update the password you are using to authenticate to match your new password\n');
    },
  },
  {
    name: 'user-delete',
    summary: 'Delete user.',
    arguments: [{ name: '<user>', help: 'Name or ID of user to delete.' }],
    async run(api, given) {
      const { id } = await api.find(kinds.user, given.one('user'));
      await api.session.call({ method: 'DELETE', path: `/users/${id}` });
    },
  },
];
