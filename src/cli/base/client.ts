import { isOption, parseArguments, type Argument, type Given } from './arguments.ts';
import { allCommands, findCommand, type Command, type CommandFile } from './command.ts';
import { CommandError, UsageError } from './errors.ts';
import { argumentList, commandList, usageText } from './help.ts';
import type { Settings } from './session.ts';
import type { Shell } from './shell.ts';

/** A client of one service: its commands, and its words around them. */
export interface Client<Api> {
  /** `nova` */
  readonly name: string;
  readonly description: string;
  readonly version: string;
  readonly globals: readonly Argument[];
  readonly files: readonly CommandFile<Api>[];
  /** Makes what commands work with. @throws CommandError for settings that are missing */
  readonly connect: (given: Given, shell: Shell) => Api;
  /** A command's help. */
  readonly help: (client: Client<Api>, command: Command<Api>) => string;
  /** What is printed on standard error. */
  readonly errorText: (error: CommandError) => string;
  /** What follows the usage when the command line makes no sense. */
  readonly usageErrorText: (message: string, command: string | undefined) => string;
  readonly unknownCommand: (name: string) => { readonly text: string; readonly status: number };
  readonly unknownHelp: (name: string) => string;
  readonly epilog: string;
}

/** Runs a client's command line; gives the exit status. */
export async function runClient<Api>(client: Client<Api>, argv: readonly string[], shell: Shell): Promise<number> {
  let command: Command<Api> | undefined;
  try {
    const { given: globals, rest } = parseArguments([...client.globals, ...common], argv, { stopAtWord: true });
    const [name, ...words] = rest;
    if (globals.has('version')) return said(shell, `${client.version}\n`);
    if (name === undefined || globals.has('help')) return said(shell, await clientHelp(client));
    if (name === 'help') return await showHelp(client, words, shell);
    if (name === 'bash-completion') return said(shell, await completion(client));
    command = await findCommand(client.files, name);
    if (!command) {
      const { text, status } = client.unknownCommand(name);
      shell.err(text);
      return status;
    }
    if (words.includes('--help') || words.includes('-h')) return said(shell, client.help(client, command));
    const { given } = parseArguments(command.arguments, words, { passUnknown: command.passUnknown ?? false });
    await command.run(client.connect(globals, shell), given);
    return 0;
  } catch (error) {
    if (error instanceof UsageError) {
      const program = command ? `${client.name} ${command.name}` : client.name;
      shell.err(
        usageText(program, command?.arguments ?? client.globals) + client.usageErrorText(error.message, command?.name),
      );
      return 2;
    }
    if (error instanceof CommandError) {
      shell.err(client.errorText(error));
      return 1;
    }
    throw error;
  }
}

const common: readonly Argument[] = [
  { name: '--version', hidden: true },
  { name: '--help', aliases: ['-h'], hidden: true },
];

const said = (shell: Shell, text: string): number => {
  shell.out(text);
  return 0;
};

async function showHelp<Api>(client: Client<Api>, words: readonly string[], shell: Shell): Promise<number> {
  const [name] = words;
  if (name === undefined) return said(shell, await clientHelp(client));
  const command = await findCommand(client.files, name);
  if (command) return said(shell, client.help(client, command));
  shell.err(client.unknownHelp(name));
  return 1;
}

async function clientHelp<Api>(client: Client<Api>): Promise<string> {
  const helpItself = [
    { name: 'bash-completion', summary: 'Print all commands and options, for shells that complete words.' },
    { name: 'help', summary: 'Show help about this program or one of its commands.' },
  ];
  const commands = [...(await allCommands(client.files)), ...helpItself].toSorted((a, b) => (a.name < b.name ? -1 : 1));
  return [
    usageText(client.name, [...client.globals, { name: '<subcommand>' }, { name: '...' }]),
    `\n${client.description}\n`,
    '\nPositional arguments:\n  <subcommand>\n',
    commandList(commands),
    argumentList('Optional arguments', client.globals),
    client.epilog === '' ? '' : `\n${client.epilog}\n`,
  ].join('');
}

async function completion<Api>(client: Client<Api>): Promise<string> {
  const commands = await allCommands(client.files);
  const options = new Set(commands.flatMap((command) => command.arguments.filter(isOption).map(({ name }) => name)));
  return [...commands.map(({ name }) => name), ...options].join(' ') + '\n';
}

/** Options that all clients have. */
export const authArguments: readonly Argument[] = [
  { name: '--debug', aliases: ['-d'], help: 'Print every request and answer, without secrets, on standard error.' },
  { name: '--os-username', value: '<auth-user-name>', help: 'Defaults to env[OS_USERNAME].' },
  { name: '--os-password', value: '<auth-password>', help: 'Defaults to env[OS_PASSWORD].' },
  { name: '--os-tenant-name', value: '<auth-tenant-name>', help: 'Defaults to env[OS_TENANT_NAME].' },
  { name: '--os-tenant-id', value: '<auth-tenant-id>', help: 'Defaults to env[OS_TENANT_ID].' },
  { name: '--os-auth-url', value: '<auth-url>', help: 'Defaults to env[OS_AUTH_URL].' },
  { name: '--os-region-name', value: '<region-name>', help: 'Defaults to env[OS_REGION_NAME].' },
  { name: '--os-auth-token', aliases: ['--os-token'], value: '<token>', help: 'Defaults to env[OS_AUTH_TOKEN].' },
  { name: '--insecure', aliases: ['-k'], help: 'Accept any certificate of a service.' },
];

/** What the options and the environment say. */
export function settingsOf(
  given: Given,
  env: Shell['env'],
  more: { readonly endpoint?: string | undefined; readonly endpointType?: string | undefined } = {},
): Settings {
  const value = (option: string, ...variables: string[]): string | undefined =>
    [given.text(option), ...variables.map((name) => env[name])].find((one) => one !== undefined && one !== '');
  return {
    authUrl: value('os-auth-url', 'OS_AUTH_URL'),
    username: value('os-username', 'OS_USERNAME'),
    password: value('os-password', 'OS_PASSWORD'),
    tenantName: value('os-tenant-name', 'OS_TENANT_NAME', 'OS_PROJECT_NAME'),
    tenantId: value('os-tenant-id', 'OS_TENANT_ID', 'OS_PROJECT_ID'),
    region: value('os-region-name', 'OS_REGION_NAME'),
    token: value('os-auth-token', 'OS_AUTH_TOKEN', 'OS_TOKEN'),
    endpoint: more.endpoint,
    endpointType: more.endpointType ?? 'publicURL',
    debug: given.has('debug'),
  };
}

/** Refuses to go on without what signing in needs. @throws CommandError in the words that all but keystone share */
export function requireCredentials(settings: Settings, tenant: string): void {
  if (settings.token !== undefined && settings.endpoint !== undefined) return;
  const need = (value: string | undefined, what: string): void => {
    if (value === undefined) throw new CommandError(`You must provide ${what}`);
  };
  if (settings.token === undefined) {
    need(settings.username, 'a username via either --os-username or env[OS_USERNAME]');
    need(settings.password, 'a password via either --os-password or env[OS_PASSWORD]');
  }
  need(settings.tenantName ?? settings.tenantId, tenant);
  need(settings.authUrl, 'an auth url via either --os-auth-url or env[OS_AUTH_URL]');
}
