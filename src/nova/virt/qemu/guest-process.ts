import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  commandLine,
  fromPidFile,
  identify,
  signalProcess,
  waitForEnd,
  type ProcessIdentity,
} from '#common/host/process.ts';
import { PID_FILE } from './command.ts';

/** Whether a process is QEMU with that guest: a pid may belong to another program by now. */
function runsGuest(pid: number, id: string, folder: string): boolean {
  const argv = commandLine(pid);
  return argv[argv.indexOf('-uuid') + 1] === id && argv.includes(join(folder, PID_FILE));
}

/** The process of a guest, by its pid file; undefined when it does not run. Some microseconds. */
export function guestProcess(id: string, folder: string): ProcessIdentity | undefined {
  const identity = fromPidFile(join(folder, PID_FILE));
  return identity && runsGuest(identity.pid, id, folder) ? identity : undefined;
}

/**
 * All processes of a guest, by looking at every process: also one that our predecessor was just starting when it died,
 * which has written no pid file yet. Some milliseconds.
 */
export function findGuestProcesses(id: string, folder: string): ProcessIdentity[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && runsGuest(Number(name), id, folder))
    .flatMap((name) => identify(Number(name)) ?? []);
}

/** The process of a guest that somebody started or is starting; waits for its pid file. */
export async function adoptGuestProcess(
  id: string,
  folder: string,
  signal: AbortSignal,
): Promise<ProcessIdentity | undefined> {
  for (;;) {
    const identity = guestProcess(id, folder);
    if (identity || findGuestProcesses(id, folder).length === 0) return identity;
    await sleep(10, undefined, { signal });
  }
}

/** Ends whatever runs of a guest, at once. @throws Error when it hangs in the kernel */
export async function killGuestProcesses(id: string, folder: string): Promise<void> {
  // Again until nothing is found: a starting QEMU forks.
  for (let found = findGuestProcesses(id, folder); found.length > 0; found = findGuestProcesses(id, folder))
    for (const identity of found) {
      signalProcess(identity, 'SIGKILL');
      if (!(await waitForEnd(identity, 10_000)))
        throw new Error(
          `QEMU of instance ${id} (process ${identity.pid}) does not end: it hangs in the kernel; see dmesg`,
        );
    }
}
