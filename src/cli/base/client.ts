import { isOption, parseArguments, type Argument, type Given } from './arguments.ts';
import { allCommands, findCommand, type Command, type CommandFile } from './command.ts';
import { CommandError, UsageError } from './errors.ts';
import { argumentList, commandList, helpColumnOf, usageText } from './help.ts';
import type { Session } from './session.ts';
import type { Shell } from './shell.ts';

/** A client of one service: its commands, and its words around them. */
export interface Client<Api> {
  /** `nova` */
  readonly name: string;
  readonly description: string;
  readonly version: string;
  readonly globals: readonly Argument[];
  readonly files: readonly CommandFile<Api>[];
  /** The client of another version of the API, when options or the environment ask for it. @throws CommandError */
  readonly variant?: (globals: Given, env: Shell['env']) => Promise<Client<Api>>;
  /** Makes what commands work with. @throws CommandError for settings that are missing */
  readonly connect: (given: Given, shell: Shell, command: Command<Api>) => Api | Promise<Api>;
  /** Who it is signed in as. */
  readonly sessionOf: (api: Api) => Session;
  /** What is left to do when a command has ended. */
  readonly finish?: (api: Api) => void;
  readonly help: HelpStyle<Api>;
  /** What is printed on standard error. */
  readonly errorText: (error: CommandError) => string;
  /** What follows the usage when the command line makes no sense. */
  readonly usageErrorText: (message: string, command: string | undefined) => string;
  /** What an unknown command gets, after the usage where the client prints it. */
  readonly unknownCommand: (name: string, known: readonly string[]) => string;
  /** Whether a command that is not there is an error of the command line: the usage, exit status 2. */
  readonly unknownIsUsage: boolean;
  /** What help on an unknown command says; without it, the client's own help. */
  readonly unknownHelp?: (name: string) => string;
  /** Whether it has a command that shells complete words with. */
  readonly completes: boolean;
}

/** How a client prints help. */
export interface HelpStyle<Api> {
  readonly ofClient: (client: Client<Api>, commands: readonly Command<Api>[]) => string;
  readonly ofCommand: (client: Client<Api>, command: Command<Api>) => string;
  /** What a command's usage has besides its own arguments. */
  readonly everywhere?: readonly Argument[];
}

/** Runs a client's command line; gives the exit status. */
export async function runClient<Api>(started: Client<Api>, argv: readonly string[], shell: Shell): Promise<number> {
  let client = started;
  let command: Command<Api> | undefined;
  try {
    const { given: globals, rest } = parseArguments([...client.globals, ...common], argv, { stopAtWord: true });
    const [name, ...words] = rest;
    if (globals.has('version')) return saidError(shell, `${client.version}\n`);
    client = (await client.variant?.(globals, shell.env)) ?? client;
    if (name === undefined || globals.has('help')) return said(shell, await clientHelp(client));
    if (name === 'help') return await showHelp(client, words, shell);
    if (client.completes && /^bash[-_]completion$/.test(name)) return said(shell, await completion(client));
    command = await findCommand(client.files, name);
    if (!command) {
      const known = client.files.flatMap((file) => file.names);
      shell.err((client.unknownIsUsage ? clientUsage(client) : '') + client.unknownCommand(name, known));
      return client.unknownIsUsage ? 2 : 1;
    }
    if (words.includes('--help') || words.includes('-h')) return said(shell, commandHelp(client, command));
    const { given } = parseArguments(argumentsOf(command), words, { passUnknown: command.passUnknown ?? false });
    if (given.has('watch') && command.watches !== undefined) {
      await watchList({ client, command, types: command.watches, globals, given, shell });
      return 0;
    }
    const api = await client.connect(globals, shell, command);
    await command.run(api, given);
    client.finish?.(api);
    return 0;
  } catch (error) {
    if (error instanceof UsageError) {
      const own = error.scope === 'command' ? command : undefined;
      const usage = own
        ? usageText(`${client.name} ${own.name}`, [...(client.help.everywhere ?? []), ...own.arguments])
        : clientUsage(client);
      shell.err(usage + client.usageErrorText(error.message, own?.name));
      return 2;
    }
    if (error instanceof CommandError) {
      shell.err(client.errorText(error));
      return 1;
    }
    throw error;
  }
}

/** A command's own arguments, and those that all of its kind have. */
const argumentsOf = <Api>({ arguments: own, watches }: Command<Api>): readonly Argument[] =>
  watches === undefined ? own : [...own, watchOption];

const watchOption: Argument = {
  name: '--watch',
  help: 'Print the list again whenever something in it changes, until Ctrl-C.',
};

/** Runs a list's command again and again. */
async function watchList<Api>(options: {
  readonly client: Client<Api>;
  readonly command: Command<Api>;
  readonly types: string;
  readonly globals: Given;
  readonly given: Given;
  readonly shell: Shell;
}): Promise<void> {
  const { client, command, types, globals, given, shell } = options;
  const { watch } = await import('./watch.ts');
  let printed = '';
  const gathering: Shell = { ...shell, out: (text) => void (printed += text) };
  let api = await client.connect(globals, gathering, command);
  await watch({
    shell,
    types,
    session: () => client.sessionOf(api),
    signInAgain: async () => void (api = await client.connect(globals, gathering, command)),
    list: async () => {
      printed = '';
      await command.run(api, given);
      return printed;
    },
  });
}

const common: readonly Argument[] = [
  { name: '--version', hidden: true },
  { name: '--help', aliases: ['-h'], hidden: true },
];

const said = (shell: Shell, text: string): number => {
  shell.out(text);
  return 0;
};

/** Python's argparse prints the version where it prints errors. */
const saidError = (shell: Shell, text: string): number => {
  shell.err(text);
  return 0;
};

async function showHelp<Api>(client: Client<Api>, words: readonly string[], shell: Shell): Promise<number> {
  const [name] = words;
  if (name === undefined) return said(shell, await clientHelp(client));
  const command = await findCommand(client.files, name);
  if (command) return said(shell, commandHelp(client, command));
  const itself = helpCommands<Api>(client).find((one) => one.name === name);
  if (itself) return said(shell, client.help.ofCommand(client, itself));
  if (!client.unknownHelp) return said(shell, await clientHelp(client));
  shell.err(client.unknownHelp(name));
  return 1;
}

const commandHelp = <Api>(client: Client<Api>, command: Command<Api>): string =>
  client.help.ofCommand(client, { ...command, arguments: argumentsOf(command) });

const helpCommands = <Api>(client: Client<Api>): readonly Command<Api>[] => {
  const nothing = async (): Promise<void> => undefined;
  const help: Command<Api> = {
    name: 'help',
    summary: 'Display help about this program or one of its subcommands.',
    arguments: [{ name: '<subcommand>', count: 'optional', help: 'Display help for <subcommand>.' }],
    run: nothing,
  };
  const completes: Command<Api> = {
    name: 'bash-completion',
    summary: 'Print all commands and options, for shells that complete words.',
    arguments: [],
    run: nothing,
  };
  return client.completes ? [completes, help] : [help];
};

async function clientHelp<Api>(client: Client<Api>): Promise<string> {
  return client.help.ofClient(client, [...(await allCommands(client.files)), ...helpCommands<Api>(client)]);
}

/** The usage of a client whose commands are one of its arguments. */
export const clientUsage = <Api>(client: Client<Api>): string =>
  usageText(client.name, [
    ...client.globals,
    ...(client.unknownIsUsage ? [{ name: '<subcommand>' }, { name: '...' }] : []),
  ]);

async function completion<Api>(client: Client<Api>): Promise<string> {
  const commands = await allCommands(client.files);
  const options = new Set(commands.flatMap((command) => command.arguments.filter(isOption).map(({ name }) => name)));
  return [...commands.map(({ name }) => name), 'help', ...options].join(' ') + '\n';
}

/** Help as argparse prints it for all clients but neutron; keystone has one heading for a command's arguments. */
export function standardHelp<Api>(headings: 'two' | 'one'): HelpStyle<Api> {
  return {
    ofClient: (client, commands) =>
      [
        clientUsage(client),
        `\n${client.description}\n`,
        '\nPositional arguments:\n  <subcommand>\n',
        commandList(commands),
        argumentList('Optional arguments', client.globals),
        `\nSee "${client.name} help COMMAND" for help on a specific command.\n`,
      ].join(''),
    ofCommand(client, command) {
      const { arguments: declared } = command;
      const positional = declared.filter((argument) => !isOption(argument));
      const column = helpColumnOf(declared);
      return [
        usageText(`${client.name} ${command.name}`, declared),
        `\n${command.summary}\n`,
        ...(headings === 'one'
          ? [argumentList('Arguments', [...positional, ...declared.filter(isOption)], column)]
          : [
              argumentList('Positional arguments', positional, column),
              argumentList('Optional arguments', declared.filter(isOption), column),
            ]),
      ].join('');
    },
  };
}
