import type { Argument } from '../base/arguments.ts';
import type { Command } from '../base/command.ts';
import { CommandError } from '../base/errors.ts';
import { parseBoolean, pyFloat } from '../base/python.ts';
import { kinds, pairs, type Item, type NovaApi } from './api.ts';

const flavor: Argument = { name: '<flavor>', help: 'Name or ID of flavor.' };
const columns = ['ID', 'Name', 'Memory_MB', 'Disk', 'Ephemeral', 'Swap', 'VCPUs', 'RXTX_Factor', 'Is_Public'];

/** Floats lose their point in JSON; the client shows it. */
const factor = (item: Item): string | null =>
  item['rxtx_factor'] === undefined ? null : pyFloat(Number(item['rxtx_factor']));

const row = (item: Item): unknown[] => [
  item.id,
  item.name,
  item['ram'],
  item['disk'],
  item['OS-FLV-EXT-DATA:ephemeral'] ?? 'N/A',
  item['swap'],
  item['vcpus'],
  factor(item),
  item['os-flavor-access:is_public'] ?? 'N/A',
];

/** @throws CommandError */
function wholeNumber(text: string, what: string): number {
  if (!/^[+-]?\d+$/.test(text)) throw new CommandError(`${what} must be an integer.`);
  return Number(text);
}

function factorOf(text: string): number {
  if (text === '' || Number.isNaN(Number(text))) throw new CommandError('rxtx_factor must be a float.');
  return Number(text);
}

async function extraSpecs(api: NovaApi, id: string): Promise<Record<string, string>> {
  return (await api.call<{ extra_specs: Record<string, string> }>('GET', `/flavors/${id}/os-extra_specs`)).extra_specs;
}

function printAccess(api: NovaApi, list: readonly { flavor_id: string; tenant_id: string }[]): void {
  api.printList(
    ['Flavor_ID', 'Tenant_ID'],
    list.map((one) => [one.flavor_id, one.tenant_id]),
  );
}

export const flavorCommands: readonly Command<NovaApi>[] = [
  {
    name: 'flavor-list',
    summary: "Print a list of available 'flavors' (sizes of servers).",
    arguments: [
      { name: '--extra-specs', help: 'Get extra-specs of each flavor.' },
      { name: '--all', help: 'Display all flavors (Admin only).' },
    ],
    async run(api, given) {
      const path = given.has('all') ? '/flavors/detail?is_public=None' : '/flavors/detail';
      const { flavors } = await api.call<{ flavors: Item[] }>('GET', path);
      if (!given.has('extra-specs')) return api.printList(columns, flavors.map(row));
      const specs = await Promise.all(flavors.map((one) => extraSpecs(api, one.id)));
      api.printList(
        [...columns, 'extra_specs'],
        flavors.map((one, index) => [...row(one), specs[index]]),
      );
    },
  },
  {
    name: 'flavor-show',
    summary: 'Show details about the given flavor.',
    arguments: [flavor],
    async run(api, given) {
      const found = await api.find(kinds.flavor, given.one('flavor'));
      const { links: _links, ...shown } = found;
      api.printItem({ ...shown, rxtx_factor: factor(found), extra_specs: await extraSpecs(api, found.id) });
    },
  },
  {
    name: 'flavor-create',
    summary: 'Create a new flavor.',
    arguments: [
      { name: '--ephemeral', value: '<ephemeral>', help: 'Ephemeral space size in GB (default 0).' },
      { name: '--swap', value: '<swap>', help: 'Swap space size in MB (default 0).' },
      { name: '--rxtx-factor', value: '<factor>', help: 'RX/TX factor (default 1).' },
      { name: '--is-public', value: '<is-public>', help: 'Make flavor accessible to the public (default true).' },
      { name: '<name>', help: 'Name of the new flavor.' },
      { name: '<id>', help: "Unique ID for the new flavor; 'auto' has a UUID made." },
      { name: '<ram>', help: 'Memory size in MB.' },
      { name: '<disk>', help: 'Disk size in GB.' },
      { name: '<vcpus>', help: 'Number of vcpus.' },
    ],
    async run(api, given) {
      const isPublic = parseBoolean(given.text('is-public') ?? 'true');
      if (isPublic === undefined)
        throw new CommandError(`Unrecognized value '${given.text('is-public')}', acceptable values are: true, false`);
      const id = given.one('id');
      const json = {
        flavor: {
          name: given.one('name'),
          ram: wholeNumber(given.one('ram'), 'Ram'),
          vcpus: wholeNumber(given.one('vcpus'), 'VCPUs'),
          disk: wholeNumber(given.one('disk'), 'Disk'),
          id: id === 'auto' ? null : id,
          swap: wholeNumber(given.text('swap') ?? '0', 'Swap'),
          'OS-FLV-EXT-DATA:ephemeral': wholeNumber(given.text('ephemeral') ?? '0', 'Ephemeral'),
          rxtx_factor: factorOf(given.text('rxtx-factor') ?? '1'),
          'os-flavor-access:is_public': isPublic,
        },
      };
      api.printList(columns, [row((await api.call<{ flavor: Item }>('POST', '/flavors', json)).flavor)]);
    },
  },
  {
    name: 'flavor-delete',
    summary: 'Delete a specific flavor.',
    arguments: [{ name: '<flavor>', help: 'Name or ID of the flavor to delete.' }],
    async run(api, given) {
      const found = await api.find(kinds.flavor, given.one('flavor'));
      await api.call('DELETE', `/flavors/${encodeURIComponent(found.id)}`);
      api.printList(columns, [row(found)]);
    },
  },
  {
    name: 'flavor-key',
    summary: 'Set or unset extra_spec for a flavor.',
    arguments: [
      flavor,
      { name: '<action>', choices: ['set', 'unset'], help: "Actions: 'set' or 'unset'." },
      { name: '<key=value>', count: 'many', help: 'Extra_specs to set/unset (only key is necessary on unset).' },
    ],
    async run(api, given) {
      const { id } = await api.find(kinds.flavor, given.one('flavor'));
      const path = `/flavors/${encodeURIComponent(id)}/os-extra_specs`;
      const words = given.all('key=value');
      if (given.one('action') === 'set') await api.call('POST', path, { extra_specs: pairs(words, '<key=value>') });
      else
        for (const word of words)
          await api.call('DELETE', `${path}/${encodeURIComponent(word.split('=')[0] as string)}`);
    },
  },
  {
    name: 'flavor-access-list',
    summary: 'Print access information about the given flavor.',
    arguments: [
      { name: '--flavor', value: '<flavor>', help: 'Filter results by flavor name or ID.' },
      { name: '--tenant', value: '<tenant_id>', help: 'Filter results by tenant ID.' },
    ],
    async run(api, given) {
      const name = given.text('flavor');
      if (name !== undefined && given.has('tenant'))
        throw new CommandError('Unable to filter results by both --flavor and --tenant.');
      if (given.has('tenant')) throw new CommandError('Sorry, query by tenant not supported.');
      if (name === undefined) throw new CommandError('Unable to get all access lists. Specify --flavor or --tenant');
      const { id, ...found } = await api.find(kinds.flavor, name);
      if (found['os-flavor-access:is_public'] === true)
        throw new CommandError('Failed to get access list for public flavor type.');
      const path = `/flavors/${encodeURIComponent(id)}/os-flavor-access`;
      const answer = await api.call<{ flavor_access: { flavor_id: string; tenant_id: string }[] }>('GET', path);
      printAccess(api, answer.flavor_access);
    },
  },
  ...(['add', 'remove'] as const).map((action): Command<NovaApi> => ({
    name: `flavor-access-${action}`,
    summary: `${action === 'add' ? 'Add' : 'Remove'} flavor access for the given tenant.`,
    arguments: [
      { name: '<flavor>', help: 'Flavor name or ID.' },
      { name: '<tenant_id>', help: 'Tenant ID.' },
    ],
    async run(api, given) {
      const { id } = await api.find(kinds.flavor, given.one('flavor'));
      const json = { [`${action}TenantAccess`]: { tenant: given.one('tenant_id') } };
      const path = `/flavors/${encodeURIComponent(id)}/action`;
      const answer = await api.call<{ flavor_access: { flavor_id: string; tenant_id: string }[] }>('POST', path, json);
      printAccess(api, answer.flavor_access);
    },
  })),
];
