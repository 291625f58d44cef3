import { authArguments, type Client } from '../base/client.ts';
import { isOption } from '../base/arguments.ts';
import { argumentList, usageText } from '../base/help.ts';
import { connectGlance, type GlanceApi } from './api.ts';

/** The `glance` command. */
export const glanceClient: Client<GlanceApi> = {
  name: 'glance',
  description: 'Command-line interface to the OpenStack Images API.',
  version: '0.12.0',
  globals: [
    { name: '--verbose', aliases: ['-v'], help: 'Print more verbose output.' },
    { name: '--force', aliases: ['-f'], help: 'Prevent select actions from requesting user confirmation.' },
    ...authArguments,
    { name: '--os-image-url', value: '<url>', help: 'Defaults to env[OS_IMAGE_URL].' },
    { name: '--os-image-api-version', value: '<version>', help: 'Only 1 is spoken.', choices: ['1'] },
    { name: '--os-endpoint-type', value: '<type>', help: 'Defaults to env[OS_ENDPOINT_TYPE].' },
  ],
  files: [
    {
      names: [
        'image-list',
        'image-show',
        'image-create',
        'image-update',
        'image-delete',
        'image-download',
        'index',
        'details',
        'show',
        'add',
        'update',
        'delete',
      ],
      load: async () => (await import('./images.ts')).imageCommands,
    },
    {
      names: ['member-list', 'member-create', 'member-delete', 'member-add', 'member-images', 'image-members'],
      load: async () => (await import('./members.ts')).memberCommands,
    },
  ],
  connect: connectGlance,
  help: (_client, command) =>
    usageText(`glance ${command.name}`, command.arguments) +
    `\n${command.summary}\n` +
    argumentList(
      'Positional arguments',
      command.arguments.filter((argument) => !isOption(argument)),
    ) +
    argumentList('Optional arguments', command.arguments.filter(isOption)),
  errorText: (error) => `${error.message}\n`,
  usageErrorText: (message, command) => `glance${command === undefined ? '' : ` ${command}`}: error: ${message}\n`,
  unknownCommand: (name) => ({
    text: `glance: error: argument <subcommand>: invalid choice: '${name}'\nTry 'glance help' for the commands there are.\n`,
    status: 2,
  }),
  unknownHelp: (name) => `'${name}' is not a valid subcommand\n`,
  epilog: 'See "glance help COMMAND" for help on a specific command.',
};
