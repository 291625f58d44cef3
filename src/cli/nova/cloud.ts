import type { Command } from '../base/command.ts';
import { firstLine } from '../base/text.ts';
import type { Item, NovaApi } from './api.ts';
import { wrapped } from './wrap.ts';

/** What there is in the cloud, and who one is in it. */
export const cloudCommands: readonly Command<NovaApi>[] = [
  {
    name: 'list-extensions',
    summary: 'List all the os-api extensions that are available.',
    arguments: [],
    async run(api) {
      const { extensions } = await api.call<{ extensions: Item[] }>('GET', '/extensions');
      api.printItems(
        ['Name', 'Summary', 'Alias', 'Updated'],
        extensions.map((one) => ({ ...one, summary: firstLine(String(one['description'] ?? '')) })),
      );
    },
  },
  {
    name: 'endpoints',
    summary: 'Discover endpoints that get returned from the authenticate services.',
    arguments: [],
    async run(api) {
      for (const { name, endpoints } of (await api.session.access()).serviceCatalog)
        api.printItem(endpoints[0] ?? {}, name);
    },
  },
  {
    name: 'credentials',
    summary: 'Show user credentials returned from auth.',
    arguments: [
      {
        name: '--wrap',
        value: '<integer>',
        type: 'int',
        help: 'Wrap PKI tokens to a specified length, or 0 to disable.',
      },
    ],
    async run(api, given) {
      const { user, token } = await api.session.access();
      const width = given.integer('wrap') ?? 64;
      api.printItem(wrapped(user, width), 'User Credentials');
      api.printItem(wrapped(token, width), 'Token');
    },
  },
  {
    name: 'migration-list',
    summary: 'Print a list of migrations.',
    arguments: [
      { name: '--host', value: '<host>', help: 'Fetch migrations for the given host.' },
      { name: '--status', value: '<status>', help: 'Fetch migrations for the given status.' },
      { name: '--cell_name', value: '<cell_name>', help: 'Fetch migrations for the given cell_name.' },
    ],
    async run(api, given) {
      const query = new URLSearchParams();
      for (const name of ['host', 'status', 'cell_name']) {
        const value = given.text(name);
        if (value !== undefined) query.set(name, value);
      }
      const path = `/os-migrations${query.size > 0 ? `?${query}` : ''}`;
      const { migrations } = await api.call<{ migrations: Item[] }>('GET', path);
      api.printItems(
        [
          'Source Node',
          'Dest Node',
          'Source Compute',
          'Dest Compute',
          'Dest Host',
          'Status',
          'Instance UUID',
          'Old Flavor',
          'New Flavor',
          'Created At',
          'Updated At',
        ],
        migrations.map((one) => ({
          ...one,
          old_flavor: one['old_instance_type_id'],
          new_flavor: one['new_instance_type_id'],
        })),
      );
    },
  },
  {
    name: 'refresh-network',
    summary: 'Refresh server network information.',
    arguments: [
      {
        name: '<server>',
        help: 'Name or ID of a server for which the network cache should be refreshed from neutron (Admin only).',
      },
    ],
    async run(api, given) {
      const server_uuid = await api.serverId(given.one('server'));
      await api.call('POST', '/os-server-external-events', { events: [{ server_uuid, name: 'network-changed' }] });
    },
  },
];
