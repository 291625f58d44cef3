import type { Argument } from '../base/arguments.ts';
import type { Command } from '../base/command.ts';
import { CommandError } from '../base/errors.ts';
import { parseBoolean } from '../base/python.ts';
import type { Item, NovaApi } from './api.ts';

const network: Argument = { name: '<network>', help: 'UUID of network.' };
const networkId: Argument = { name: '<network_id>', help: 'ID of network.' };
const word = encodeURIComponent;
const text = (name: string, value: string, help: string): Argument => ({ name: `--${name}`, value, help });
const only = (name: string, help: string): Argument => ({
  name: `--${name}`,
  value: '<0|1>',
  count: 'optional',
  type: 'int',
  help,
});

/** Options of `network-create` with the attributes that they become. */
const attributes: Readonly<Record<string, string>> = {
  'fixed-range-v4': 'cidr',
  'fixed-range-v6': 'cidr_v6',
  vlan: 'vlan_start',
  vpn: 'vpn_start',
  gateway: 'gateway',
  'gateway-v6': 'gateway_v6',
  bridge: 'bridge',
  'bridge-interface': 'bridge_interface',
  dns1: 'dns1',
  dns2: 'dns2',
  uuid: 'uuid',
  'fixed-cidr': 'fixed_cidr',
  'project-id': 'project_id',
  priority: 'priority',
};

/** Networks as operators make and assign them. */
export const networkAdminCommands: readonly Command<NovaApi>[] = [
  {
    name: 'network-create',
    summary: 'Create a network.',
    arguments: [
      { name: '<network_label>', help: 'Label for network.' },
      text('fixed-range-v4', '<x.x.x.x/yy>', 'IPv4 subnet (ex: 10.0.0.0/8).'),
      text('fixed-range-v6', 'CIDR_V6', 'IPv6 subnet (ex: fe80::/64).'),
      text('vlan', '<vlan id>', 'VLAN ID.'),
      text('vpn', '<vpn start>', 'VPN start.'),
      text('gateway', 'GATEWAY', 'Gateway.'),
      text('gateway-v6', 'GATEWAY_V6', 'IPv6 gateway.'),
      text('bridge', '<bridge>', 'VIFs on this network are connected to this bridge.'),
      text('bridge-interface', '<bridge interface>', 'The bridge is connected to this interface.'),
      text('multi-host', "<'T'|'F'>", 'Multi host.'),
      text('dns1', '<DNS Address>', 'First DNS.'),
      text('dns2', '<DNS Address>', 'Second DNS.'),
      text('uuid', '<network uuid>', 'Network UUID.'),
      text('fixed-cidr', '<x.x.x.x/yy>', 'IPv4 subnet for fixed IPs (ex: 10.20.0.0/16).'),
      text('project-id', '<project id>', 'Project ID.'),
      text('priority', '<number>', 'Network interface priority.'),
    ],
    async run(api, given) {
      if (!given.text('fixed-range-v4') && !given.text('fixed-range-v6'))
        throw new CommandError('Must specify either fixed_range_v4 or fixed_range_v6');
      const multiHost = given.text('multi-host');
      const wanted = Object.entries(attributes).flatMap(([option, attribute]) =>
        given.has(option) ? [[attribute, given.text(option)] as const] : [],
      );
      await api.call('POST', '/os-networks', {
        network: {
          label: given.one('network_label'),
          ...Object.fromEntries(wanted),
          ...(multiHost !== undefined && { multi_host: multiHost === 'T' || parseBoolean(multiHost) === true }),
        },
      });
    },
  },
  {
    name: 'network-disassociate',
    summary: 'Disassociate host and/or project from the given network.',
    arguments: [only('host-only', 'Leave the project.'), only('project-only', 'Leave the host.'), network],
    async run(api, given) {
      const wants = (name: string): boolean => given.has(name) && given.text(name) !== '0';
      const action = wants('host-only')
        ? 'disassociate_host'
        : wants('project-only')
          ? 'disassociate_project'
          : 'disassociate';
      await api.call('POST', `/os-networks/${word(given.one('network'))}/action`, { [action]: null });
    },
  },
  {
    name: 'network-associate-host',
    summary: 'Associate host with network.',
    arguments: [network, { name: '<host>', help: 'Name of host.' }],
    async run(api, given) {
      await api.call('POST', `/os-networks/${word(given.one('network'))}/action`, {
        associate_host: given.one('host'),
      });
    },
  },
  {
    name: 'network-associate-project',
    summary: 'Associate project with network.',
    arguments: [network],
    async run(api, given) {
      await api.call('POST', '/os-networks/add', { id: given.one('network') });
    },
  },
  {
    name: 'net',
    aliases: ['tenant-network-show'],
    summary: 'Show a network.',
    arguments: [networkId],
    async run(api, given) {
      const path = `/os-tenant-networks/${word(given.one('network_id'))}`;
      api.printItem((await api.call<{ network: Item }>('GET', path)).network);
    },
  },
  {
    name: 'net-create',
    aliases: ['tenant-network-create'],
    summary: 'Create a network.',
    arguments: [
      { name: '<network_label>', help: 'Network label (ex. my_new_network).' },
      { name: '<cidr>', help: 'IP block to allocate from (ex. 172.16.0.0/24 or 2001:DB8::/64).' },
    ],
    async run(api, given) {
      const json = { network: { label: given.one('network_label'), cidr: given.one('cidr') } };
      api.printItem((await api.call<{ network: Item }>('POST', '/os-tenant-networks', json)).network);
    },
  },
  {
    name: 'net-delete',
    aliases: ['tenant-network-delete'],
    summary: 'Delete a network.',
    arguments: [networkId],
    async run(api, given) {
      await api.call('DELETE', `/os-tenant-networks/${word(given.one('network_id'))}`);
    },
  },
  {
    name: 'scrub',
    summary: 'Delete data associated with the project.',
    arguments: [{ name: '<project_id>', help: 'The ID of the project.' }],
    async run(api, given) {
      const project = given.one('project_id');
      const { networks } = await api.call<{ networks: Item[] }>('GET', '/os-networks');
      const { security_groups: groups } = await api.call<{ security_groups: Item[] }>(
        'GET',
        '/os-security-groups?all_tenants=1',
      );
      for (const one of networks.filter((item) => item['project_id'] === project))
        await api.call('POST', `/os-networks/${word(one.id)}/action`, { disassociate: null });
      for (const one of groups.filter((item) => item['tenant_id'] === project))
        await api.call('DELETE', `/os-security-groups/${word(String(one.id))}`);
    },
  },
];
