import { isOption } from '../base/arguments.ts';
import { authArguments, type Client } from '../base/client.ts';
import { argumentList, usageText } from '../base/help.ts';
import { connectNova, type NovaApi } from './api.ts';
import { novaFiles } from './commands.ts';

/** The `nova` command. */
export const novaClient: Client<NovaApi> = {
  name: 'nova',
  description: 'Command-line interface to the OpenStack Nova API.',
  version: '2.17.0',
  globals: [
    ...authArguments,
    { name: '--service-type', value: '<service-type>', help: 'Defaults to compute.' },
    { name: '--endpoint-type', value: '<endpoint-type>', help: 'Defaults to env[NOVA_ENDPOINT_TYPE] or publicURL.' },
    { name: '--os-compute-api-version', value: '<compute-api-ver>', help: 'Accepted: 1.1 and 2 are the same.' },
    { name: '--bypass-url', value: '<bypass-url>', help: 'Use this API endpoint instead of the Service Catalog.' },
    { name: '--os-cache', hidden: true },
    { name: '--no-cache', hidden: true },
    { name: '--timings', hidden: true },
  ],
  files: novaFiles,
  connect: connectNova,
  help: (_client, command) =>
    usageText(`nova ${command.name}`, command.arguments) +
    `\n${command.summary}\n` +
    argumentList(
      'Positional arguments',
      command.arguments.filter((argument) => !isOption(argument)),
    ) +
    argumentList('Optional arguments', command.arguments.filter(isOption)),
  errorText: (error) => `ERROR: ${error.message}\n`,
  usageErrorText: (message, command) =>
    `error: ${message}\nTry 'nova help${command === undefined ? ' ' : ` ${command}`}' for more information.\n`,
  unknownCommand: (name) => ({
    text: `usage: nova [--version] [--debug] <subcommand> ...\nerror: argument <subcommand>: invalid choice: u'${name}'\nTry 'nova help ' for more information.\n`,
    status: 2,
  }),
  unknownHelp: (name) => `ERROR: '${name}' is not a valid subcommand\n`,
  epilog: 'See "nova help COMMAND" for help on a specific command.',
};
