import { isOption, type Argument } from '../base/arguments.ts';
import { clientUsage, type HelpStyle } from '../base/client.ts';
import { argumentList, usageText } from '../base/help.ts';
import type { NeutronApi } from './api.ts';
import { csvArguments, formatArguments, shellArguments, tableArguments } from './output.ts';

const help: Argument = { name: '--help', aliases: ['-h'], help: 'show this help message and exit' };
const formats = 'a format a UNIX shell can parse (variable="value")';

/** Headings of what is neither positional nor an option of the command itself. */
const groups: readonly (readonly [string, readonly Argument[]])[] = [
  ['output formatters:\n  output formatter options\n', formatArguments],
  ['table formatter', tableArguments],
  [`shell formatter:\n  ${formats}\n`, shellArguments],
  ['CSV Formatter', csvArguments],
];
const grouped = new Set(groups.flatMap(([, declared]) => declared));

/** Help as cliff prints it. */
export const neutronHelp: HelpStyle<NeutronApi> = {
  everywhere: [help],
  ofClient(client, commands) {
    const width = Math.max(...commands.map(({ name }) => name.length));
    return [
      clientUsage(client),
      `\n${client.description}\n`,
      argumentList('optional arguments', client.globals),
      '\nCommands for API v2.0:\n',
      ...commands
        .toSorted((a, b) => (a.name < b.name ? -1 : 1))
        .map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}\n`),
    ].join('');
  },
  ofCommand(client, command) {
    const declared = [help, ...command.arguments];
    const own = declared.filter((argument) => !grouped.has(argument));
    return [
      usageText(`${client.name} ${command.name}`, declared),
      `\n${command.summary}\n`,
      argumentList(
        'positional arguments',
        own.filter((argument) => !isOption(argument)),
      ),
      argumentList('optional arguments', own.filter(isOption)),
      ...groups.map(([title, members]) =>
        // The title of some groups has a text of its own after it, and the colon before that.
        argumentList(
          title,
          members.filter((argument) => declared.includes(argument)),
        ).replace('\n:\n', '\n\n'),
      ),
    ].join('');
  },
};
