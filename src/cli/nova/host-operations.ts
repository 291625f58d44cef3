import type { Argument } from '../base/arguments.ts';
import type { Command } from '../base/command.ts';
import { CommandError } from '../base/errors.ts';
import { metadataOf, type Item, type NovaApi } from './api.ts';

const host: Argument = { name: '<host>', help: 'Name of host.' };
const hostname: Argument = { name: '<hostname>', help: 'Name of host.' };
const word = encodeURIComponent;

/** The ids of the servers on hosts that match a name. */
async function serversOn(api: NovaApi, name: string): Promise<readonly string[]> {
  const { hypervisors } = await api.call<{ hypervisors: { servers?: { uuid: string }[] }[] }>(
    'GET',
    `/os-hypervisors/${word(name)}/servers`,
  );
  return hypervisors.flatMap(({ servers = [] }) => servers.map(({ uuid }) => uuid));
}

/** Does something to each server of a host and prints for which it was accepted. */
async function eachServer(
  api: NovaApi,
  name: string,
  column: string,
  act: (id: string) => Promise<unknown>,
): Promise<void> {
  const rows: unknown[][] = [];
  for (const id of await serversOn(api, name))
    try {
      await act(id);
      rows.push([id, 'True', '']);
    } catch (error) {
      if (!(error instanceof CommandError)) throw error;
      rows.push([
        id,
        'False',
        `Error while ${column === 'Evacuate Accepted' ? 'evacuating' : 'migrating'} instance: ${error.message}`,
      ]);
    }
  api.printList(['Server UUID', column, 'Error Message'], rows);
}

/** What operators do to hosts and to all servers on one. */
export const hostOperationCommands: readonly Command<NovaApi>[] = [
  {
    name: 'host-update',
    summary: 'Update host settings.',
    arguments: [
      hostname,
      { name: '--status', value: '<enable|disable>', help: 'Either enable or disable a host.' },
      { name: '--maintenance', value: '<enable|disable>', help: 'Either put or resume host to/from maintenance.' },
    ],
    async run(api, given) {
      const [status, maintenance] = [given.text('status'), given.text('maintenance')];
      const changes = {
        ...(status !== undefined && { status }),
        ...(maintenance !== undefined && { maintenance_mode: maintenance }),
      };
      const answer = await api.call<Item>('PUT', `/os-hosts/${word(given.one('hostname'))}`, changes);
      const columns = ['HOST', ...Object.keys(changes)];
      api.printItems(columns, [answer]);
    },
  },
  {
    name: 'host-action',
    summary: 'Perform a power action on a host.',
    arguments: [
      hostname,
      {
        name: '--action',
        value: '<action>',
        choices: ['startup', 'shutdown', 'reboot'],
        help: 'A power action: startup, reboot, or shutdown.',
      },
    ],
    async run(api, given) {
      const action = given.text('action') ?? 'None';
      api.printItems(
        ['HOST', 'power_action'],
        [await api.call<Item>('GET', `/os-hosts/${word(given.one('hostname'))}/${word(action)}`)],
      );
    },
  },
  {
    name: 'host-evacuate',
    summary: 'Evacuate all instances from failed host to specified one.',
    arguments: [
      host,
      { name: '--target_host', value: '<target_host>', help: 'Name of target host.' },
      {
        name: '--on-shared-storage',
        help: 'Specifies whether all instances files are on shared storage.',
      },
    ],
    run: (api, given) =>
      eachServer(api, given.one('host'), 'Evacuate Accepted', (id) =>
        api.call('POST', `/servers/${id}/action`, {
          evacuate: {
            onSharedStorage: given.has('on-shared-storage'),
            host: given.text('target_host') ?? null,
          },
        }),
      ),
  },
  {
    name: 'host-servers-migrate',
    summary: 'Migrate all instances of the specified host to other available hosts.',
    arguments: [host],
    run: (api, given) =>
      eachServer(api, given.one('host'), 'Migration Accepted', (id) =>
        api.call('POST', `/servers/${id}/action`, { migrate: null }),
      ),
  },
  {
    name: 'host-meta',
    summary: 'Set or Delete metadata on all instances of a host.',
    arguments: [
      host,
      { name: '<action>', choices: ['set', 'delete'], help: "Actions: 'set' or 'delete'." },
      { name: '<key=value>', count: 'many', help: 'Metadata to set or delete (only key is necessary on delete).' },
    ],
    async run(api, given) {
      const metadata = metadataOf(given.all('key=value'));
      for (const id of await serversOn(api, given.one('host')))
        if (given.one('action') === 'set') await api.call('POST', `/servers/${id}/metadata`, { metadata });
        else for (const key of Object.keys(metadata)) await api.call('DELETE', `/servers/${id}/metadata/${word(key)}`);
    },
  },
];
