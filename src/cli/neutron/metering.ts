import type { Command } from '../base/command.ts';
import { kinds, type NeutronApi } from './api.ts';
import { attributesGiven, idAttribute, option } from './attributes.ts';
import { resourceCommands, type Resource } from './resource.ts';

const labels: Resource = {
  kind: kinds.meteringLabel,
  word: 'meter-label',
  noun: 'metering label',
  columns: ['id', 'name', 'description'],
  create: {
    arguments: [
      { name: 'NAME', help: 'Name of metering label to create' },
      option('description', 'Description of metering label to create'),
    ],
    body: (_api, given) => ({ name: given.one('NAME'), ...attributesGiven(given, 'description') }),
  },
};

const rules: Resource = {
  kind: kinds.meteringLabelRule,
  word: 'meter-label-rule',
  noun: 'metering label rule',
  columns: ['id', 'excluded', 'direction', 'remote_ip_prefix'],
  idOnly: true,
  create: {
    arguments: [
      { name: 'LABEL', help: 'ID or name of the label' },
      { name: 'REMOTE_IP_PREFIX', help: 'CIDR to match on' },
      option('direction', 'Direction of traffic, default:ingress', { choices: ['ingress', 'egress'] }),
      { name: '--excluded', help: 'Exclude this cidr from the label, default:not excluded' },
    ],
    body: async (api, given) => ({
      ...(await idAttribute(api, kinds.meteringLabel, 'metering_label_id', given.one('LABEL'))),
      remote_ip_prefix: given.one('REMOTE_IP_PREFIX'),
      direction: given.text('direction') ?? 'ingress',
      ...(given.has('excluded') && { excluded: true }),
    }),
  },
};

/** Commands of metering. */
export const meteringCommands: readonly Command<NeutronApi>[] = [
  ...resourceCommands(labels),
  ...resourceCommands(rules),
];
