import type { Argument, Given } from '../base/arguments.ts';
import type { Command } from '../base/command.ts';
import { CommandError } from '../base/errors.ts';
import { byBytes } from '../base/python.ts';
import { kinds, metadataOf, pairs, type Item, type NovaApi } from './api.ts';
import { wrapped } from './wrap.ts';
import { boot, bootArguments } from './boot.ts';
import { columnTitle, networksText, powerStates, printServer } from './server-view.ts';

const server: Argument = { name: '<server>', help: 'Name or ID of server.' };

const listArguments: readonly Argument[] = [
  { name: '--reservation-id', value: '<reservation-id>', help: 'Only return servers that match reservation-id.' },
  { name: '--ip', value: '<ip-regexp>', help: 'Search with regular expression match by IP address.' },
  { name: '--ip6', value: '<ip6-regexp>', help: 'Search with regular expression match by IPv6 address.' },
  { name: '--name', value: '<name-regexp>', help: 'Search with regular expression match by name.' },
  { name: '--instance-name', value: '<name-regexp>', help: 'Search with regular expression match by server name.' },
  { name: '--status', value: '<status>', help: 'Search by server status.' },
  { name: '--flavor', value: '<flavor>', help: 'Search by flavor name or ID.' },
  { name: '--image', value: '<image>', help: 'Search by image name or ID.' },
  { name: '--host', value: '<hostname>', help: 'Search servers by hostname to which they are assigned (Admin only).' },
  {
    name: '--all-tenants',
    value: '<0|1>',
    count: 'optional',
    type: 'int',
    help: 'Display information from all tenants (Admin only).',
  },
  {
    name: '--tenant',
    value: '<tenant>',
    count: 'optional',
    help: 'Display information from single tenant (Admin only).',
  },
  { name: '--deleted', help: 'Only display deleted servers (Admin only).' },
  { name: '--fields', value: '<fields>', help: 'Comma-separated list of fields to display.' },
  { name: '--minimal', help: 'Get only uuid and name.' },
];

/** Attributes that are also known by shorter names. */
const shortNames: Readonly<Record<string, string>> = {
  host: 'OS-EXT-SRV-ATTR:host',
  task_state: 'OS-EXT-STS:task_state',
  instance_name: 'OS-EXT-SRV-ATTR:instance_name',
  power_state: 'OS-EXT-STS:power_state',
  host_id: 'hostId',
};

/** A field of `--fields`. */
function fieldOf(server: Item, name: string): unknown {
  const value = server[name] ?? server[shortNames[name] ?? name];
  if (name === 'networks') return networksText(server);
  if (name === 'power_state') return powerStates[Number(value ?? 0)] ?? 'N/A';
  if (name === 'flavor') return (value as { id?: string } | undefined)?.id ?? '';
  if (name === 'security_groups' && Array.isArray(value))
    return (value as { name: string }[]).map((group) => group.name).join(', ');
  return value === undefined ? '' : value === null ? 'None' : value;
}

async function list(api: NovaApi, given: Given): Promise<void> {
  const query = new URLSearchParams();
  for (const name of ['reservation-id', 'ip', 'ip6', 'name', 'instance-name', 'status', 'host']) {
    const value = given.text(name);
    if (value !== undefined) query.set(name.replace('-', '_'), value);
  }
  // A tenant of one's choice is looked for among all.
  const all = given.has('all-tenants') && given.text('all-tenants') !== '0';
  if (all || given.text('tenant') !== undefined) query.set('all_tenants', '1');
  const [tenant, flavor, image] = [given.text('tenant'), given.text('flavor'), given.text('image')];
  if (tenant !== undefined) query.set('tenant_id', tenant);
  if (given.has('deleted')) query.set('deleted', 'True');
  if (flavor !== undefined) query.set('flavor', (await api.find(kinds.flavor, flavor)).id);
  if (image !== undefined) query.set('image', (await api.find(kinds.image, image)).id);
  const words = query.size > 0 ? `?${query}` : '';
  const detail = given.has('minimal') ? '' : '/detail';
  const { servers } = await api.call<{ servers: Item[] }>('GET', `/servers${detail}${words}`);
  const sorted = servers.toSorted((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
  if (given.has('minimal'))
    return api.printList(
      ['ID', 'Name'],
      sorted.map((one) => [one.id, one.name]),
    );
  const fields = given.text('fields')?.split(',');
  if (fields)
    return api.printList(
      ['ID', ...fields.map(columnTitle)],
      sorted.map((one) => [one.id, ...fields.map((name) => fieldOf(one, name))]),
    );
  api.printList(
    ['ID', 'Name', 'Status', 'Task State', 'Power State', 'Networks'],
    sorted.map((one) => [
      one.id,
      one.name,
      one['status'],
      one['OS-EXT-STS:task_state'],
      powerStates[Number(one['OS-EXT-STS:power_state'] ?? 0)] ?? 'N/A',
      networksText(one),
    ]),
  );
}

export const serverCommands: readonly Command<NovaApi>[] = [
  { name: 'boot', summary: 'Boot a new server.', arguments: bootArguments, run: boot },
  {
    name: 'list',
    summary: 'List active servers.',
    arguments: listArguments,
    watches: 'compute.instance.',
    run: list,
  },
  {
    name: 'show',
    summary: 'Show details about the given server.',
    arguments: [{ name: '--minimal', help: 'Skips flavor/image lookups when showing servers.' }, server],
    async run(api, given) {
      const id = await api.serverId(given.one('server'));
      const { server: found } = await api.call<{ server: Item }>('GET', `/servers/${id}`);
      await printServer(api, found, given.has('minimal'));
    },
  },
  {
    name: 'delete',
    summary: 'Immediately shut down and delete specified server(s).',
    arguments: [{ name: '<server>', count: 'many', help: 'Name or ID of server(s).' }],
    async run(api, given) {
      const names = given.all('server');
      let failed = 0;
      for (const name of names) {
        try {
          await api.call('DELETE', `/servers/${await api.serverId(name)}`);
        } catch (error) {
          if (!(error instanceof CommandError)) throw error;
          failed++;
          api.shell.out(`${error.message}\n`);
        }
      }
      if (failed === names.length) throw new CommandError('Unable to delete any of the specified servers.');
    },
  },
  {
    name: 'rename',
    summary: 'Rename a server.',
    arguments: [
      { name: '<server>', help: 'Name (old name) or ID of server.' },
      { name: '<name>', help: 'New name for the server.' },
    ],
    async run(api, given) {
      await api.call('PUT', `/servers/${await api.serverId(given.one('server'))}`, {
        server: { name: given.one('name') },
      });
    },
  },
  {
    name: 'meta',
    summary: 'Set or delete metadata on a server.',
    arguments: [
      server,
      { name: '<action>', choices: ['set', 'delete'], help: "Actions: 'set' or 'delete'." },
      { name: '<key=value>', count: 'many', help: 'Metadata to set or delete (only key is necessary on delete).' },
    ],
    async run(api, given) {
      const path = `/servers/${await api.serverId(given.one('server'))}/metadata`;
      const words = given.all('key=value');
      if (given.one('action') === 'set') await api.call('POST', path, { metadata: pairs(words, '<key=value>') });
      else
        for (const key of Object.keys(metadataOf(words)).toSorted(byBytes).toReversed())
          await api.call('DELETE', `${path}/${encodeURIComponent(key)}`);
    },
  },
  {
    name: 'diagnostics',
    summary: 'Retrieve server diagnostics.',
    arguments: [server],
    async run(api, given) {
      const path = `/servers/${await api.serverId(given.one('server'))}/diagnostics`;
      api.printItem(wrapped(await api.call('GET', path), 80));
    },
  },
];
