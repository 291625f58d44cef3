import type { Given } from '../base/arguments.ts';
import type { Command } from '../base/command.ts';
import { kinds, type Item, type NeutronApi } from './api.ts';
import { cellText } from './output.ts';
import { resourceCommands, type Resource } from './resource.ts';

const groups: Resource = {
  kind: kinds.securityGroup,
  word: 'security-group',
  noun: 'security group',
  columns: ['id', 'name', 'description'],
  attributes: ['description', 'id', 'name', 'security_group_rules', 'tenant_id'],
  create: {
    arguments: [
      { name: 'NAME', help: 'Name of security group' },
      { name: '--description', value: 'DESCRIPTION', help: 'Description of security group' },
    ],
    body: (_api, given) => ({
      name: given.one('NAME'),
      ...(given.has('description') && { description: given.text('description') }),
    }),
  },
  update: {
    arguments: [
      { name: '--name', value: 'NAME', help: 'Name of security group.' },
      { name: '--description', value: 'DESCRIPTION', help: 'Description of security group.' },
    ],
    body: (_api, given) => ({
      ...(given.has('name') && { name: given.text('name') }),
      ...(given.has('description') && { description: given.text('description') }),
    }),
  },
};

/** Rules name groups by id; a list shows their names. */
async function withNames(api: NeutronApi, rules: readonly Item[], given: Given): Promise<readonly Item[]> {
  if (given.has('no-nameconv')) return rules;
  const names = new Map(
    (await api.list(kinds.securityGroup, '?fields=id&fields=name')).map((group) => [group['id'], group['name']]),
  );
  const nameOf = (id: unknown): string => cellText(names.get(id) ?? id);
  return rules.map((rule) => ({
    ...rule,
    security_group: nameOf(rule['security_group_id']),
    remote_group: nameOf(rule['remote_group_id']),
  }));
}

const rules: Resource = {
  kind: kinds.securityGroupRule,
  word: 'security-group-rule',
  noun: 'security group rule',
  attributes: [
    'direction',
    'ethertype',
    'id',
    'port_range_max',
    'port_range_min',
    'protocol',
    'remote_group_id',
    'remote_ip_prefix',
    'security_group_id',
    'tenant_id',
  ],
  columns: ['id', 'security_group', 'direction', 'protocol', 'remote_ip_prefix', 'remote_group'],
  columnsOf: (given, columns) =>
    given.has('no-nameconv') ? columns.map((name) => (/group$/.test(name) ? `${name}_id` : name)) : columns,
  formats: {
    security_group: (rule) => cellText(rule['security_group'] ?? rule['security_group_id']),
    remote_group: (rule) => cellText(rule['remote_group'] ?? rule['remote_group_id']),
  },
  complete: withNames,
  idOnly: true,
  listArguments: [{ name: '--no-nameconv', help: 'Do not convert security group ID to its name' }],
  create: {
    arguments: [
      { name: 'SECURITY_GROUP', help: 'Security group name or ID to add rule.' },
      {
        name: '--direction',
        value: '{ingress,egress}',
        choices: ['ingress', 'egress'],
        help: 'Direction of traffic: ingress/egress.',
      },
      { name: '--ethertype', value: 'ETHERTYPE', help: 'IPv4/IPv6.' },
      { name: '--protocol', value: 'PROTOCOL', help: 'Protocol of packet.' },
      { name: '--port-range-min', value: 'PORT_RANGE_MIN', help: 'Starting port range.' },
      { name: '--port-range-max', value: 'PORT_RANGE_MAX', help: 'Ending port range.' },
      { name: '--remote-ip-prefix', value: 'REMOTE_IP_PREFIX', help: 'CIDR to match on.' },
      { name: '--remote-group-id', value: 'REMOTE_GROUP', help: 'Remote security group name or ID to apply rule.' },
    ],
    body: async (api, given) => {
      const group = given.text('remote-group-id');
      const text = (name: string): Item => (given.has(name) ? { [name.replaceAll('-', '_')]: given.text(name) } : {});
      return {
        security_group_id: await api.idOf(kinds.securityGroup, given.one('SECURITY_GROUP')),
        direction: given.text('direction') ?? 'ingress',
        ethertype: given.text('ethertype') ?? 'IPv4',
        ...text('protocol'),
        ...text('port-range-min'),
        ...text('port-range-max'),
        ...text('remote-ip-prefix'),
        ...(group !== undefined && { remote_group_id: await api.idOf(kinds.securityGroup, group) }),
      };
    },
  },
};

export const securityGroupCommands: readonly Command<NeutronApi>[] = [
  ...resourceCommands(groups),
  ...resourceCommands(rules),
];
