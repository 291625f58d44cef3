import type { Command } from '../base/command.ts';
import { kinds, type NovaApi } from './api.ts';

type Addresses = Readonly<
  Record<string, readonly { readonly addr: string; readonly version: number; readonly 'OS-EXT-IPS:type'?: string }[]>
>;

/**
 * An address of the wanted kind: on the network of that name, as the client of the manual's time looked for it; else a floating address
 * for `public` and a fixed one for `private`; else any.
 */
function addressOf(addresses: Addresses, wanted: 'public' | 'private', version: number): string | undefined {
  const ofVersion = (list: Addresses[string] = []): Addresses[string] => list.filter((one) => one.version === version);
  const named = ofVersion(addresses[wanted] ?? (wanted === 'public' ? addresses['private'] : undefined));
  const all = ofVersion(Object.values(addresses).flat());
  const type = wanted === 'public' ? 'floating' : 'fixed';
  return (named[0] ?? all.find((one) => one['OS-EXT-IPS:type'] === type) ?? (wanted === 'public' ? all[0] : undefined))
    ?.addr;
}

export const sshCommands: readonly Command<NovaApi>[] = [
  {
    name: 'ssh',
    summary: 'SSH into a server.',
    arguments: [
      { name: '<server>', help: 'Name or ID of server.' },
      { name: '--port', value: 'PORT', type: 'int', help: 'Which port to use for ssh. (Default=22)' },
      {
        name: '--private',
        help: 'Only use a private address of the server. (Default=False) Without it a public one is preferred.',
      },
      { name: '--ipv6', help: 'Use an IPv6 address of the server. (Defaults to IPv4 address)' },
      { name: '--login', value: '<login>', help: 'Login to use.' },
      {
        name: '--identity',
        aliases: ['-i'],
        value: 'IDENTITY',
        help: 'Private key file, same as the -i option to the ssh command.',
      },
      { name: '--extra-opts', value: 'EXTRA', help: 'Extra options to pass to ssh. see: man ssh' },
    ],
    async run(api, given) {
      const [before, after] = given.one('server').split('@', 2) as [string, string?];
      const login = after === undefined ? (given.text('login') ?? 'root') : before;
      const { id } = await api.find(kinds.server, after ?? before);
      const { server } = await api.call<{ server: { addresses: Addresses } }>('GET', `/servers/${id}`);
      const kind = given.has('private') ? 'private' : 'public';
      const version = given.has('ipv6') ? 6 : 4;
      const address = addressOf(server.addresses, kind, version);
      if (address === undefined) return api.shell.out(`ERROR: No ${kind} IPv${version} address found.\n`);
      const identity = given.text('identity');
      await api.shell.runProgram([
        'ssh',
        `-${version}`,
        `-p${given.integer('port') ?? 22}`,
        ...(identity ? ['-i', identity] : []),
        ...(given.text('extra-opts') ?? '').split(/\s+/).filter((one) => one !== ''),
        `${login}@${address}`,
      ]);
    },
  },
];
