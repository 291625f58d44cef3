import type { Argument } from '../base/arguments.ts';
import type { Command } from '../base/command.ts';
import { CommandError } from '../base/errors.ts';
import type { NovaApi } from './api.ts';

const server: Argument = { name: '<server>', help: 'Name or ID of server.' };

/** A password that the guest encrypted with the server's public key. @throws CommandError */
async function decrypted(password: string, keyFile: string): Promise<string> {
  const [{ readFile }, { constants, privateDecrypt }] = await Promise.all([
    import('node:fs/promises'),
    import('node:crypto'),
  ]);
  try {
    const key = await readFile(keyFile);
    return privateDecrypt({ key, padding: constants.RSA_PKCS1_PADDING }, Buffer.from(password, 'base64')).toString();
  } catch (cause) {
    throw new CommandError(`The password cannot be decrypted with ${keyFile}: ${(cause as Error).message}`, { cause });
  }
}

/** Passwords of servers. */
export const passwordCommands: readonly Command<NovaApi>[] = [
  {
    name: 'root-password',
    summary: 'Change the root password for a server.',
    arguments: [server],
    async run(api, given) {
      const id = await api.serverId(given.one('server'));
      // Not an option: command lines are seen by everybody on the machine.
      const fromEnvironment = api.shell.env['NOVA_NEW_PASSWORD'];
      const password = fromEnvironment ?? (await api.shell.askSecret('New password: '));
      if (password === undefined)
        throw new CommandError('There is no terminal to ask for the new password at: set it in NOVA_NEW_PASSWORD.');
      if (fromEnvironment === undefined && password !== (await api.shell.askSecret('Again: ')))
        throw new CommandError('Passwords do not match.');
      await api.call('POST', `/servers/${id}/action`, { changePassword: { adminPass: password } });
    },
  },
  {
    name: 'get-password',
    summary: 'Get password for a server.',
    arguments: [
      server,
      {
        name: '<private-key>',
        count: 'optional',
        help: 'Private key (used locally to decrypt password). With it the clear password is displayed, without it the encrypted one.',
      },
    ],
    async run(api, given) {
      const path = `/servers/${await api.serverId(given.one('server'))}/os-server-password`;
      const { password } = await api.call<{ password: string }>('GET', path);
      const key = given.text('private-key');
      api.shell.out(`${key === undefined || !password ? password : await decrypted(password, key)}\n`);
    },
  },
  {
    name: 'clear-password',
    summary: 'Clear password for a server.',
    arguments: [server],
    async run(api, given) {
      await api.call('DELETE', `/servers/${await api.serverId(given.one('server'))}/os-server-password`);
    },
  },
];
