import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Which process is meant. A pid alone is not enough: it is given to another program after the first has ended.
 * Plain data: it can be kept in a file and is still right after a reboot.
 */
export interface ProcessIdentity {
  readonly pid: number;
  /** Clock ticks between the machine's boot and the process's start. */
  readonly startTicks: number;
  /** Which boot of the machine. */
  readonly bootId: string;
}

interface ProcStat {
  /** `R`, `S`, `D`, `Z` (ended, not yet collected by its parent), `X` … */
  readonly state: string;
  readonly startTicks: number;
}

// Synchronous reads: /proc never blocks on a disk, and a read takes some microseconds.
const readProc = (path: string): string | undefined => {
  try {
    return readFileSync(`/proc/${path}`, 'utf8');
  } catch {
    return undefined;
  }
};

function statOf(pid: number): ProcStat | undefined {
  // The second field is the program's name in parentheses and may hold anything, spaces and parentheses too.
  const fields = readProc(`${pid}/stat`)
    ?.replace(/^.*\) /s, '')
    .split(' ');
  return fields && { state: fields[0] ?? '', startTicks: Number(fields[19]) };
}

const bootId = (): string => (readProc('sys/kernel/random/boot_id') ?? '').trim();
const ended = (stat: ProcStat): boolean => stat.state === 'Z' || stat.state === 'X';

/** The identity of a running process; undefined when there is none of that pid. */
export function identify(pid: number): ProcessIdentity | undefined {
  const stat = statOf(pid);
  return stat && !ended(stat) ? { pid, startTicks: stat.startTicks, bootId: bootId() } : undefined;
}

/** Whether that very process still runs. One that has ended and waits to be collected (a zombie) does not. */
export function isAlive(identity: ProcessIdentity): boolean {
  const stat = statOf(identity.pid);
  return stat !== undefined && !ended(stat) && stat.startTicks === identity.startTicks && bootId() === identity.bootId;
}

/** The arguments a process was started with; empty when it is gone. */
export function commandLine(pid: number): string[] {
  return (readProc(`${pid}/cmdline`) ?? '').split('\0').slice(0, -1);
}

/** The process that a pid file names, when it runs. */
export function fromPidFile(path: string): ProcessIdentity | undefined {
  try {
    const pid = Number.parseInt(readFileSync(path, 'utf8'), 10);
    return Number.isSafeInteger(pid) && pid > 1 ? identify(pid) : undefined;
  } catch {
    return undefined;
  }
}

/** Sends a signal to that very process. Says whether it was there. */
export function signalProcess(identity: ProcessIdentity, signal: NodeJS.Signals): boolean {
  if (!isAlive(identity)) return false;
  try {
    process.kill(identity.pid, signal);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
    throw error;
  }
}

/** Resolves to true when that process has ended, to false when `timeoutMs` is over before. */
export async function waitForEnd(identity: ProcessIdentity, timeoutMs: number, signal?: AbortSignal): Promise<boolean> {
  const deadline = performance.now() + timeoutMs;
  for (let pause = 2; isAlive(identity); pause = Math.min(pause * 2, 100)) {
    if (performance.now() >= deadline) return false;
    await sleep(pause, undefined, signal ? { signal } : {});
  }
  return true;
}

export interface TerminateOptions {
  /** Milliseconds between the polite signal and SIGKILL; 5 000 unless told. */
  readonly graceMs?: number;
  readonly signal?: AbortSignal;
}

/**
 * Ends that very process: SIGTERM, a while to obey, SIGKILL. An ended one is no error.
 * @throws Error when it outlives SIGKILL (it hangs in the kernel)
 */
export async function terminate(identity: ProcessIdentity, options: TerminateOptions = {}): Promise<void> {
  if (!signalProcess(identity, 'SIGTERM')) return;
  if (await waitForEnd(identity, options.graceMs ?? 5_000, options.signal)) return;
  signalProcess(identity, 'SIGKILL');
  if (!(await waitForEnd(identity, 10_000, options.signal)))
    throw new Error(`Process ${identity.pid} does not end even by SIGKILL: it hangs in the kernel; see dmesg`);
}
