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
  readonly transport: HttpTransport;
  /** Waits that many milliseconds. */
  readonly sleep: (ms: number) => Promise<void>;
}

/** A stream, with its length when that is known. */
export interface Input {
  readonly data: Readable;
  readonly length: number | undefined;
}
