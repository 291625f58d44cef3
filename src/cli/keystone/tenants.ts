import type { Command } from '../base/command.ts';
import { CommandError } from '../base/errors.ts';
import { parseBoolean } from '../base/python.ts';
import { kinds, type Item, type KeystoneApi } from './api.ts';

/** `--enabled`; undefined when it was not given. @throws CommandError */
export function enabledOf(text: string | undefined): boolean | undefined {
  if (text === undefined) return undefined;
  const value = parseBoolean(text);
  if (value === undefined) throw new CommandError(`Unrecognized value '${text}', acceptable values are: true, false`);
  return value;
}

const tenant = { name: '<tenant>', help: 'Name or ID of tenant.' };

export const tenantCommands: readonly Command<KeystoneApi>[] = [
  {
    name: 'tenant-list',
    summary: 'List all tenants.',
    arguments: [],
    async run(api) {
      api.printList(await api.list(kinds.tenant), ['id', 'name', 'enabled']);
    },
  },
  {
    name: 'tenant-get',
    summary: 'Display tenant details.',
    arguments: [tenant],
    async run(api, given) {
      api.printItem(await api.find(kinds.tenant, given.one('tenant')));
    },
  },
  {
    name: 'tenant-create',
    summary: 'Create new tenant.',
    arguments: [
      { name: '--name', value: '<tenant-name>', required: true, help: 'New tenant name (must be unique).' },
      { name: '--description', value: '<tenant-description>', help: 'Description of new tenant. Default is none.' },
      { name: '--enabled', value: '<true|false>', help: 'Initial tenant enabled status. Default is true.' },
    ],
    async run(api, given) {
      const json = {
        tenant: {
          name: given.one('name'),
          description: given.text('description') ?? null,
          enabled: enabledOf(given.text('enabled')) ?? true,
        },
      };
      const answer = await api.session.call<{ tenant: Item }>({ method: 'POST', path: '/tenants', json });
      api.printItem(answer.tenant);
    },
  },
  {
    name: 'tenant-update',
    summary: 'Update tenant name, description, enabled status.',
    arguments: [
      { name: '--name', value: '<tenant_name>', help: 'Desired new name of tenant.' },
      { name: '--description', value: '<tenant-description>', help: 'Desired new description of tenant.' },
      { name: '--enabled', value: '<true|false>', help: 'Enable or disable tenant.' },
      tenant,
    ],
    async run(api, given) {
      const { id, description, enabled } = await api.find(kinds.tenant, given.one('tenant'));
      const change = {
        ...(given.has('name') && { name: given.text('name') }),
        ...(given.has('description') && { description: given.text('description') }),
        ...(given.has('enabled') && { enabled: enabledOf(given.text('enabled')) }),
      };
      if (Object.keys(change).length === 0) {
        api.shell.out('Tenant not updated, no arguments present.\n');
        return;
      }
      await api.session.call({
        method: 'POST',
        path: `/tenants/${id}`,
        json: { tenant: { id, description, enabled, ...change } },
      });
    },
  },
  {
    name: 'tenant-delete',
    summary: 'Delete tenant.',
    arguments: [{ name: '<tenant>', help: 'Name or ID of tenant to delete.' }],
    async run(api, given) {
      const { id } = await api.find(kinds.tenant, given.one('tenant'));
      await api.session.call({ method: 'DELETE', path: `/tenants/${id}` });
    },
  },
];
