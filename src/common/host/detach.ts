import { spawn } from 'node:child_process';
import { openSync } from 'node:fs';
import { identify, type ProcessIdentity } from './process.ts';

export interface DetachOptions {
  /** Takes the program's standard output and error. */
  readonly logFile: string;
  /** What it sends by `process.send`. */
  readonly onMessage: (message: unknown) => void;
  readonly env?: Readonly<Record<string, string>>;
}

export interface Detached {
  readonly identity: ProcessIdentity;
  /** Resolves with the exit status when it ends, which it should not while it is watched. */
  readonly ended: Promise<number | null>;
  /** Stops watching: it lives on by itself. */
  release(): void;
}

/** Starts a Node program in a session of its own that outlives this process, with a channel until it is released. */
export function spawnDetached(argv: readonly string[], options: DetachOptions): Detached {
  const log = openSync(options.logFile, 'a', 0o640);
  const [program, ...args] = argv as [string, ...string[]];
  const child = spawn(program, args, {
    detached: true,
    cwd: '/',
    env: { ...process.env, ...options.env },
    stdio: ['ignore', log, log, 'ipc'],
  });
  child.on('message', options.onMessage);
  const ended = new Promise<number | null>((resolve, reject) => {
    child.on('exit', resolve);
    child.on('error', reject);
  });
  const identity = child.pid === undefined ? undefined : identify(child.pid);
  if (!identity) throw new Error(`${program} did not start`);
  return {
    identity,
    ended,
    release() {
      child.disconnect();
      child.unref();
    },
  };
}
