import type { Command } from '../base/command.ts';
import type { NovaApi } from './api.ts';

interface ServerGroup {
  readonly id: string;
  readonly name: string;
  readonly policies: readonly string[];
  readonly members: readonly string[];
  readonly metadata: Readonly<Record<string, string>>;
}

const print = (api: NovaApi, groups: readonly ServerGroup[]): void =>
  api.printList(
    ['Id', 'Name', 'Policies', 'Members', 'Metadata'],
    groups.map((one) => [one.id, one.name, one.policies, one.members, one.metadata]),
  );

export const serverGroupCommands: readonly Command<NovaApi>[] = [
  {
    name: 'server-group-list',
    summary: 'Print a list of all server groups.',
    arguments: [],
    async run(api) {
      print(api, (await api.call<{ server_groups: ServerGroup[] }>('GET', '/os-server-groups')).server_groups);
    },
  },
  {
    name: 'server-group-create',
    summary: 'Create a new server group with the specified details.',
    arguments: [
      {
        name: '--policy',
        value: '<policy>',
        repeat: true,
        help: 'Policies for the server groups (affinity, anti-affinity).',
      },
      { name: '<name>', help: 'Server group name.' },
    ],
    async run(api, given) {
      const json = { server_group: { name: given.one('name'), policies: given.all('policy') } };
      print(api, [(await api.call<{ server_group: ServerGroup }>('POST', '/os-server-groups', json)).server_group]);
    },
  },
  {
    name: 'server-group-get',
    summary: 'Get a specific server group.',
    arguments: [{ name: '<id>', help: 'Unique ID of the server group to get.' }],
    async run(api, given) {
      const path = `/os-server-groups/${encodeURIComponent(given.one('id'))}`;
      print(api, [(await api.call<{ server_group: ServerGroup }>('GET', path)).server_group]);
    },
  },
  {
    name: 'server-group-delete',
    summary: 'Delete specific server group(s).',
    arguments: [{ name: '<id>', count: 'many', help: 'Unique ID(s) of the server group to delete.' }],
    async run(api, given) {
      for (const id of given.all('id')) {
        await api.call('DELETE', `/os-server-groups/${encodeURIComponent(id)}`);
        api.shell.out(`Server group ${id} has been successfully deleted.\n`);
      }
    },
  },
];
