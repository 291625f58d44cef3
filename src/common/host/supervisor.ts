import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ensureFolder, readIfExists, writeFileAtomic } from './files.ts';
import { commandLine, fromPidFile, isAlive, signalProcess, terminate, type ProcessIdentity } from './process.ts';
import type { Run } from './run.ts';
import type { Logger } from '../telemetry/log.ts';

/** A program that puts itself into the background and writes its own pid file (dnsmasq, haproxy -D, ovs-vswitchd --detach). */
export interface SupervisedProgram {
  /** Unique within the supervisor's folder, fit for a file name. */
  readonly name: string;
  readonly argv: readonly string[];
  readonly netns?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Where the program writes its pid. */
  readonly pidFile: string;
  /** Called after each start, before the program counts as running: first start and restarts after a death. */
  readonly started?: () => Promise<void>;
}

/** How a program takes over from the running one (haproxy's `-sf <pid>`). */
export interface Succession {
  /** The successor's additional arguments. */
  readonly argv: (running: ProcessIdentity) => readonly string[];
  /** Asks the old one to end when its work is done; repeated, as it may still be starting itself. */
  readonly farewell: NodeJS.Signals;
  /** Milliseconds after which an old one is ended, done or not. */
  readonly patienceMs: number;
}

interface Watched {
  program: SupervisedProgram;
  identity: ProcessIdentity | undefined;
  /** Deaths in a row, each soon after the start before. */
  failures: number;
  startedAt: number;
  retryAt: number;
  /** Old ones that still end their work. */
  retiring: { readonly identity: ProcessIdentity; readonly farewell: NodeJS.Signals; readonly until: number }[];
}

/** What is kept of a program in a file: before its start without identity, afterwards with it. */
interface ProcessRecord {
  readonly identity?: ProcessIdentity;
  readonly former: readonly ProcessIdentity[];
  readonly argv: readonly string[];
  readonly netns?: string;
  readonly pidFile: string;
}

export interface SupervisorDeps {
  /** Where it remembers which processes are its own, across our own death. */
  readonly folder: string;
  readonly run: Run;
  readonly log: Logger;
  /** Milliseconds between two looks at the processes; 1 000 unless told. */
  readonly intervalMs?: number;
}

/**
 * Keeps helper programs alive. They outlive us: after our own restart the same `ensure` call adopts the running one
 * (recorded pid and start time, or, when we died before recording these, its pid file with the same command line).
 * One timer for all of them; a look costs some microseconds per program.
 */
export class Supervisor {
  readonly #deps: SupervisorDeps;
  readonly #watched = new Map<string, Watched>();
  readonly #queues = new Map<string, Promise<unknown>>();
  #timer: NodeJS.Timeout | undefined;

  constructor(deps: SupervisorDeps) {
    this.#deps = deps;
  }

  /**
   * The program runs when this resolves, with these arguments: started, adopted, or restarted when its arguments differ.
   * @throws CommandError when it does not start; nothing is watched then
   */
  ensure(program: SupervisedProgram): Promise<ProcessIdentity> {
    return this.#inTurn(program.name, async () => (await this.#bring(program)).identity);
  }

  /** Ends the running one, if any, and starts anew. */
  restart(program: SupervisedProgram): Promise<ProcessIdentity> {
    return this.#inTurn(program.name, () => this.#end(program.name)).then(() => this.ensure(program));
  }

  /** Starts a successor beside the running one; an ordinary start when none runs. */
  succeed(program: SupervisedProgram, succession: Succession): Promise<ProcessIdentity> {
    return this.#inTurn(program.name, async () => {
      const { identity: running, watched, fresh } = await this.#bring(program);
      if (fresh) return running;
      const { farewell, patienceMs } = succession;
      const before = watched.retiring.filter(({ identity }) => isAlive(identity));
      const retiring = [...before, { identity: running, farewell, until: performance.now() + patienceMs }];
      try {
        const former = retiring.map(({ identity }) => identity);
        const identity = await this.#start(program, former, succession.argv(running));
        Object.assign(watched, { identity, retiring, startedAt: performance.now() });
        return identity;
      } catch (error) {
        const former = before.map(({ identity }) => identity);
        await this.#record(program, former, running);
        throw error;
      }
    });
  }

  /** Sends a signal to a program that runs. Says whether it was there. */
  signal(name: string, signal: NodeJS.Signals): boolean {
    const identity = this.#watched.get(name)?.identity;
    return identity !== undefined && signalProcess(identity, signal);
  }

  /** The process of a watched program, when it runs now. */
  running(name: string): ProcessIdentity | undefined {
    const identity = this.#watched.get(name)?.identity;
    return identity && isAlive(identity) ? identity : undefined;
  }

  /** Ends a program of this folder, watched or left by our predecessor. An absent one is no error. */
  stop(name: string): Promise<void> {
    return this.#inTurn(name, () => this.#end(name));
  }

  /** Stops watching; the programs run on. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#watched.clear();
    await Promise.allSettled(this.#queues.values());
  }

  async #bring(program: SupervisedProgram): Promise<{ identity: ProcessIdentity; watched: Watched; fresh: boolean }> {
    await ensureFolder(this.#deps.folder);
    const adopted = await this.#adopt(program);
    const identity = adopted ?? (await this.#start(program, []));
    const retiring = this.#watched.get(program.name)?.retiring ?? [];
    const watched = { program, identity, failures: 0, startedAt: performance.now(), retryAt: 0, retiring };
    this.#watched.set(program.name, watched);
    this.#timer ??= setInterval(() => this.#look(), this.#deps.intervalMs ?? 1_000).unref();
    return { identity, watched, fresh: adopted === undefined };
  }

  #look(): void {
    for (const [name, watched] of this.#watched) {
      this.#bidFarewell(watched);
      if ((watched.identity && isAlive(watched.identity)) || performance.now() < watched.retryAt) continue;
      watched.retryAt = Infinity; // until this attempt has ended
      void this.#inTurn(name, () => this.#revive(name, watched));
    }
  }

  #bidFarewell(watched: Watched): void {
    watched.retiring = watched.retiring.filter(({ identity, farewell, until }) => {
      if (performance.now() < until) return signalProcess(identity, farewell);
      terminate(identity).catch((error: unknown) =>
        this.#deps.log.error(`${watched.program.name} does not end`, error),
      );
      return false;
    });
  }

  async #revive(name: string, watched: Watched): Promise<void> {
    if (this.#watched.get(name) !== watched) return;
    if (watched.identity) {
      watched.failures = performance.now() - watched.startedAt > 60_000 ? 0 : watched.failures;
      this.#deps.log.warn(`${name} (pid ${watched.identity.pid}) has died; starting it again`);
      watched.identity = undefined;
    }
    try {
      const identity = (await this.#adopt(watched.program)) ?? (await this.#start(watched.program, []));
      Object.assign(watched, { identity, startedAt: performance.now() });
    } catch (error) {
      this.#deps.log.error(`${name} does not start`, error);
    }
    watched.failures += 1;
    // A program that dies at once must not eat the machine: 1, 2, 4 … 30 s between attempts.
    const pause = watched.failures < 2 && watched.identity ? 0 : Math.min(500 * 2 ** watched.failures, 30_000);
    watched.retryAt = performance.now() + pause;
  }

  /** The running one when it is what is wanted; ends one that is not, and those that a successor has replaced. */
  async #adopt(program: SupervisedProgram): Promise<ProcessIdentity | undefined> {
    const record = await this.#recorded(program.name);
    const running = find(record ?? { ...program, former: [] });
    const retiring = this.#watched.get(program.name)?.retiring.map(({ identity }) => identity.pid) ?? [];
    for (const former of record?.former ?? [])
      if (former.pid !== running?.pid && !retiring.includes(former.pid)) await terminate(former);
    if (!running) return undefined;
    if (record && !same(record, program)) {
      await terminate(running);
      return undefined;
    }
    if (!record?.identity) await this.#record(program, [], running);
    return running;
  }

  async #start(
    program: SupervisedProgram,
    former: readonly ProcessIdentity[],
    more: readonly string[] = [],
  ): Promise<ProcessIdentity> {
    const { argv, netns, env } = program;
    await this.#record(program, former);
    await this.#deps.run([...argv, ...more], { ...(netns !== undefined && { netns }), ...(env && { env }) });
    const identity = await namedSoon(program.pidFile);
    if (!identity) throw new Error(`${argv[0]} started, but no process is named in ${program.pidFile}; see its log`);
    await this.#record(program, former, identity);
    await program.started?.();
    return identity;
  }

  async #end(name: string): Promise<void> {
    const watched = this.#watched.get(name);
    const record = await this.#recorded(name);
    this.#watched.delete(name);
    const all = [watched?.identity, record && find(record), ...(record?.former ?? [])];
    for (const identity of all) if (identity) await terminate(identity);
    await rm(this.#path(name), { force: true });
  }

  async #record(
    { name, argv, netns, pidFile }: SupervisedProgram,
    former: readonly ProcessIdentity[],
    identity?: ProcessIdentity,
  ): Promise<void> {
    const record: ProcessRecord = {
      argv,
      pidFile,
      former,
      ...(netns !== undefined && { netns }),
      ...(identity && { identity }),
    };
    await writeFileAtomic(this.#path(name), JSON.stringify(record));
  }

  async #recorded(name: string): Promise<ProcessRecord | undefined> {
    const text = await readIfExists(this.#path(name));
    return text === undefined ? undefined : (JSON.parse(text) as ProcessRecord);
  }

  #path(name: string): string {
    return join(this.#deps.folder, `${name}.process.json`);
  }

  /** One thing at a time per program. */
  #inTurn<T>(name: string, work: () => Promise<T>): Promise<T> {
    const before = this.#queues.get(name) ?? Promise.resolve();
    const turn = before.then(work, work);
    const settled = turn.catch(() => undefined);
    this.#queues.set(name, settled);
    void settled.then(() => {
      if (this.#queues.get(name) === settled) this.#queues.delete(name);
    });
    return turn;
  }
}

/** Some programs (tgtd) write their pid a moment after they went into the background. */
async function namedSoon(pidFile: string): Promise<ProcessIdentity | undefined> {
  for (let tries = 0; tries < 100; tries++) {
    const identity = fromPidFile(pidFile);
    if (identity) return identity;
    await sleep(10);
  }
  return undefined;
}

const same = (record: ProcessRecord, program: SupervisedProgram): boolean =>
  record.netns === program.netns && record.argv.join('\0') === program.argv.join('\0');

/** The recorded process, or the one that the pid file names, when it was started by these arguments (perhaps with more). */
function find({ identity, pidFile, argv }: ProcessRecord): ProcessIdentity | undefined {
  if (identity && isAlive(identity)) return identity;
  const named = fromPidFile(pidFile);
  if (!named) return undefined;
  const actual = commandLine(named.pid);
  return argv.slice(1).every((word, i) => actual[i + 1] === word) && actual.length >= argv.length ? named : undefined;
}
