import type { Argument } from '../base/arguments.ts';
import type { Command } from '../base/command.ts';
import { kinds, type Item, type NeutronApi } from './api.ts';
import { adminState, adminStateDown, attributesGiven, idAttribute, option } from './attributes.ts';
import { fieldArguments, printItem, requestFormat, showArguments } from './output.ts';
import { resourceCommands, type Resource } from './resource.ts';

const noOptions = { arguments: [], body: (): Item => ({}) };
const required = { required: true };
const pool = (help: string): Argument => ({ name: 'POOL', help });
const belongs = pool('Pool ID or name this belongs to');
const subnet = (help: string): Argument => ({ ...option('subnet-id', help, required), value: 'SUBNET' });

const vips: Resource = {
  kind: kinds.vip,
  word: 'lb-vip',
  noun: 'vip',
  columns: ['id', 'name', 'algorithm', 'address', 'protocol', 'admin_state_up', 'status'],
  create: {
    arguments: [
      belongs,
      option('address', 'IP address of the vip'),
      adminStateDown,
      option('connection-limit', 'The most connections at a time; -1, the default, is no limit'),
      option('description', 'Description of the vip'),
      option('name', 'Name of the vip', required),
      option('protocol-port', 'TCP port of the vip address that clients connect to', required),
      option('protocol', 'Protocol for balancing', { ...required, choices: ['TCP', 'HTTP', 'HTTPS'] }),
      subnet('The subnet on which to allocate the vip address'),
    ],
    body: async (api, given) => ({
      ...(await idAttribute(api, kinds.pool, 'pool_id', given.one('POOL'))),
      ...adminState(given),
      ...(await idAttribute(api, kinds.subnet, 'subnet_id', given.one('subnet-id'))),
      ...attributesGiven(given, 'address', 'connection-limit', 'description', 'name', 'protocol-port', 'protocol'),
    }),
  },
  update: noOptions,
};

const pools: Resource = {
  kind: kinds.pool,
  word: 'lb-pool',
  noun: 'pool',
  columns: ['id', 'name', 'provider', 'lb_method', 'protocol', 'admin_state_up', 'status'],
  formats: { provider: (item) => String(item['provider'] || 'N/A') },
  create: {
    arguments: [
      adminStateDown,
      option('description', 'Description of the pool'),
      option('lb-method', 'How load is spread over the members of the pool', {
        ...required,
        choices: ['ROUND_ROBIN', 'LEAST_CONNECTIONS', 'SOURCE_IP'],
      }),
      option('name', 'The name of the pool', required),
      option('protocol', 'Protocol for balancing', { ...required, choices: ['HTTP', 'HTTPS', 'TCP'] }),
      subnet('The subnet on which the members of the pool will be located'),
      option('provider', 'Provider name of loadbalancer service'),
    ],
    body: async (api, given) => ({
      ...adminState(given),
      ...(await idAttribute(api, kinds.subnet, 'subnet_id', given.one('subnet-id'))),
      ...attributesGiven(given, 'description', 'lb-method', 'name', 'protocol', 'provider'),
    }),
  },
  update: noOptions,
};

const members: Resource = {
  kind: kinds.member,
  word: 'lb-member',
  noun: 'member',
  columns: ['id', 'address', 'protocol_port', 'admin_state_up', 'status'],
  create: {
    arguments: [
      belongs,
      adminStateDown,
      option('weight', 'Weight of pool member in the pool (default:1, [0..256])'),
      option('address', 'IP address of the pool member on the pool network', required),
      option('protocol-port', 'Port on which the pool member listens', required),
    ],
    body: async (api, given) => ({
      ...(await idAttribute(api, kinds.pool, 'pool_id', given.one('POOL'))),
      ...adminState(given),
      ...attributesGiven(given, 'address', 'protocol-port', 'weight'),
    }),
  },
  update: noOptions,
};

const monitors: Resource = {
  kind: kinds.healthMonitor,
  word: 'lb-healthmonitor',
  noun: 'health monitor',
  title: 'healthmonitor',
  columns: ['id', 'type', 'admin_state_up'],
  idOnly: true,
  create: {
    arguments: [
      adminStateDown,
      option('expected-codes', 'HTTP statuses of a healthy member: one, a list (200, 202) or a range (200-204)'),
      option('http-method', 'The method of an HTTP probe'),
      option('url-path', 'The path of an HTTP probe; it begins with a slash'),
      option('delay', 'Seconds between probes to a member', required),
      option('max-retries', 'How many probes may fail before a member is inactive [1..10]', required),
      option('timeout', 'Seconds to wait for a connection; less than the delay', required),
      option('type', 'What is probed', { ...required, choices: ['PING', 'TCP', 'HTTP', 'HTTPS'] }),
    ],
    body: (_api, given) => ({
      ...adminState(given),
      ...attributesGiven(given, 'delay', 'max-retries', 'timeout', 'type', 'expected-codes', 'http-method', 'url-path'),
    }),
  },
  update: noOptions,
};

const mapped: readonly Argument[] = [
  requestFormat,
  { name: 'HEALTH_MONITOR_ID', help: 'Health monitor' },
  pool('ID or name of the pool'),
];

/** Commands of load balancing. */
export const loadBalancerCommands: readonly Command<NeutronApi>[] = [
  ...resourceCommands(vips),
  ...resourceCommands(pools),
  {
    name: 'lb-pool-stats',
    summary: 'Retrieve stats for a given pool.',
    arguments: [...showArguments, ...fieldArguments, pool('ID or name of pool to look up')],
    async run(api, given) {
      const id = await api.idOf(kinds.pool, given.one('POOL'));
      printItem(api, given, (await api.call<{ stats: Item }>('GET', `${kinds.pool.path}/${id}/stats`)).stats);
    },
  },
  ...resourceCommands(members),
  ...resourceCommands(monitors),
  {
    name: 'lb-healthmonitor-associate',
    summary: 'Create a mapping between a health monitor and a pool.',
    arguments: mapped,
    async run(api, given) {
      const id = given.one('HEALTH_MONITOR_ID');
      const path = `${kinds.pool.path}/${await api.idOf(kinds.pool, given.one('POOL'))}/health_monitors`;
      await api.call('POST', path, { health_monitor: { id } });
      api.say(`Associated health monitor ${id}`);
    },
  },
  {
    name: 'lb-healthmonitor-disassociate',
    summary: 'Remove a mapping from a health monitor to a pool.',
    arguments: mapped,
    async run(api, given) {
      const id = given.one('HEALTH_MONITOR_ID');
      const path = `${kinds.pool.path}/${await api.idOf(kinds.pool, given.one('POOL'))}/health_monitors`;
      await api.call('DELETE', `${path}/${encodeURIComponent(id)}`);
      api.say(`Disassociated health monitor ${id}`);
    },
  },
];
