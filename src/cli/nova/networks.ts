import type { Argument } from '../base/arguments.ts';
import type { Command } from '../base/command.ts';
import { CommandError } from '../base/errors.ts';
import type { NovaApi } from './api.ts';

interface Network {
  readonly id: string;
  readonly label: string;
  readonly cidr: string | null;
}
interface Port {
  readonly port_id: string;
  readonly port_state: string;
  readonly net_id: string;
  readonly mac_addr: string;
  readonly fixed_ips: readonly { readonly ip_address: string }[];
}

const server: Argument = { name: '<server>', help: 'Name or ID of server.' };
const interfaces = async (api: NovaApi, name: string): Promise<string> =>
  `/servers/${await api.serverId(name)}/os-interface`;

const printPorts = (api: NovaApi, ports: readonly Port[]): void =>
  api.printList(
    ['Port State', 'Port ID', 'Net ID', 'IP addresses', 'MAC Addr'],
    ports.map((port) => [
      port.port_state,
      port.port_id,
      port.net_id,
      port.fixed_ips.map(({ ip_address }) => ip_address).join(','),
      port.mac_addr,
    ]),
  );

const networks = async (api: NovaApi, path: string): Promise<readonly Network[]> =>
  (await api.call<{ networks: Network[] }>('GET', path)).networks;

export const networkCommands: readonly Command<NovaApi>[] = [
  {
    name: 'net-list',
    aliases: ['tenant-network-list'],
    summary: 'List tenant networks.',
    arguments: [],
    async run(api) {
      const list = await networks(api, '/os-tenant-networks');
      // The service says the word None for a network without one CIDR.
      api.printList(
        ['ID', 'Label', 'CIDR'],
        list.map(({ id, label, cidr }) => [id, label, cidr === 'None' ? null : cidr]),
      );
    },
  },
  {
    name: 'network-list',
    summary: 'Print a list of available networks.',
    arguments: [],
    async run(api) {
      const list = await networks(api, '/os-networks');
      api.printList(
        ['ID', 'Label', 'Cidr'],
        list.map(({ id, label, cidr }) => [id, label, cidr]),
      );
    },
  },
  {
    name: 'network-show',
    summary: 'Show details about the given network.',
    arguments: [{ name: '<network>', help: 'UUID or label of network.' }],
    async run(api, given) {
      const wanted = given.one('network');
      const found = (await networks(api, '/os-networks')).find(({ id, label }) => id === wanted || label === wanted);
      if (!found) throw new CommandError(`No network with a name or ID of '${wanted}' exists.`);
      api.printItem((await api.call<{ network: Record<string, unknown> }>('GET', `/os-networks/${found.id}`)).network);
    },
  },
  {
    name: 'interface-list',
    summary: 'List interfaces attached to a server.',
    arguments: [server],
    async run(api, given) {
      const path = await interfaces(api, given.one('server'));
      printPorts(api, (await api.call<{ interfaceAttachments: Port[] }>('GET', path)).interfaceAttachments);
    },
  },
  {
    name: 'interface-attach',
    summary: 'Attach a network interface to a server.',
    arguments: [
      server,
      { name: '--port-id', value: '<port_id>', help: 'Port ID.' },
      { name: '--net-id', value: '<net_id>', help: 'Network ID.' },
      { name: '--fixed-ip', value: '<fixed_ip>', help: 'Requested fixed IP.' },
    ],
    async run(api, given) {
      const [port, net, ip] = [given.text('port-id'), given.text('net-id'), given.text('fixed-ip')];
      const json = {
        interfaceAttachment: {
          ...(port !== undefined && { port_id: port }),
          ...(net !== undefined && { net_id: net }),
          ...(ip !== undefined && { fixed_ips: [{ ip_address: ip }] }),
        },
      };
      await api.call('POST', await interfaces(api, given.one('server')), json);
    },
  },
  {
    name: 'interface-detach',
    summary: 'Detach a network interface from a server.',
    arguments: [server, { name: '<port_id>', help: 'Port ID.' }],
    async run(api, given) {
      const path = await interfaces(api, given.one('server'));
      await api.call('DELETE', `${path}/${encodeURIComponent(given.one('port_id'))}`);
    },
  },
  {
    name: 'add-fixed-ip',
    summary: 'Add new IP address on a network to server.',
    arguments: [server, { name: '<network-id>', help: 'Network ID.' }],
    async run(api, given) {
      await api.act(given.one('server'), 'addFixedIp', { networkId: given.one('network-id') });
    },
  },
  {
    name: 'remove-fixed-ip',
    summary: 'Remove an IP address from a server.',
    arguments: [server, { name: '<address>', help: 'IP Address.' }],
    async run(api, given) {
      await api.act(given.one('server'), 'removeFixedIp', { address: given.one('address') });
    },
  },
];
