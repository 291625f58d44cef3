import { readFile } from 'node:fs/promises';
import type { Command } from '../base/command.ts';
import { CommandError } from '../base/errors.ts';
import type { NovaApi } from './api.ts';

interface Keypair {
  readonly name: string;
  readonly fingerprint: string;
  readonly public_key: string;
  readonly private_key?: string;
}

async function readKey(path: string): Promise<string> {
  try {
    return await readFile(path.replace(/^~(?=\/)/, process.env['HOME'] ?? '~'), 'utf8');
  } catch (cause) {
    throw new CommandError(`Can't open or read '${path}': ${(cause as Error).message}`, { cause });
  }
}

export const keypairCommands: readonly Command<NovaApi>[] = [
  {
    name: 'keypair-add',
    summary: 'Create a new key pair for use with servers.',
    arguments: [
      { name: '<name>', help: 'Name of key.' },
      {
        name: '--pub-key',
        value: '<pub-key>',
        help: 'Path to a public ssh key. Without it a pair is made and the private key printed.',
      },
    ],
    async run(api, given) {
      const file = given.text('pub-key');
      const keypair = {
        name: given.one('name'),
        ...(file !== undefined && { public_key: await readKey(file) }),
      };
      const made = await api.call<{ keypair: Keypair }>('POST', '/os-keypairs', { keypair });
      if (file === undefined) api.shell.out(`${made.keypair.private_key}\n`);
    },
  },
  {
    name: 'keypair-list',
    summary: 'Print a list of keypairs for a user.',
    arguments: [],
    async run(api) {
      const { keypairs } = await api.call<{ keypairs: { keypair: Keypair }[] }>('GET', '/os-keypairs');
      api.printList(
        ['Name', 'Fingerprint'],
        keypairs.map(({ keypair }) => [keypair.name, keypair.fingerprint]),
      );
    },
  },
  {
    name: 'keypair-show',
    summary: 'Show details about the given keypair.',
    arguments: [{ name: '<keypair>', help: 'Name or ID of keypair.' }],
    async run(api, given) {
      const path = `/os-keypairs/${encodeURIComponent(given.one('keypair'))}`;
      const { public_key, ...keypair } = (await api.call<{ keypair: Keypair }>('GET', path)).keypair;
      api.printItem(keypair);
      api.shell.out(`Public key: ${public_key}\n`);
    },
  },
  {
    name: 'keypair-delete',
    summary: 'Delete keypair given by its name.',
    arguments: [{ name: '<name>', help: 'Keypair name to delete.' }],
    async run(api, given) {
      await api.call('DELETE', `/os-keypairs/${encodeURIComponent(given.one('name'))}`);
    },
  },
];
