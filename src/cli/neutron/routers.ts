import type { Argument, Given } from '../base/arguments.ts';
import type { Command } from '../base/command.ts';
import { CommandError } from '../base/errors.ts';
import { kinds, type Item, type NeutronApi } from './api.ts';
import { portResource } from './networks.ts';
import { requestFormat } from './output.ts';
import { listArguments, listQuery, printResources, resourceCommands, type Resource } from './resource.ts';

const router: Argument = { name: 'router-id', help: 'ID or name of the router' };

const routers: Resource = {
  kind: kinds.router,
  word: 'router',
  noun: 'router',
  columns: ['id', 'name', 'external_gateway_info'],
  attributes: ['admin_state_up', 'external_gateway_info', 'id', 'name', 'routes', 'status', 'tenant_id'],
  absentInCreate: ['routes'],
  create: {
    arguments: [
      { name: '--admin-state-down', help: 'Set Admin State Up to false.' },
      { name: 'NAME', help: 'Name of router to create' },
      { name: '--distributed', value: '{True,False}', hidden: true },
    ],
    body: (_api, given) => ({
      name: given.one('NAME'),
      admin_state_up: !given.has('admin-state-down'),
      ...(given.has('distributed') && { distributed: given.text('distributed') }),
    }),
  },
  update: { arguments: [], body: () => ({}) },
};

/** `demo-subnet`, `subnet=demo-subnet` or `port=<port>`. */
async function interfaceOf(api: NeutronApi, text: string): Promise<Item> {
  const [kind, name] = text.includes('=') ? text.split('=', 2) : ['subnet', text];
  if (kind === 'port') return { port_id: await api.idOf(kinds.port, name as string) };
  if (kind === 'subnet') return { subnet_id: await api.idOf(kinds.subnet, name as string) };
  throw new CommandError(`'${text}' is neither SUBNET, subnet=SUBNET nor port=PORT.`);
}

async function changeInterface(api: NeutronApi, given: Given, action: 'add' | 'remove'): Promise<Item> {
  const id = await api.idOf(kinds.router, given.one('router-id'));
  return api.call<Item>(
    'PUT',
    `/routers/${id}/${action}_router_interface`,
    await interfaceOf(api, given.one('INTERFACE')),
  );
}

const interface_: Argument = {
  name: 'INTERFACE',
  help: 'The format is "SUBNET|subnet=SUBNET|port=PORT". Either a subnet or port must be specified. Both ID and name are accepted.',
};

const floatingIps: Resource = {
  kind: kinds.floatingip,
  word: 'floatingip',
  noun: 'floatingip',
  columns: ['id', 'fixed_ip_address', 'floating_ip_address', 'port_id'],
  attributes: [
    'fixed_ip_address',
    'floating_ip_address',
    'floating_network_id',
    'id',
    'port_id',
    'router_id',
    'status',
    'tenant_id',
  ],
  idOnly: true,
  create: {
    arguments: [
      { name: 'FLOATING_NETWORK', help: 'Network name or ID to allocate floating IP from.' },
      { name: '--port-id', value: 'PORT_ID', help: 'ID of the port to be associated with the floating IP.' },
      {
        name: '--fixed-ip-address',
        value: 'FIXED_IP_ADDRESS',
        help: 'IP address on the port (only required if port has multiple IPs).',
      },
    ],
    body: async (api, given) => ({
      floating_network_id: await api.idOf(kinds.network, given.one('FLOATING_NETWORK')),
      ...(given.has('port-id') && { port_id: await api.idOf(kinds.port, given.one('port-id')) }),
      ...(given.has('fixed-ip-address') && { fixed_ip_address: given.text('fixed-ip-address') }),
    }),
  },
};
const floatingIp: Argument = { name: 'FLOATINGIP_ID', help: 'ID of the floating IP.' };

export const routerCommands: readonly Command<NeutronApi>[] = [
  ...resourceCommands(routers),
  {
    name: 'router-port-list',
    summary: 'List ports that belong to a given tenant, with specified router.',
    arguments: [...listArguments, { name: 'router', help: 'ID or name of router to look up' }],
    passUnknown: true,
    async run(api, given) {
      const id = await api.idOf(kinds.router, given.one('router'));
      const query = listQuery(given);
      const items = await api.list(kinds.port, `${query}${query === '' ? '?' : '&'}device_id=${id}`);
      await printResources(api, given, portResource, items);
    },
  },
  {
    name: 'router-gateway-set',
    summary: 'Set the external network gateway for a router.',
    arguments: [
      requestFormat,
      router,
      { name: 'external-network-id', help: 'ID or name of the external network for the gateway' },
      { name: '--disable-snat', help: 'Disable Source NAT on the router gateway' },
    ],
    async run(api, given) {
      const id = await api.idOf(kinds.router, given.one('router-id'));
      const gateway = {
        network_id: await api.idOf(kinds.network, given.one('external-network-id')),
        ...(given.has('disable-snat') && { enable_snat: false }),
      };
      await api.call('PUT', `/routers/${id}`, { router: { external_gateway_info: gateway } });
      api.say(`Set gateway for router ${given.one('router-id')}`);
    },
  },
  {
    name: 'router-gateway-clear',
    summary: 'Remove an external network gateway from a router.',
    arguments: [requestFormat, router],
    async run(api, given) {
      const id = await api.idOf(kinds.router, given.one('router-id'));
      await api.call('PUT', `/routers/${id}`, { router: { external_gateway_info: {} } });
      api.say(`Removed gateway from router ${given.one('router-id')}`);
    },
  },
  {
    name: 'router-interface-add',
    summary: 'Add an internal network interface to a router.',
    arguments: [requestFormat, router, interface_],
    async run(api, given) {
      const { port_id } = await changeInterface(api, given, 'add');
      api.say(`Added interface ${String(port_id)} to router ${given.one('router-id')}.`);
    },
  },
  {
    name: 'router-interface-delete',
    summary: 'Remove an internal network interface from a router.',
    arguments: [requestFormat, router, interface_],
    async run(api, given) {
      await changeInterface(api, given, 'remove');
      api.say(`Removed interface from router ${given.one('router-id')}.`);
    },
  },
  ...resourceCommands(floatingIps),
  {
    name: 'floatingip-associate',
    summary: 'Create a mapping between a floating IP and a fixed IP.',
    arguments: [
      requestFormat,
      floatingIp,
      { name: 'PORT', help: 'ID or name of the port to be associated with the floating IP' },
      {
        name: '--fixed-ip-address',
        value: 'FIXED_IP_ADDRESS',
        help: 'IP address on the port (only required if port has multiple IPs)',
      },
    ],
    async run(api, given) {
      const id = given.one('FLOATINGIP_ID');
      const body = {
        port_id: await api.idOf(kinds.port, given.one('PORT')),
        ...(given.has('fixed-ip-address') && { fixed_ip_address: given.text('fixed-ip-address') }),
      };
      await api.call('PUT', `/floatingips/${encodeURIComponent(id)}`, { floatingip: body });
      api.say(`Associated floatingip ${id}`);
    },
  },
  {
    name: 'floatingip-disassociate',
    summary: 'Remove a mapping from a floating IP to a fixed IP.',
    arguments: [requestFormat, floatingIp],
    async run(api, given) {
      const id = given.one('FLOATINGIP_ID');
      await api.call('PUT', `/floatingips/${encodeURIComponent(id)}`, { floatingip: { port_id: null } });
      api.say(`Disassociated floatingip ${id}`);
    },
  },
];
