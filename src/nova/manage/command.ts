import type { Clock } from '#common/clock.ts';
import type { ConfigSource } from '#common/config/config.ts';
import { StartupError } from '#common/daemon.ts';
import type { Database } from '#common/db/database.ts';
import type { Logger } from '#common/telemetry/log.ts';
import type { NovaConfig } from '../config.ts';
import type { NovaTables } from '../tables.ts';

/** What `nova-manage` works with. */
export interface ManageEnv {
  readonly config: ConfigSource;
  readonly clock: Clock;
  readonly log: Logger;
  /** Prints one line to standard output. */
  readonly print: (line: string) => void;
}

/** One run of a command. */
export interface Run {
  readonly env: ManageEnv;
  readonly conf: NovaConfig;
  readonly given: Given;
  /** Opened when it is asked for: not every command needs it. */
  readonly db: () => Promise<Database<NovaTables>>;
}

export interface Command {
  /** `service enable` */
  readonly name: string;
  /** Its arguments in order: each may be given by place, or as `--name value`. */
  readonly arguments: readonly string[];
  readonly help: string;
  /** @returns the exit status; 0 unless told */
  readonly run: (run: Run) => Promise<number | void>;
}

/** A command's arguments by name. */
export class Given {
  readonly #values: ReadonlyMap<string, string>;

  constructor(values: ReadonlyMap<string, string>) {
    this.#values = values;
  }

  text(name: string): string | null {
    return this.#values.get(name) ?? null;
  }

  /** @throws StartupError */
  required(name: string): string {
    const value = this.text(name);
    if (value === null) throw new StartupError(`--${name} is missing.`);
    return value;
  }

  /** A whole number. @throws StartupError */
  integer(name: string, otherwise: number): number {
    const value = this.text(name);
    if (value === null) return otherwise;
    if (!/^-?\d{1,9}$/.test(value)) throw new StartupError(`--${name} must be a whole number, not "${value}".`);
    return Number(value);
  }
}

/** @throws StartupError for what the command does not take */
export function parseGiven(command: Command, args: readonly string[]): Given {
  const values = new Map<string, string>();
  const places = [...command.arguments];
  for (let at = 0; at < args.length; at++) {
    const word = args[at] as string;
    const option = /^--([\w-]+)(?:=(.*))?$/s.exec(word);
    if (option) {
      const name = (option[1] as string).replaceAll('-', '_');
      const value = option[2] ?? args[++at];
      if (!command.arguments.includes(name) || value === undefined) throw wrong(command, word);
      values.set(name, value);
    } else {
      const name = places.find((place) => !values.has(place));
      if (name === undefined) throw wrong(command, word);
      values.set(name, word);
    }
  }
  return new Given(values);
}

const wrong = (command: Command, word: string): StartupError =>
  new StartupError(
    `"${word}" is not understood. usage: nova-manage ${command.name} ${command.arguments.map((name) => `[--${name} <${name}>]`).join(' ')}`.trimEnd(),
  );

/** Cells padded to the widths of Nova's own tables. */
export const line = (cells: readonly unknown[], widths: readonly number[]): string =>
  cells
    .map((cell, index) => String(cell ?? 'None').padEnd(widths[index] ?? 0))
    .join(' ')
    .trimEnd();
