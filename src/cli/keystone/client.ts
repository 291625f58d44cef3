import { authArguments, type Client } from '../base/client.ts';
import { argumentList, usageText } from '../base/help.ts';
import { connectKeystone, type KeystoneApi } from './api.ts';
import { keystoneFiles } from './commands.ts';

/** The `keystone` command. */
export const keystoneClient: Client<KeystoneApi> = {
  name: 'keystone',
  description: 'Command-line interface to the OpenStack Identity API.',
  version: '0.9.0',
  globals: [
    ...authArguments.filter(({ name }) => name !== '--os-auth-token'),
    {
      name: '--os-auth-token',
      value: '<token>',
      help: 'A token of an earlier sign-in. Defaults to env[OS_AUTH_TOKEN].',
    },
    {
      name: '--os-token',
      aliases: ['--token'],
      value: '<service-token>',
      help: 'A token to use with --os-endpoint instead of signing in. Defaults to env[OS_SERVICE_TOKEN].',
    },
    {
      name: '--os-endpoint',
      aliases: ['--endpoint'],
      value: '<service-endpoint>',
      help: 'Where to use it. Defaults to env[OS_SERVICE_ENDPOINT].',
    },
  ],
  files: keystoneFiles,
  connect: connectKeystone,
  help: (_client, command) =>
    usageText(`keystone ${command.name}`, command.arguments) +
    `\n${command.summary}\n` +
    argumentList('Arguments', command.arguments),
  errorText: (error) => `${error.message}\n`,
  usageErrorText: (message, command) => `keystone${command === undefined ? '' : ` ${command}`}: error: ${message}\n`,
  unknownCommand: (name) => ({
    text: `keystone: error: argument <subcommand>: invalid choice: '${name}'\nTry 'keystone help' for the commands there are.\n`,
    status: 2,
  }),
  unknownHelp: (name) => `'${name}' is not a valid subcommand\n`,
  epilog: 'See "keystone help COMMAND" for help on a specific command.',
};
