import { spawn } from 'node:child_process';

/** A program that could not be started or ended with a status that the caller did not expect. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
  readonly argv: readonly string[];
  /** Exit status; null when a signal ended it or it never started. */
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;

  constructor(argv: readonly string[], status: number | null, stdout: string, stderr: string, cause?: unknown) {
    const why = stderr.trim() || (cause instanceof Error ? cause.message : '') || `status ${status}`;
    super(`${argv[0]} failed: ${why}`, cause === undefined ? undefined : { cause });
    this.argv = argv;
    this.status = status;
    this.stdout = stdout;
    this.stderr = stderr;
  }
}

export interface RunOptions {
  /** Text for its standard input. */
  readonly input?: string | Buffer;
  /** Run inside this network namespace (`ip netns exec`). */
  readonly netns?: string;
  readonly cwd?: string;
  /** Added to this process's environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** Milliseconds; 60 000 unless told. It is killed after that. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
  /** Statuses that are not an error; `[0]` unless told. */
  readonly ok?: readonly number[];
}

export interface RunResult {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The door to the machine's programs: no shell, arguments as given. Injected, so that tests can record or refuse. */
export type Run = (argv: readonly string[], options?: RunOptions) => Promise<RunResult>;

/**
 * Runs a program to its end.
 * @throws CommandError when it is missing, ends with a status outside `ok`, or takes longer than `timeoutMs`.
 */
export const run: Run = (argv, options = {}) => {
  const full = options.netns === undefined ? [...argv] : ['ip', 'netns', 'exec', options.netns, ...argv];
  const [program, ...args] = full as [string, ...string[]];
  return new Promise((resolve, reject) => {
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    const text = (chunks: Buffer[]): string => Buffer.concat(chunks).toString('utf8');
    const fail = (status: number | null, cause?: unknown): void =>
      reject(new CommandError(argv, status, text(stdout), text(stderr), cause));
    const child = spawn(program, args, {
      cwd: options.cwd,
      env: options.env === undefined ? process.env : { ...process.env, ...options.env },
      stdio: ['pipe', 'pipe', 'pipe'],
      timeout: options.timeoutMs ?? 60_000,
      killSignal: 'SIGKILL',
      ...(options.signal && { signal: options.signal }),
    });
    child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
    child.on('error', (cause) => fail(null, cause));
    // `exit` rather than `close`: a daemonising child may leave its pipes open in a grandchild for ever.
    child.on('exit', (status, signal) => {
      const settle = (): void => {
        if (status !== null && (options.ok ?? [0]).includes(status))
          resolve({ status, stdout: text(stdout), stderr: text(stderr) });
        else fail(status, signal === null ? undefined : new Error(`ended by ${signal}`));
      };
      const late = setTimeout(settle, 250);
      child.on('close', () => {
        clearTimeout(late);
        settle();
      });
    });
    child.stdin.on('error', () => undefined); // a program that does not read its input is no fault of ours
    child.stdin.end(options.input);
  });
};

/** `run` for its standard output, without the last line break. */
export async function output(program: Run, argv: readonly string[], options?: RunOptions): Promise<string> {
  return (await program(argv, options)).stdout.replace(/\n$/, '');
}
