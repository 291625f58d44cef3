import type { Argument } from '../base/arguments.ts';
import type { Command } from '../base/command.ts';
import type { Item, NovaApi } from './api.ts';

const fixedIp: Argument = { name: '<fixed_ip>', help: 'Fixed IP Address.' };
const path = (address: string): string => `/os-fixed-ips/${encodeURIComponent(address)}`;

const reserve = (action: 'reserve' | 'unreserve'): Command<NovaApi> => ({
  name: `fixed-ip-${action}`,
  summary: action === 'reserve' ? 'Reserve a fixed IP.' : 'Unreserve a fixed IP.',
  arguments: [fixedIp],
  async run(api, given) {
    await api.call('POST', `${path(given.one('fixed_ip'))}/action`, { [action]: null });
  },
});

/** Addresses as operators see them. */
export const addressCommands: readonly Command<NovaApi>[] = [
  {
    name: 'fixed-ip-get',
    summary: 'Retrieve info on a fixed ip.',
    arguments: [fixedIp],
    async run(api, given) {
      const { fixed_ip: found } = await api.call<{ fixed_ip: Item }>('GET', path(given.one('fixed_ip')));
      api.printItems(['address', 'cidr', 'hostname', 'host'], [found]);
    },
  },
  reserve('reserve'),
  reserve('unreserve'),
  {
    name: 'floating-ip-bulk-list',
    summary: 'List all floating ips.',
    arguments: [{ name: '--host', value: '<host>', help: 'Filter by host.' }],
    async run(api, given) {
      const host = given.text('host');
      const answer = await api.call<{ floating_ip_info: Item[] }>(
        'GET',
        `/os-floating-ips-bulk${host === undefined ? '' : `/${encodeURIComponent(host)}`}`,
      );
      api.printItems(['project_id', 'address', 'instance_uuid', 'pool', 'interface'], answer.floating_ip_info);
    },
  },
  {
    name: 'floating-ip-bulk-create',
    summary: 'Bulk create floating ips by range.',
    arguments: [
      { name: '<range>', help: 'Address range to create.' },
      { name: '--pool', value: '<pool>', help: 'Pool for new Floating IPs.' },
      { name: '--interface', value: '<interface>', help: 'Interface for new Floating IPs.' },
    ],
    async run(api, given) {
      const [pool, nic] = [given.text('pool'), given.text('interface')];
      await api.call('POST', '/os-floating-ips-bulk', {
        floating_ips_bulk_create: {
          ip_range: given.one('range'),
          ...(pool !== undefined && { pool }),
          ...(nic !== undefined && { interface: nic }),
        },
      });
    },
  },
  {
    name: 'floating-ip-bulk-delete',
    summary: 'Bulk delete floating ips by range.',
    arguments: [{ name: '<range>', help: 'Address range to delete.' }],
    async run(api, given) {
      await api.call('PUT', '/os-floating-ips-bulk/delete', { ip_range: given.one('range') });
    },
  },
];
