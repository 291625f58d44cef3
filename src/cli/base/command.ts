import type { Argument, Given } from './arguments.ts';

/** One command of a client, as data. `Api` is what the client's commands work with. */
export interface Command<Api> {
  readonly name: string;
  /** Older names. */
  readonly aliases?: readonly string[];
  /** One sentence for lists and help. */
  readonly summary: string;
  readonly arguments: readonly Argument[];
  /** Unknown options are for the service. */
  readonly passUnknown?: boolean;
  /** The type of service it speaks to, when that is not the client's own. */
  readonly serviceType?: string;
  /** Its list can be watched: the beginning of the types of events that change it. */
  readonly watches?: string;
  readonly run: (api: Api, given: Given) => Promise<void>;
}

/** The commands of one file, loaded when one of them is wanted. */
export interface CommandFile<Api> {
  /** Names and aliases; a test keeps them true. */
  readonly names: readonly string[];
  readonly load: () => Promise<readonly Command<Api>[]>;
}

/** Finds a command without loading the files of the others. */
export async function findCommand<Api>(
  files: readonly CommandFile<Api>[],
  name: string,
): Promise<Command<Api> | undefined> {
  const file = files.find(({ names }) => names.includes(name));
  const commands = (await file?.load()) ?? [];
  return commands.find((command) => command.name === name || command.aliases?.includes(name));
}

/** All of them, by name. */
export async function allCommands<Api>(files: readonly CommandFile<Api>[]): Promise<readonly Command<Api>[]> {
  const loaded = await Promise.all(files.map((file) => file.load()));
  return loaded.flat().toSorted((a, b) => (a.name < b.name ? -1 : 1));
}
