import type { Argument } from '../base/arguments.ts';
import type { Command } from '../base/command.ts';
import { parseBoolean, pyText } from '../base/python.ts';
import { kinds, metadataOf, word, type CinderApi, type Item } from './api.ts';

const specs: Argument = { name: '<qos_specs>', help: 'ID of the qos specs.' };
const typeId: Argument = { name: '<volume_type_id>', help: 'ID of the volume type.' };
const path = (id: string): string => `/qos-specs/${word(id)}`;

const association = (name: string, action: string, summary: string): Command<CinderApi> => ({
  name,
  summary,
  arguments: [specs, typeId],
  async run(api, given) {
    await api.call('GET', `${path(given.one('qos_specs'))}/${action}?vol_type_id=${word(given.one('volume_type_id'))}`);
  },
});

export const qosCommands: readonly Command<CinderApi>[] = [
  {
    name: 'qos-create',
    summary: 'Create a new qos specs.',
    arguments: [
      { name: '<name>', help: 'Name of the new QoS specs.' },
      { name: '<key=value>', count: 'many', help: 'Specifications for QoS.' },
    ],
    async run(api, given) {
      const body = { qos_specs: { name: given.one('name'), ...metadataOf(given.all('key=value')) } };
      api.printItem((await api.call<{ qos_specs: Item }>('POST', '/qos-specs', body)).qos_specs);
    },
  },
  {
    name: 'qos-list',
    summary: 'Get full list of qos specs.',
    arguments: [],
    async run(api) {
      const answer = await api.call<{ qos_specs: Item[] }>('GET', '/qos-specs');
      api.printItems(['ID', 'Name', 'Consumer', 'specs'], answer.qos_specs);
    },
  },
  {
    name: 'qos-show',
    summary: 'Get a specific qos specs.',
    arguments: [{ ...specs, help: 'ID of the qos_specs to show.' }],
    async run(api, given) {
      api.printItem(await api.find(kinds.qos, given.one('qos_specs')));
    },
  },
  {
    name: 'qos-delete',
    summary: 'Delete a specific qos specs.',
    arguments: [
      { ...specs, help: 'ID of the qos_specs to delete.' },
      { name: '--force', value: '<True|False>', help: 'Delete them even if they are in use.' },
    ],
    async run(api, given) {
      const force = parseBoolean(given.text('force') ?? 'False') ?? false;
      const id = await api.idOf(kinds.qos, given.one('qos_specs'));
      await api.call('DELETE', `${path(id)}?force=${pyText(force)}`);
    },
  },
  association('qos-associate', 'associate', 'Associate qos specs with specific volume type.'),
  association('qos-disassociate', 'disassociate', 'Disassociate qos specs from specific volume type.'),
  {
    name: 'qos-disassociate-all',
    summary: 'Disassociate qos specs from all of its associations.',
    arguments: [specs],
    async run(api, given) {
      await api.call('GET', `${path(given.one('qos_specs'))}/disassociate_all`);
    },
  },
  {
    name: 'qos-key',
    summary: 'Set or unset specifications for a qos spec.',
    arguments: [
      specs,
      { name: '<action>', choices: ['set', 'unset'], help: "Actions: 'set' or 'unset'." },
      { name: 'key=value', count: 'many', help: 'QoS specs to set/unset (only key is necessary on unset).' },
    ],
    async run(api, given) {
      const keys = metadataOf(given.all('key=value'));
      const id = path(given.one('qos_specs'));
      if (given.one('action') === 'set') await api.call('PUT', id, { qos_specs: keys });
      else await api.call('PUT', `${id}/delete_keys`, { keys: Object.keys(keys) });
    },
  },
  {
    name: 'qos-get-association',
    summary: 'Get all associations of specific qos specs.',
    arguments: [specs],
    async run(api, given) {
      const answer = await api.call<{ qos_associations: Item[] }>(
        'GET',
        `${path(given.one('qos_specs'))}/associations`,
      );
      api.printItems(['Association_Type', 'Name', 'ID'], answer.qos_associations);
    },
  },
];
