import type { Argument } from '../base/arguments.ts';
import type { Command } from '../base/command.ts';
import { CommandError } from '../base/errors.ts';
import type { NovaApi } from './api.ts';

interface Rule {
  readonly id: string | number;
  readonly ip_protocol: string | null;
  readonly from_port: number | null;
  readonly to_port: number | null;
  readonly ip_range: { readonly cidr?: string };
}

const rule: readonly Argument[] = [
  { name: '<ip-proto>', help: 'IP protocol (icmp, tcp, udp).' },
  { name: '<from-port>', type: 'int', help: 'Port at start of range.' },
  { name: '<to-port>', type: 'int', help: 'Port at end of range.' },
  { name: '<cidr>', help: 'CIDR for address range.' },
];
const path = '/os-security-group-default-rules';

const print = (api: NovaApi, rules: readonly Rule[]): void =>
  api.printList(
    ['IP Protocol', 'From Port', 'To Port', 'IP Range'],
    rules.map((one) => [one.ip_protocol, one.from_port, one.to_port, one.ip_range.cidr ?? '']),
  );
const all = async (api: NovaApi): Promise<readonly Rule[]> =>
  (await api.call<{ security_group_default_rules: Rule[] }>('GET', path)).security_group_default_rules;

/** Rules that new default groups get; the manual's client did not have these commands yet, its service did. */
export const defaultRuleCommands: readonly Command<NovaApi>[] = [
  {
    name: 'secgroup-list-default-rules',
    summary: 'List rules for the default security group.',
    arguments: [],
    async run(api) {
      print(api, await all(api));
    },
  },
  {
    name: 'secgroup-add-default-rule',
    summary: 'Add a rule to the default security group.',
    arguments: rule,
    async run(api, given) {
      const answer = await api.call<{ security_group_default_rule: Rule }>('POST', path, {
        security_group_default_rule: {
          ip_protocol: given.one('ip-proto'),
          from_port: given.integer('from-port'),
          to_port: given.integer('to-port'),
          cidr: given.one('cidr'),
        },
      });
      print(api, [answer.security_group_default_rule]);
    },
  },
  {
    name: 'secgroup-delete-default-rule',
    summary: 'Delete a rule from the default security group.',
    arguments: rule,
    async run(api, given) {
      const found = (await all(api)).find(
        (one) =>
          one.ip_protocol?.toUpperCase() === given.one('ip-proto').toUpperCase() &&
          one.from_port === given.integer('from-port') &&
          one.to_port === given.integer('to-port') &&
          one.ip_range.cidr === given.one('cidr'),
      );
      if (!found) throw new CommandError('Rule not found');
      print(api, [found]);
      await api.call('DELETE', `${path}/${found.id}`);
    },
  },
];
