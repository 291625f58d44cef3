import type { Argument, Given } from '../base/arguments.ts';
import type { Command } from '../base/command.ts';
import { kinds, type Item, type NeutronApi } from './api.ts';
import { cellText } from './output.ts';
import { listArguments, listQuery, printResources, resourceCommands, type Resource } from './resource.ts';
import { dictOf } from './unknown-options.ts';

const adminState: Argument = { name: '--admin-state-down', help: 'Set Admin State Up to false.' };
const adminUp = (given: Given): Item => ({ admin_state_up: !given.has('admin-state-down') });

/** Each subnet as `<id> <cidr>`: the networks themselves have only the ids. */
export async function withCidrs(api: NeutronApi, networks: readonly Item[]): Promise<readonly Item[]> {
  const ids = networks.flatMap((network) => (network['subnets'] ?? []) as string[]);
  if (ids.length === 0) return networks;
  const cidrs = new Map<unknown, unknown>();
  // A hundred at a time: the ids go into the URL.
  for (let at = 0; at < ids.length; at += 100) {
    const words = ids.slice(at, at + 100).map((id) => `id=${encodeURIComponent(id)}`);
    for (const subnet of await api.list(kinds.subnet, `?fields=id&fields=cidr&${words.join('&')}`))
      cidrs.set(subnet['id'], subnet['cidr']);
  }
  return networks.map((network) => ({
    ...network,
    subnets: ((network['subnets'] ?? []) as string[]).map((id) =>
      `${id} ${cidrs.has(id) ? cellText(cidrs.get(id)) : ''}`.trimEnd(),
    ),
  }));
}

const network: Resource = {
  kind: kinds.network,
  word: 'net',
  noun: 'network',
  columns: ['id', 'name', 'subnets'],
  attributes: [
    'admin_state_up',
    'id',
    'name',
    'provider:network_type',
    'provider:physical_network',
    'provider:segmentation_id',
    'router:external',
    'shared',
    'status',
    'subnets',
    'tenant_id',
  ],
  absentInCreate: ['router:external'],
  complete: withCidrs,
  create: {
    arguments: [
      adminState,
      { name: '--shared', help: 'Set the network as shared.' },
      { name: 'NAME', help: 'Name of network to create.' },
    ],
    body: (_api, given) => ({
      name: given.one('NAME'),
      ...adminUp(given),
      ...(given.has('shared') && { shared: true }),
    }),
  },
  update: { arguments: [], body: () => ({}) },
};

const subnetOptions: readonly Argument[] = [
  { name: '--name', value: 'NAME', help: 'Name of this subnet.' },
  { name: '--gateway', value: 'GATEWAY_IP', help: 'Gateway IP of this subnet.' },
  { name: '--no-gateway', help: 'No distribution of gateway.' },
  {
    name: '--allocation-pool',
    value: 'start=IP_ADDR,end=IP_ADDR',
    repeat: true,
    help: 'Allocation pool IP addresses for this subnet (This option can be repeated).',
  },
  {
    name: '--host-route',
    value: 'destination=CIDR,nexthop=IP_ADDR',
    repeat: true,
    help: 'Additional route (This option can be repeated).',
  },
  {
    name: '--dns-nameserver',
    value: 'DNS_NAMESERVER',
    repeat: true,
    help: 'DNS name server for this subnet (This option can be repeated).',
  },
  { name: '--disable-dhcp', help: 'Disable DHCP for this subnet.' },
  { name: '--enable-dhcp', help: 'Enable DHCP for this subnet.' },
  {
    name: '--ipv6-ra-mode',
    value: '{dhcpv6-stateful,dhcpv6-stateless,slaac}',
    help: 'IPv6 RA (Router Advertisement) mode.',
  },
  { name: '--ipv6-address-mode', value: '{dhcpv6-stateful,dhcpv6-stateless,slaac}', help: 'IPv6 address mode.' },
];

/** The client of the manual's time did not have the others yet: they work, but its help does not show them. */
const icehouse = ({ name }: Argument): boolean => !/^--(enable-dhcp|ipv6-)/.test(name);
const unseen = (options: readonly Argument[]): readonly Argument[] =>
  options.map((option) => ({ ...option, hidden: true }));

function subnetBody(given: Given): Item {
  const text = (option: string, attribute: string): Item =>
    given.has(option) ? { [attribute]: given.text(option) } : {};
  return {
    ...text('name', 'name'),
    ...text('gateway', 'gateway_ip'),
    ...(given.has('no-gateway') && { gateway_ip: null }),
    ...(given.has('allocation-pool') && {
      allocation_pools: given.all('allocation-pool').map((pool) => dictOf(pool, '--allocation-pool')),
    }),
    ...(given.has('host-route') && {
      host_routes: given.all('host-route').map((route) => dictOf(route, '--host-route')),
    }),
    ...(given.has('dns-nameserver') && { dns_nameservers: given.all('dns-nameserver') }),
    ...(given.has('disable-dhcp') && { enable_dhcp: false }),
    ...(given.has('enable-dhcp') && { enable_dhcp: true }),
    ...text('ipv6-ra-mode', 'ipv6_ra_mode'),
    ...text('ipv6-address-mode', 'ipv6_address_mode'),
  };
}

const subnet: Resource = {
  kind: kinds.subnet,
  word: 'subnet',
  noun: 'subnet',
  columns: ['id', 'name', 'cidr', 'allocation_pools'],
  attributes: [
    'allocation_pools',
    'cidr',
    'dns_nameservers',
    'enable_dhcp',
    'gateway_ip',
    'host_routes',
    'id',
    'ip_version',
    'name',
    'network_id',
    'tenant_id',
  ],
  create: {
    arguments: [
      ...subnetOptions.slice(0, 1),
      { name: '--ip-version', value: '{4,6}', choices: ['4', '6'], help: 'IP version with default 4' },
      ...subnetOptions.slice(1).map((option) => (icehouse(option) ? option : { ...option, hidden: true })),
      { name: 'NETWORK', help: 'Network ID or name this subnet belongs to' },
      { name: 'CIDR', help: 'CIDR of subnet to create' },
    ],
    body: async (api, given) => ({
      network_id: await api.idOf(kinds.network, given.one('NETWORK')),
      cidr: given.one('CIDR'),
      ip_version: given.integer('ip-version') ?? (given.one('CIDR').includes(':') ? 6 : 4),
      ...subnetBody(given),
    }),
  },
  update: { arguments: unseen(subnetOptions), body: (_api, given) => subnetBody(given) },
};

const portOptions: readonly Argument[] = [
  { name: '--name', value: 'NAME', help: 'Name of this port.' },
  { name: '--device-id', value: 'DEVICE_ID', help: 'Device ID of this port.' },
  { name: '--device-owner', value: 'DEVICE_OWNER', help: 'Device owner of this port.' },
  {
    name: '--fixed-ip',
    value: 'subnet_id=SUBNET,ip_address=IP_ADDR',
    repeat: true,
    help: 'Desired IP and/or subnet (name or ID) for this port (This option can be repeated).',
  },
  {
    name: '--security-group',
    value: 'SECURITY_GROUP',
    repeat: true,
    help: 'Security group associated with the port (This option can be repeated).',
  },
  {
    name: '--no-security-groups',
    notWith: '--security-group',
    help: 'Associate no security groups with the port',
  },
  {
    name: '--extra-dhcp-opt',
    value: 'EXTRA_DHCP_OPTS',
    repeat: true,
    help: 'Extra dhcp options to be assigned to this port (This option can be repeated).',
  },
];

const shownInUpdate = ['--security-group', '--no-security-groups', '--extra-dhcp-opt'];

async function portBody(api: NeutronApi, given: Given): Promise<Item> {
  const text = (option: string, attribute: string): Item =>
    given.has(option) ? { [attribute]: given.text(option) } : {};
  const addresses = await Promise.all(
    given.all('fixed-ip').map(async (one) => {
      const { subnet_id: named, ...address } = dictOf(one, '--fixed-ip');
      return { ...(named !== undefined && { subnet_id: await api.idOf(kinds.subnet, named) }), ...address };
    }),
  );
  const groups = await Promise.all(given.all('security-group').map((name) => api.idOf(kinds.securityGroup, name)));
  return {
    ...text('name', 'name'),
    ...text('device-id', 'device_id'),
    ...text('device-owner', 'device_owner'),
    ...(addresses.length > 0 && { fixed_ips: addresses }),
    ...(groups.length > 0 && { security_groups: groups }),
    ...(given.has('no-security-groups') && { security_groups: [] }),
    ...(given.has('extra-dhcp-opt') && {
      extra_dhcp_opts: given.all('extra-dhcp-opt').map((one) => dictOf(one, '--extra-dhcp-opt')),
    }),
  };
}

const port: Resource = {
  kind: kinds.port,
  word: 'port',
  noun: 'port',
  columns: ['id', 'name', 'mac_address', 'fixed_ips'],
  attributes: [
    'admin_state_up',
    'allowed_address_pairs',
    'binding:host_id',
    'binding:profile',
    'binding:vif_details',
    'binding:vif_type',
    'binding:vnic_type',
    'device_id',
    'device_owner',
    'extra_dhcp_opts',
    'fixed_ips',
    'id',
    'mac_address',
    'name',
    'network_id',
    'security_groups',
    'status',
    'tenant_id',
  ],
  create: {
    arguments: [
      ...portOptions.slice(0, 1),
      { ...adminState, help: 'Set admin state up to false' },
      { name: '--mac-address', value: 'MAC_ADDRESS', help: 'MAC address of this port' },
      ...portOptions.slice(1).filter(({ name }) => name !== '--device-owner'),
      { name: '--device-owner', value: 'DEVICE_OWNER', hidden: true },
      { name: 'NETWORK', help: 'Network ID or name this port belongs to' },
    ],
    body: async (api, given) => ({
      network_id: await api.idOf(kinds.network, given.one('NETWORK')),
      ...adminUp(given),
      ...(given.has('mac-address') && { mac_address: given.text('mac-address') }),
      ...(await portBody(api, given)),
    }),
  },
  update: {
    arguments: [
      ...portOptions.filter(({ name }) => shownInUpdate.includes(name)),
      ...unseen(portOptions.filter(({ name }) => !shownInUpdate.includes(name))),
    ],
    body: portBody,
  },
};

export const networkCommands: readonly Command<NeutronApi>[] = [
  ...resourceCommands(network),
  {
    name: 'net-external-list',
    summary: 'List external networks that belong to a given tenant.',
    arguments: listArguments,
    passUnknown: true,
    async run(api, given) {
      const query = listQuery(given);
      const items = await api.list(kinds.network, `${query}${query === '' ? '?' : '&'}router:external=True`);
      await printResources(api, given, network, items);
    },
  },
  ...resourceCommands(subnet),
  ...resourceCommands(port),
];

/** For `router-port-list`. */
export { port as portResource };
