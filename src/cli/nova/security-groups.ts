import type { Argument, Given } from '../base/arguments.ts';
import type { Command } from '../base/command.ts';
import { CommandError } from '../base/errors.ts';
import type { NovaApi } from './api.ts';

interface Rule {
  readonly id: string | number;
  readonly ip_protocol: string | null;
  readonly from_port: number | null;
  readonly to_port: number | null;
  readonly ip_range: { readonly cidr?: string };
  readonly group: { readonly name?: string };
}
interface Group {
  readonly id: string | number;
  readonly name: string;
  readonly description: string;
  readonly tenant_id: string;
  readonly rules: readonly Rule[];
}

const secgroup: Argument = { name: '<secgroup>', help: 'ID or name of security group.' };
const server: Argument = { name: '<server>', help: 'Name or ID of server.' };
const named: readonly Argument[] = [
  { name: '<name>', help: 'Name of security group.' },
  { name: '<description>', help: 'Description of security group.' },
];
const ruleArguments: readonly Argument[] = [
  secgroup,
  { name: '<ip-proto>', help: 'IP protocol (icmp, tcp, udp).' },
  { name: '<from-port>', help: 'Port at start of range.' },
  { name: '<to-port>', help: 'Port at end of range.' },
  { name: '<cidr>', help: 'CIDR for address range.' },
];

const groupRuleArguments: readonly Argument[] = [
  secgroup,
  { name: '<source-group>', help: 'ID or name of source group.' },
  ...ruleArguments.slice(1, 4),
];

const printGroups = (api: NovaApi, groups: readonly Group[]): void =>
  api.printList(
    ['Id', 'Name', 'Description'],
    groups.map((group) => [group.id, group.name, group.description]),
  );
const printRules = (api: NovaApi, rules: readonly Rule[]): void =>
  api.printList(
    ['IP Protocol', 'From Port', 'To Port', 'IP Range', 'Source Group'],
    rules.map((rule) => [
      rule.ip_protocol,
      rule.from_port,
      rule.to_port,
      rule.ip_range.cidr ?? '',
      rule.group.name ?? '',
    ]),
  );

const list = async (api: NovaApi, query = ''): Promise<readonly Group[]> =>
  (await api.call<{ security_groups: Group[] }>('GET', `/os-security-groups${query}`)).security_groups;

async function find(api: NovaApi, nameOrId: string): Promise<Group> {
  const matches = (await list(api)).filter((group) => [String(group.id), group.name].includes(nameOrId));
  const [only] = matches;
  if (matches.length > 1)
    throw new CommandError(
      `Multiple security group matches found for name '${nameOrId}', use an ID to be more specific.`,
    );
  if (!only) throw new CommandError(`Secgroup ID or name '${nameOrId}' not found.`);
  return only;
}

const samePorts = (rule: Rule, given: Given): boolean =>
  rule.ip_protocol?.toUpperCase() === given.one('ip-proto').toUpperCase() &&
  rule.from_port === given.integer('from-port') &&
  rule.to_port === given.integer('to-port');
const sameRule = (rule: Rule, given: Given): boolean =>
  samePorts(rule, given) && rule.ip_range.cidr === given.one('cidr');

const ofServer = (name: string, action: string, summary: string): Command<NovaApi> => ({
  name,
  summary,
  arguments: [server, { name: '<secgroup>', help: 'Name of Security Group.' }],
  async run(api, given) {
    await api.act(given.one('server'), action, { name: given.one('secgroup') });
  },
});

export const securityGroupCommands: readonly Command<NovaApi>[] = [
  {
    name: 'secgroup-list',
    summary: 'List security groups for the current tenant.',
    arguments: [
      {
        name: '--all-tenants',
        value: '<0|1>',
        count: 'optional',
        type: 'int',
        help: 'Display information from all tenants (Admin only).',
      },
    ],
    async run(api, given) {
      if (!given.has('all-tenants') || given.text('all-tenants') === '0') return printGroups(api, await list(api));
      const groups = await list(api, '?all_tenants=1');
      api.printList(
        ['Id', 'Name', 'Description', 'Tenant_ID'],
        groups.map((group) => [group.id, group.name, group.description, group.tenant_id]),
      );
    },
  },
  {
    name: 'secgroup-create',
    summary: 'Create a security group.',
    arguments: named,
    async run(api, given) {
      const json = { security_group: { name: given.one('name'), description: given.one('description') } };
      printGroups(api, [
        (await api.call<{ security_group: Group }>('POST', '/os-security-groups', json)).security_group,
      ]);
    },
  },
  {
    name: 'secgroup-update',
    summary: 'Update a security group.',
    arguments: [secgroup, ...named],
    async run(api, given) {
      const { id } = await find(api, given.one('secgroup'));
      const json = { security_group: { name: given.one('name'), description: given.one('description') } };
      const answer = await api.call<{ security_group: Group }>('PUT', `/os-security-groups/${id}`, json);
      printGroups(api, [answer.security_group]);
    },
  },
  {
    name: 'secgroup-delete',
    summary: 'Delete a security group.',
    arguments: [secgroup],
    async run(api, given) {
      const group = await find(api, given.one('secgroup'));
      await api.call('DELETE', `/os-security-groups/${group.id}`);
      printGroups(api, [group]);
    },
  },
  {
    name: 'secgroup-add-rule',
    summary: 'Add a rule to a security group.',
    arguments: ruleArguments,
    async run(api, given) {
      const group = await find(api, given.one('secgroup'));
      const json = {
        security_group_rule: {
          ip_protocol: given.one('ip-proto'),
          from_port: given.integer('from-port'),
          to_port: given.integer('to-port'),
          cidr: given.one('cidr'),
          group_id: null,
          parent_group_id: group.id,
        },
      };
      const answer = await api.call<{ security_group_rule: Rule }>('POST', '/os-security-group-rules', json);
      printRules(api, [answer.security_group_rule]);
    },
  },
  {
    name: 'secgroup-delete-rule',
    summary: 'Delete a rule from a security group.',
    arguments: ruleArguments,
    async run(api, given) {
      const { rules } = await find(api, given.one('secgroup'));
      const rule = rules.find((one) => sameRule(one, given));
      if (!rule) throw new CommandError('Rule not found');
      await api.call('DELETE', `/os-security-group-rules/${rule.id}`);
      printRules(api, [rule]);
    },
  },
  {
    name: 'secgroup-add-group-rule',
    summary: 'Add a source group rule to a security group.',
    arguments: groupRuleArguments,
    async run(api, given) {
      const group = await find(api, given.one('secgroup'));
      const source = await find(api, given.one('source-group'));
      const json = {
        security_group_rule: {
          ip_protocol: given.one('ip-proto').toUpperCase(),
          from_port: given.integer('from-port'),
          to_port: given.integer('to-port'),
          cidr: null,
          group_id: source.id,
          parent_group_id: group.id,
        },
      };
      const answer = await api.call<{ security_group_rule: Rule }>('POST', '/os-security-group-rules', json);
      printRules(api, [answer.security_group_rule]);
    },
  },
  {
    name: 'secgroup-delete-group-rule',
    summary: 'Delete a source group rule from a security group.',
    arguments: groupRuleArguments,
    async run(api, given) {
      const { rules } = await find(api, given.one('secgroup'));
      const source = await find(api, given.one('source-group'));
      const rule = rules.find((one) => samePorts(one, given) && one.group.name === source.name);
      if (!rule) throw new CommandError('Rule not found');
      await api.call('DELETE', `/os-security-group-rules/${rule.id}`);
    },
  },
  {
    name: 'secgroup-list-rules',
    summary: 'List rules for a security group.',
    arguments: [secgroup],
    async run(api, given) {
      printRules(api, (await find(api, given.one('secgroup'))).rules);
    },
  },
  {
    name: 'list-secgroup',
    summary: 'List Security Group(s) of a server.',
    arguments: [server],
    async run(api, given) {
      const path = `/servers/${await api.serverId(given.one('server'))}/os-security-groups`;
      printGroups(api, (await api.call<{ security_groups: Group[] }>('GET', path)).security_groups);
    },
  },
  ofServer('add-secgroup', 'addSecurityGroup', 'Add a Security Group to a server.'),
  ofServer('remove-secgroup', 'removeSecurityGroup', 'Remove a Security Group from a server.'),
];
