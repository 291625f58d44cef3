import type { Argument, Given } from '../base/arguments.ts';
import type { Command } from '../base/command.ts';
import { kinds, type Item, type NeutronApi } from './api.ts';
import { adminState, adminStateDown, attributesGiven, idAttribute, option, shared } from './attributes.ts';
import { requestFormat } from './output.ts';
import { resourceCommands, type Resource } from './resource.ts';

const noOptions = { arguments: [], body: (): Item => ({}) };
const sharedGiven = (given: Given): Item => (given.has('shared') ? { shared: true } : {});

const firewalls: Resource = {
  kind: kinds.firewall,
  word: 'firewall',
  noun: 'firewall',
  columns: ['id', 'name', 'firewall_policy_id'],
  create: {
    arguments: [
      { name: 'POLICY', help: 'Firewall policy ID or name' },
      option('name', 'Name for the firewall'),
      option('description', 'Description for the firewall'),
      shared('Set shared to True (default False)'),
      adminStateDown,
    ],
    body: async (api, given) => ({
      ...(await idAttribute(api, kinds.firewallPolicy, 'firewall_policy_id', given.one('POLICY'))),
      ...adminState(given),
      ...attributesGiven(given, 'name', 'description'),
      ...sharedGiven(given),
    }),
  },
  update: noOptions,
};

const policies: Resource = {
  kind: kinds.firewallPolicy,
  word: 'firewall-policy',
  noun: 'firewall policy',
  columns: ['id', 'name', 'firewall_rules'],
  formats: {
    firewall_rules: (item) =>
      Array.isArray(item['firewall_rules']) ? `[${(item['firewall_rules'] as string[]).join(',\n ')}]` : '',
  },
  create: {
    arguments: [
      { name: 'NAME', help: 'Name for the firewall policy' },
      option('description', 'Description for the firewall policy'),
      shared('To create a shared policy'),
      option('firewall-rules', 'Names or IDs of rules in their order, with blanks between: "rule1 rule2"'),
      { name: '--audited', help: 'To set audited to True' },
    ],
    async body(api, given) {
      const rules = (given.text('firewall-rules') ?? '').split(/\s+/).filter((one) => one !== '');
      const ids: string[] = [];
      for (const rule of rules) ids.push(await api.idOf(kinds.firewallRule, rule));
      return {
        ...(ids.length > 0 && { firewall_rules: ids }),
        name: given.one('NAME'),
        ...attributesGiven(given, 'description'),
        ...sharedGiven(given),
        ...(given.has('audited') && { audited: true }),
      };
    },
  },
  update: noOptions,
};

const protocol = (more: Partial<Argument>): Argument =>
  option('protocol', 'Protocol for the firewall rule', { choices: ['tcp', 'udp', 'icmp', 'any'], ...more });
const protocolGiven = (given: Given): Item =>
  given.has('protocol') ? { protocol: given.text('protocol') === 'any' ? null : given.text('protocol') } : {};

/** Protocol, source, destination and action under each other. */
function summary(rule: Item): string {
  const text = (name: string): string => (rule[name] === null ? 'none' : String(rule[name]).toLowerCase());
  const side = (word: string, name: string): string =>
    `${name}_ip_address` in rule && `${name}_port` in rule
      ? `${word}: ${text(`${name}_ip_address`)}(${text(`${name}_port`)})`
      : `${word}: none specified`;
  return [
    rule['protocol'] ? String(rule['protocol']).toUpperCase() : 'no-protocol',
    side('source', 'source'),
    side('dest', 'destination'),
    rule['action'] === undefined ? 'no-action' : String(rule['action']),
  ].join(',\n ');
}

const rules: Resource = {
  kind: kinds.firewallRule,
  word: 'firewall-rule',
  noun: 'firewall rule',
  columns: ['id', 'name', 'firewall_policy_id', 'summary', 'enabled'],
  formats: { summary },
  create: {
    arguments: [
      option('name', 'Name for the firewall rule'),
      option('description', 'Description for the firewall rule'),
      shared('Set shared to True (default False)'),
      option('source-ip-address', 'Source ip address or subnet'),
      option('destination-ip-address', 'Destination ip address or subnet'),
      option('source-port', 'Source port (integer in [1, 65535] or range in a:b)'),
      option('destination-port', 'Destination port (integer in [1, 65535] or range in a:b)'),
      { name: '--disabled', help: 'To disable this rule' },
      protocol({ required: true }),
      option('action', 'Action for the firewall rule', { required: true, choices: ['allow', 'deny'] }),
    ],
    body: (_api, given) => ({
      ...attributesGiven(
        given,
        'name',
        'description',
        'source-ip-address',
        'destination-ip-address',
        'source-port',
        'destination-port',
        'action',
      ),
      ...sharedGiven(given),
      ...(given.has('disabled') && { enabled: false }),
      ...protocolGiven(given),
    }),
  },
  update: { arguments: [protocol({})], body: (_api, given) => protocolGiven(given) },
};

const policy: Argument = { name: 'FIREWALL_POLICY', help: 'ID or name of firewall_policy to update' };
const rule = (name: string, help: string): Argument =>
  name.startsWith('-') ? { name, value: 'FIREWALL_RULE', help } : { name, help };

async function changeRules(api: NeutronApi, given: Given, action: string, body: Item): Promise<void> {
  const rule_id = await api.idOf(kinds.firewallRule, given.one('FIREWALL_RULE'));
  const id = await api.idOf(kinds.firewallPolicy, given.one('FIREWALL_POLICY'));
  await api.call('PUT', `${kinds.firewallPolicy.path}/${id}/${action}`, { firewall_rule_id: rule_id, ...body });
}

/** Commands of firewalls. */
export const firewallCommands: readonly Command<NeutronApi>[] = [
  ...resourceCommands(firewalls),
  ...resourceCommands(policies),
  {
    name: 'firewall-policy-insert-rule',
    summary: 'Insert a rule into a given firewall policy.',
    arguments: [
      requestFormat,
      policy,
      rule('--insert-before', 'Insert before this rule'),
      rule('--insert-after', 'Insert after this rule'),
      rule('FIREWALL_RULE', 'New rule to insert'),
    ],
    async run(api, given) {
      const neighbour = async (option_: string): Promise<string> => {
        const named = given.text(option_);
        return named === undefined ? '' : api.idOf(kinds.firewallRule, named);
      };
      await changeRules(api, given, 'insert_rule', {
        insert_before: await neighbour('insert-before'),
        insert_after: await neighbour('insert-after'),
      });
      api.say(`Inserted firewall rule in firewall policy ${given.one('FIREWALL_POLICY')}`);
    },
  },
  {
    name: 'firewall-policy-remove-rule',
    summary: 'Remove a rule from a given firewall policy.',
    arguments: [requestFormat, policy, rule('FIREWALL_RULE', 'Firewall rule to remove from policy')],
    async run(api, given) {
      await changeRules(api, given, 'remove_rule', {});
      api.say(`Removed firewall rule from firewall policy ${given.one('FIREWALL_POLICY')}`);
    },
  },
  ...resourceCommands(rules),
];
