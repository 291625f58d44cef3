import type { Command } from '../base/command.ts';
import type { Item, NovaApi } from './api.ts';

/** VPN servers of projects, for networks of Nova's own. */
export const cloudpipeCommands: readonly Command<NovaApi>[] = [
  {
    name: 'cloudpipe-list',
    summary: 'Print a list of all cloudpipe instances.',
    arguments: [],
    async run(api) {
      const { cloudpipes } = await api.call<{ cloudpipes: Item[] }>('GET', '/os-cloudpipe');
      api.printItems(['Project Id', 'Public IP', 'Public Port', 'Internal IP'], cloudpipes);
    },
  },
  {
    name: 'cloudpipe-create',
    summary: 'Create a cloudpipe instance for the given project.',
    arguments: [{ name: '<project_id>', help: 'UUID of the project to create the cloudpipe for.' }],
    async run(api, given) {
      await api.call('POST', '/os-cloudpipe', { cloudpipe: { project_id: given.one('project_id') } });
    },
  },
  {
    name: 'cloudpipe-configure',
    summary: 'Update the VPN IP/port of a cloudpipe instance.',
    arguments: [
      { name: '<ip address>', help: 'New IP Address.' },
      { name: '<port>', help: 'New Port.' },
    ],
    async run(api, given) {
      await api.call('PUT', '/os-cloudpipe/configure-project', {
        configure_project: { vpn_ip: given.one('ip address'), vpn_port: given.one('port') },
      });
    },
  },
];
