import type { Run } from '#common/host/run.ts';

export interface CommandDeps {
  readonly run: Run;
  /** Writes to standard output; lines carry their own line break. */
  readonly write: (text: string) => void;
  readonly warn: (line: string) => void;
}

/** A sub-command of `igloo`. Resolves with the exit status. @throws StartupError with one clear line */
export type Command = (argv: readonly string[], deps: CommandDeps) => Promise<number>;
