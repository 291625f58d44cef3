import { rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import { systemClock } from '#common/clock.ts';
import { loadConfig } from '#common/config/load.ts';
import { fromObject } from '#common/config/sources.ts';
import { readIfExists, writeFileAtomic } from '#common/host/files.ts';
import type { Run } from '#common/host/run.ts';
import { silentLogger } from '#common/telemetry/log.ts';
import { openDriver, type OpenDriver } from '#nova/compute/open-driver.ts';
import { computeOptions } from '#nova/compute/options.ts';
import type { ComputeDriver } from '#nova/virt/driver.ts';
import { libvirtFolder } from '#nova/virt/libvirt/libvirt-driver.ts';
import { stopPrivateLibvirtd } from '#nova/virt/libvirt/private-libvirtd.ts';
import { readCloudRecord, type StateFolder } from './state.ts';
import { switchFolder } from './switch.ts';

/** The hypervisor of this cloud without its control plane. Undefined when there never was one. */
async function hypervisor(state: StateFolder, run: Run): Promise<OpenDriver | undefined> {
  const cloud = readCloudRecord(state);
  if (!cloud) return undefined;
  const conf = loadConfig(
    computeOptions,
    fromObject(
      {
        DEFAULT: {
          state_path: state.path('nova'),
          instances_path: state.path('nova', 'instances'),
          compute_driver: cloud.virt,
        },
        ovs: cloud.openvswitchPrivate ? { run_dir: switchFolder(state) } : {},
      },
      'igloo',
    ),
  );
  return openDriver({ run, log: silentLogger, clock: systemClock, host: hostname() }, conf);
}

/** Does something with every guest of this cloud; gives their number. */
async function eachGuest(
  state: StateFolder,
  run: Run,
  work: (driver: ComputeDriver, id: string, signal: AbortSignal) => Promise<void>,
): Promise<number> {
  const opened = await hypervisor(state, run);
  if (!opened) return 0;
  const { driver, vif } = opened;
  try {
    const guests = await driver.list();
    const { signal } = new AbortController();
    await Promise.all(guests.map(({ id }) => work(driver, id, signal)));
    return guests.length;
  } finally {
    await driver.close();
    vif.close();
  }
}

const stoppedFile = (state: StateFolder): string => state.path('stopped-guests.json');

/** Shuts every guest down, by force after 30 s. Their disks stay; those that ran are started by the next `up`. */
export async function stopGuests(state: StateFolder, run: Run): Promise<number> {
  const running = new Set<string>(await stoppedGuests(state));
  await eachGuest(state, run, async (driver, id) => {
    if ((await driver.state(id))?.power === 'running') running.add(id);
  });
  // Noted before the first is stopped: what is cut off here is not forgotten.
  await writeFileAtomic(stoppedFile(state), JSON.stringify([...running]), { mode: 0o600 });
  return eachGuest(state, run, (driver, id, signal) => driver.powerOff(id, 30_000, signal));
}

/**
 * Starts the guests that `down --guests` stopped. The switch must run. Those that do not start (the storage of their volumes does
 * not run yet) are left for the next call.
 * @returns how many were started, and how many were not
 */
export async function startStoppedGuests(state: StateFolder, run: Run): Promise<{ started: number; left: number }> {
  const stopped = await stoppedGuests(state);
  const left = new Set<string>();
  if (stopped.length > 0)
    await eachGuest(state, run, async (driver, id, signal) => {
      if (stopped.includes(id)) await driver.powerOn(id, signal).catch(() => left.add(id));
    });
  if (left.size > 0) await writeFileAtomic(stoppedFile(state), JSON.stringify([...left]), { mode: 0o600 });
  else await rm(stoppedFile(state), { force: true });
  return { started: stopped.length - left.size, left: left.size };
}

const stoppedGuests = async (state: StateFolder): Promise<string[]> =>
  JSON.parse((await readIfExists(stoppedFile(state))) ?? '[]') as string[];

/** Removes every guest with its disks, and the hypervisor manager that was started for them. */
export async function removeGuests(state: StateFolder, run: Run): Promise<number> {
  const removed = await eachGuest(state, run, (driver, id, signal) => driver.destroy(id, signal));
  await stopPrivateLibvirtd(libvirtFolder(state.path('nova')));
  return removed;
}
