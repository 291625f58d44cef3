import type { Argument, Given } from '../base/arguments.ts';
import type { Command } from '../base/command.ts';
import { CommandError } from '../base/errors.ts';
import { kinds, type Item, type NeutronApi } from './api.ts';
import { adminState, adminStateDown, attributesGiven, idAttribute, option, wholeNumber } from './attributes.ts';
import { resourceCommands, type Resource } from './resource.ts';
import { dictOf } from './unknown-options.ts';

const quoted = (words: readonly string[]): string => `[${words.map((one) => `'${one}'`).join(', ')}]`;

const lifetime: Argument = {
  ...option('lifetime', 'Lifetime: units are seconds, value is at least 60, 3600 by default'),
  value: 'units=UNITS,value=VALUE',
};

/** `--lifetime units=seconds,value=3600`. @throws CommandError */
function lifetimeGiven(given: Given): Item {
  const text = given.text('lifetime');
  if (text === undefined) return {};
  const result: Record<string, string | number> = {};
  for (const [key, value] of Object.entries(dictOf(text, '--lifetime'))) {
    if (key !== 'units' && key !== 'value')
      throw new CommandError(
        `Lifetime Dictionary KeyError: Reason-Invalid unit key : '${key}' not in ${quoted(['units', 'value'])} `,
      );
    if (key === 'units' && value !== 'seconds')
      throw new CommandError(
        `Lifetime Dictionary ValueError: Reason-Invalid units : '${value}' not in ${quoted(['seconds'])} `,
      );
    result[key] =
      key === 'units'
        ? value
        : wholeNumber(
            value,
            60,
            `Lifetime Dictionary ValueError: Reason-Invalid value should be at least 60:'value' = ${value} `,
          );
  }
  return { lifetime: result };
}

const dpd: Argument = {
  ...option(
    'dpd',
    'Dead peer detection: action is hold (the default), clear, restart, restart-by-peer or disabled; interval (30) is less than timeout (120)',
  ),
  value: 'action=ACTION,interval=INTERVAL,timeout=TIMEOUT',
};
const dpdActions = ['hold', 'clear', 'restart', 'restart-by-peer', 'disabled'];
const dpdKeys = ['action', 'interval', 'timeout'];

/** `--dpd action=hold,interval=30,timeout=120`. @throws CommandError */
function dpdGiven(given: Given): Item {
  const text = given.text('dpd');
  if (text === undefined) return {};
  const result: Record<string, string | number> = {};
  for (const [key, value] of Object.entries(dictOf(text, '--dpd'))) {
    if (!dpdKeys.includes(key))
      throw new CommandError(`DPD Dictionary KeyError: Reason-Invalid DPD key : '${key}' not in ${quoted(dpdKeys)} `);
    if (key === 'action' && !dpdActions.includes(value))
      throw new CommandError(
        `DPD Dictionary ValueError: Reason-Invalid DPD action : '${value}' not in ${quoted(dpdActions)} `,
      );
    result[key] =
      key === 'action'
        ? value
        : wholeNumber(
            value,
            1,
            `DPD Dictionary ValueError: Reason-Invalid positive integer value: '${key}' = ${value} `,
          );
  }
  return { dpd: result };
}

const services: Resource = {
  kind: kinds.vpnService,
  word: 'vpn-service',
  noun: 'vpnservice',
  title: 'VPNService',
  columns: ['id', 'name', 'router_id', 'status'],
  create: {
    arguments: [
      adminStateDown,
      option('name', 'Set a name for the vpnservice'),
      option('description', 'Set a description for the vpnservice'),
      { name: 'ROUTER', help: 'Router of the vpnservice' },
      { name: 'SUBNET', help: 'Subnet behind the router' },
    ],
    body: async (api, given) => ({
      ...(await idAttribute(api, kinds.subnet, 'subnet_id', given.one('SUBNET'))),
      ...(await idAttribute(api, kinds.router, 'router_id', given.one('ROUTER'))),
      ...adminState(given),
      ...attributesGiven(given, 'name', 'description'),
    }),
  },
  update: { arguments: [], body: () => ({}) },
};

const encryption = ['3des', 'aes-128', 'aes-192', 'aes-256'];
const groups = ['group2', 'group5', 'group14'];
const choice = (name: string, choices: readonly string[], usual: string): Argument =>
  option(name, `In lowercase, default:${usual}`, { choices });
/** The choices that were made, and the usual ones of the rest. */
const chosen = (given: Given, usual: Readonly<Record<string, string>>): Item =>
  Object.fromEntries(
    Object.entries(usual).map(([name, value]) => [name.replaceAll('-', '_'), given.text(name) ?? value]),
  );

const ikePolicies: Resource = {
  kind: kinds.ikePolicy,
  word: 'vpn-ikepolicy',
  noun: 'ikepolicy',
  title: 'IKEPolicy',
  columns: ['id', 'name', 'auth_algorithm', 'encryption_algorithm', 'ike_version', 'pfs'],
  create: {
    arguments: [
      option('description', 'Description of the IKE policy'),
      choice('auth-algorithm', ['sha1'], 'sha1'),
      choice('encryption-algorithm', encryption, 'aes-128'),
      choice('phase1-negotiation-mode', ['main'], 'main'),
      choice('ike-version', ['v1', 'v2'], 'v1'),
      choice('pfs', groups, 'group5'),
      lifetime,
      { name: 'NAME', help: 'Name of the IKE Policy' },
    ],
    body: (_api, given) => ({
      ...chosen(given, {
        'auth-algorithm': 'sha1',
        'encryption-algorithm': 'aes-128',
        'phase1-negotiation-mode': 'main',
        'ike-version': 'v1',
        pfs: 'group5',
      }),
      name: given.one('NAME'),
      ...attributesGiven(given, 'description'),
      ...lifetimeGiven(given),
    }),
  },
  update: { arguments: [lifetime], body: (_api, given) => lifetimeGiven(given) },
};

const ipsecPolicies: Resource = {
  kind: kinds.ipsecPolicy,
  word: 'vpn-ipsecpolicy',
  noun: 'ipsecpolicy',
  columns: ['id', 'name', 'auth_algorithm', 'encryption_algorithm', 'pfs'],
  create: {
    arguments: [
      option('description', 'Description of the IPsecPolicy'),
      choice('transform-protocol', ['esp', 'ah', 'ah-esp'], 'esp'),
      choice('auth-algorithm', ['sha1'], 'sha1'),
      choice('encryption-algorithm', encryption, 'aes-128'),
      choice('encapsulation-mode', ['tunnel', 'transport'], 'tunnel'),
      choice('pfs', groups, 'group5'),
      lifetime,
      { name: 'NAME', help: 'Name of the IPsecPolicy' },
    ],
    body: (_api, given) => ({
      ...chosen(given, {
        'auth-algorithm': 'sha1',
        'encryption-algorithm': 'aes-128',
        'encapsulation-mode': 'tunnel',
        'transform-protocol': 'esp',
        pfs: 'group5',
      }),
      name: given.one('NAME'),
      ...attributesGiven(given, 'description'),
      ...lifetimeGiven(given),
    }),
  },
  update: { arguments: [lifetime], body: (_api, given) => lifetimeGiven(given) },
};

const required = { required: true };

const connections: Resource = {
  kind: kinds.ipsecSiteConnection,
  word: 'ipsec-site-connection',
  noun: 'ipsec site connection',
  title: 'IPsecSiteConnection',
  columns: ['id', 'name', 'peer_address', 'peer_cidrs', 'route_mode', 'auth_mode', 'status'],
  formats: {
    peer_cidrs: (item) => ((item['peer_cidrs'] ?? []) as string[]).map((cidr) => JSON.stringify(cidr)).join('\n'),
  },
  create: {
    arguments: [
      adminStateDown,
      option('name', 'Set friendly name for the connection'),
      option('description', 'Set a description for the connection'),
      option('mtu', 'MTU size for the connection, default:1500'),
      option('initiator', 'Initiator state in lowercase, default:bi-directional', {
        choices: ['bi-directional', 'response-only'],
      }),
      dpd,
      option('vpnservice-id', 'VPNService of this connection', { ...required, value: 'VPNSERVICE' }),
      option('ikepolicy-id', 'IKEPolicy of this connection', { ...required, value: 'IKEPOLICY' }),
      option('ipsecpolicy-id', 'IPsecPolicy of this connection', { ...required, value: 'IPSECPOLICY' }),
      option('peer-address', 'Public address or name of the peer gateway', required),
      option('peer-id', 'What the peer router says it is: an address, e-mail address, key id or name', required),
      option('peer-cidr', 'Remote subnet in CIDR format (can be repeated)', {
        ...required,
        repeat: true,
        value: 'PEER_CIDRS',
      }),
      option('psk', 'Pre-Shared Key string', required),
    ],
    body: async (api, given) => {
      const mtu = given.text('mtu') ?? '1500';
      wholeNumber(mtu, 68, 'Invalid MTU value: MTU must be greater than or equal to 68');
      return {
        ...(await idAttribute(api, kinds.vpnService, 'vpnservice_id', given.one('vpnservice-id'))),
        ...(await idAttribute(api, kinds.ikePolicy, 'ikepolicy_id', given.one('ikepolicy-id'))),
        ...(await idAttribute(api, kinds.ipsecPolicy, 'ipsecpolicy_id', given.one('ipsecpolicy-id'))),
        ...attributesGiven(given, 'peer-address', 'peer-id', 'psk', 'name', 'description'),
        mtu,
        initiator: given.text('initiator') ?? 'bi-directional',
        ...adminState(given),
        ...dpdGiven(given),
        peer_cidrs: given.all('peer-cidr'),
      };
    },
  },
  update: { arguments: [dpd], body: (_api, given) => dpdGiven(given) },
};

/** Commands of VPNs. */
export const vpnCommands: readonly Command<NeutronApi>[] = [
  ...resourceCommands(services),
  ...resourceCommands(ikePolicies),
  ...resourceCommands(ipsecPolicies),
  ...resourceCommands(connections),
];
