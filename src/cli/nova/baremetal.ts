import type { Argument } from '../base/arguments.ts';
import type { Command } from '../base/command.ts';
import type { Item, NovaApi } from './api.ts';

const node: Argument = { name: '<node>', help: 'ID of node.' };
const address: Argument = { name: '<address>', help: 'MAC address of interface.' };
const path = (id: string): string => `/os-baremetal-nodes/${encodeURIComponent(id)}`;
const nodeOf = async (api: NovaApi, id: string): Promise<Item> =>
  (await api.call<{ node: Item }>('GET', path(id))).node;

/** Machines without a hypervisor, of the driver that later became a service of its own. */
export const baremetalCommands: readonly Command<NovaApi>[] = [
  {
    name: 'baremetal-node-list',
    summary: 'Print list of available baremetal nodes.',
    arguments: [],
    async run(api) {
      const { nodes } = await api.call<{ nodes: Item[] }>('GET', '/os-baremetal-nodes');
      api.printItems(
        [
          'ID',
          'Host',
          'CPUs',
          'Memory_MB',
          'Disk_GB',
          'MAC Address',
          'PM Address',
          'PM Username',
          'PM Password',
          'Terminal Port',
        ],
        nodes.map((one) => ({
          ...one,
          host: one['service_host'],
          disk_gb: one['local_gb'],
          mac_address: one['prov_mac_address'] ?? '',
          pm_username: one['pm_user'],
          pm_password: one['pm_password'] ?? '',
        })),
      );
    },
  },
  {
    name: 'baremetal-node-show',
    summary: 'Show information about a baremetal node.',
    arguments: [node],
    async run(api, given) {
      api.printItem(await nodeOf(api, given.one('node')));
    },
  },
  {
    name: 'baremetal-node-create',
    summary: 'Create a baremetal node.',
    arguments: [
      { name: '<service_host>', help: 'Name of nova compute host which will control this baremetal node.' },
      { name: '<cpus>', type: 'int', help: 'Number of CPUs in the node.' },
      { name: '<memory_mb>', type: 'int', help: 'Megabytes of RAM in the node.' },
      { name: '<local_gb>', type: 'int', help: 'Gigabytes of local storage in the node.' },
      { name: '<prov_mac_address>', help: 'MAC address to provision the node.' },
      { name: '--pm_address', value: '<pm_address>', help: 'Power management IP for the node.' },
      { name: '--pm_user', value: '<pm_user>', help: "Username for the node's power management." },
      { name: '--pm_password', value: '<pm_password>', help: "Password for the node's power management." },
      { name: '--terminal_port', value: '<terminal_port>', type: 'int', help: 'Port of a terminal in the browser.' },
    ],
    async run(api, given) {
      const json = {
        node: {
          service_host: given.one('service_host'),
          cpus: given.integer('cpus'),
          memory_mb: given.integer('memory_mb'),
          local_gb: given.integer('local_gb'),
          pm_address: given.text('pm_address') ?? null,
          pm_user: given.text('pm_user') ?? null,
          pm_password: given.text('pm_password') ?? null,
          prov_mac_address: given.one('prov_mac_address'),
          terminal_port: given.integer('terminal_port') ?? null,
        },
      };
      api.printItem((await api.call<{ node: Item }>('POST', '/os-baremetal-nodes', json)).node);
    },
  },
  {
    name: 'baremetal-node-delete',
    summary: 'Remove a baremetal node and any associated interfaces.',
    arguments: [node],
    async run(api, given) {
      await api.call('DELETE', path((await nodeOf(api, given.one('node'))).id));
    },
  },
  {
    name: 'baremetal-interface-add',
    summary: 'Add a network interface to a baremetal node.',
    arguments: [
      node,
      address,
      { name: '--datapath_id', value: '<datapath_id>', help: 'OpenFlow Datapath ID of interface.' },
      { name: '--port_no', value: '<port_no>', help: 'OpenFlow port number of interface.' },
    ],
    async run(api, given) {
      const json = {
        add_interface: {
          address: given.one('address'),
          datapath_id: given.text('datapath_id') ?? 0,
          port_no: given.text('port_no') ?? 0,
        },
      };
      const answer = await api.call<{ interface: Item }>('POST', `${path(given.one('node'))}/action`, json);
      api.printItem(answer.interface);
    },
  },
  {
    name: 'baremetal-interface-remove',
    summary: 'Remove a network interface from a baremetal node.',
    arguments: [node, address],
    async run(api, given) {
      const json = { remove_interface: { address: given.one('address') } };
      await api.call('POST', `${path(given.one('node'))}/action`, json);
    },
  },
  {
    name: 'baremetal-interface-list',
    summary: 'List network interfaces associated with a baremetal node.',
    arguments: [node],
    async run(api, given) {
      const { interfaces } = await nodeOf(api, given.one('node'));
      api.printItems(['ID', 'Datapath_ID', 'Port_No', 'Address'], interfaces as Item[]);
    },
  },
];
