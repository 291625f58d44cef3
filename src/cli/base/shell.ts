import type { Readable } from 'node:stream';
import type { HttpTransport } from '#common/api/transport.ts';

/** The surroundings of a command: what tests replace. */
export interface Shell {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  /** Writes bytes to standard output, waiting while it is full. */
  readonly pipeOut: (data: Readable) => Promise<void>;
  /** What is piped into standard input; undefined at a terminal and for nothing. */
  readonly input: () => Input | undefined;
  /** Asks for something that is not shown while it is typed; undefined where nobody can be asked. */
  readonly askSecret: (prompt: string) => Promise<string | undefined>;
  /** Asks for a line; undefined where nobody can be asked. */
  readonly askLine: (prompt: string) => Promise<string | undefined>;
  /** Whether standard output is a terminal, for what is drawn while one waits. */
  readonly isTerminal: boolean;
  readonly transport: (tls: TlsOptions) => HttpTransport;
  /** Milliseconds that only ever grow. */
  readonly now: () => number;
  /** Runs a program in the foreground, with the terminal if there is one. @returns its exit status */
  readonly runProgram: (argv: readonly string[]) => Promise<number>;
  /** Ends when the user presses Ctrl-C: for commands that run until then. Without it they cannot be ended. */
  readonly interrupted?: () => AbortSignal;
  /** Waits that many milliseconds, or until the signal. */
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
}

/** How far a service's certificate is trusted, and what is shown to it. */
export interface TlsOptions {
  /** false accepts any certificate (`--insecure`) */
  readonly verify: boolean;
  /** File of certificate authorities (`--os-cacert`); the system's unless given. */
  readonly caFile?: string | undefined;
  readonly certFile?: string | undefined;
  readonly keyFile?: string | undefined;
  /** How long an answer may take. */
  readonly timeoutMs?: number | undefined;
}

/** A stream, with its length when that is known. */
export interface Input {
  readonly data: Readable;
  readonly length: number | undefined;
}
