import type { Command } from '../base/command.ts';
import { CommandError } from '../base/errors.ts';
import { askNewPassword } from '../base/passwords.ts';
import { kinds, type Item, type KeystoneApi } from './api.ts';
import { enabledOf } from './tenants.ts';

const user = { name: '<user>', help: 'Name or ID of user.' };
const password = { name: '--pass', value: '<password>', help: 'Desired new password; asked for unless given.' };

/** The password that was given, or one that is typed twice. @throws CommandError where nobody can be asked */
async function passwordOf(api: KeystoneApi, text: string | undefined): Promise<string> {
  const password = text ?? (await askNewPassword(api.shell, 'New Password: ', 'Repeat New Password: '));
  if (password === undefined)
    throw new CommandError('\nPlease specify password using the --pass option or using the prompt');
  return password;
}

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
      {
        name: '--pass',
        value: '<pass>',
        count: 'optional',
        help: 'New user password; asked for when it has no value.',
      },
      { name: '--email', value: '<email>', help: 'New user email address.' },
      { name: '--enabled', value: '<true|false>', help: 'Initial user enabled status. Default is true.' },
    ],
    async run(api, given) {
      const tenantId = await api.idOf(kinds.tenant, given.text('tenant'));
      const json = {
        user: {
          name: given.one('name'),
          password: (given.has('pass') ? await passwordOf(api, given.text('pass')) : undefined) ?? null,
          email: given.text('email') ?? null,
          enabled: enabledOf(given.text('enabled')) ?? true,
          tenantId: tenantId ?? null,
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
    arguments: [password, { ...user, help: 'Name or ID of user to update password.' }],
    async run(api, given) {
      const { id } = await api.find(kinds.user, given.one('user'));
      const json = { user: { id, password: await passwordOf(api, given.text('pass')) } };
      await api.session.call({ method: 'PUT', path: `/users/${id}/OS-KSADM/password`, json });
    },
  },
  {
    name: 'password-update',
    summary: 'Update own password.',
    arguments: [
      {
        name: '--current-password',
        value: '<current-password>',
        help: 'Current password; what is used to sign in unless given.',
      },
      { name: '--new-password', value: '<new-password>', help: 'Desired new password; asked for unless given.' },
    ],
    async run(api, given) {
      const { user: self } = await api.session.access();
      const current =
        given.text('current-password') ?? api.password ?? (await api.shell.askSecret('Current Password: '));
      if (current === undefined) throw new CommandError('Give the current password with --current-password.');
      const password = given.text('new-password') ?? (await passwordOf(api, undefined));
      const json = { user: { password, original_password: current } };
      await api.session.call({
        method: 'PATCH',
        path: `/OS-KSCRUD/users/${self.id}`,
        json,
        endpointType: 'publicURL',
      });
      if (api.password !== password)
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
