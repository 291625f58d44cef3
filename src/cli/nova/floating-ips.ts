import type { Argument } from '../base/arguments.ts';
import type { Command } from '../base/command.ts';
import { CommandError } from '../base/errors.ts';
import type { NovaApi } from './api.ts';

interface FloatingIp {
  readonly id: string | number;
  readonly ip: string;
  readonly instance_id: string | null;
  readonly fixed_ip: string | null;
  readonly pool: string;
}

const server: Argument = { name: '<server>', help: 'Name or ID of server.' };
const address: Argument = { name: '<address>', help: 'IP Address.' };
const fixed: Argument = {
  name: '--fixed-address',
  value: '<fixed_address>',
  help: 'Fixed IP Address to associate with.',
};

const print = (api: NovaApi, list: readonly FloatingIp[]): void =>
  api.printList(
    ['Ip', 'Server Id', 'Fixed Ip', 'Pool'],
    list.map((one) => [one.ip, one.instance_id, one.fixed_ip, one.pool]),
  );
const all = async (api: NovaApi): Promise<readonly FloatingIp[]> =>
  (await api.call<{ floating_ips: FloatingIp[] }>('GET', '/os-floating-ips')).floating_ips;

const associate = (name: string, summary = 'Associate a floating IP address to a server.'): Command<NovaApi> => ({
  name,
  summary,
  arguments: [server, address, fixed],
  async run(api, given) {
    const fixedAddress = given.text('fixed-address');
    await api.act(given.one('server'), 'addFloatingIp', {
      address: given.one('address'),
      ...(fixedAddress !== undefined && { fixed_address: fixedAddress }),
    });
  },
});
const disassociate = (
  name: string,
  summary = 'Disassociate a floating IP address from a server.',
): Command<NovaApi> => ({
  name,
  summary,
  arguments: [server, address],
  async run(api, given) {
    await api.act(given.one('server'), 'removeFloatingIp', { address: given.one('address') });
  },
});

export const floatingIpCommands: readonly Command<NovaApi>[] = [
  {
    name: 'floating-ip-list',
    summary: 'List floating ips for this tenant.',
    arguments: [],
    async run(api) {
      print(api, await all(api));
    },
  },
  {
    name: 'floating-ip-create',
    summary: 'Allocate a floating IP for the current tenant.',
    arguments: [{ name: '<floating-ip-pool>', count: 'optional', help: 'Name of Floating IP Pool.' }],
    async run(api, given) {
      const json = { pool: given.text('floating-ip-pool') ?? null };
      print(api, [(await api.call<{ floating_ip: FloatingIp }>('POST', '/os-floating-ips', json)).floating_ip]);
    },
  },
  {
    name: 'floating-ip-delete',
    summary: 'De-allocate a floating IP.',
    arguments: [{ name: '<address>', help: 'IP of Floating IP.' }],
    async run(api, given) {
      const found = (await all(api)).find(({ ip }) => ip === given.one('address'));
      if (!found) throw new CommandError(`Floating ip ${given.one('address')} not found.`);
      await api.call('DELETE', `/os-floating-ips/${found.id}`);
    },
  },
  {
    name: 'floating-ip-pool-list',
    summary: 'List all floating ip pools.',
    arguments: [],
    async run(api) {
      const answer = await api.call<{ floating_ip_pools: { name: string }[] }>('GET', '/os-floating-ip-pools');
      api.printList(
        ['name'],
        answer.floating_ip_pools.map(({ name }) => [name]),
      );
    },
  },
  associate('floating-ip-associate'),
  associate('add-floating-ip', 'DEPRECATED, use floating-ip-associate instead.'),
  disassociate('floating-ip-disassociate'),
  disassociate('remove-floating-ip', 'DEPRECATED, use floating-ip-disassociate instead.'),
];
