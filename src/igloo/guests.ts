import { hostname } from 'node:os';
import { systemClock } from '#common/clock.ts';
import { loadConfig } from '#common/config/load.ts';
import { fromObject } from '#common/config/sources.ts';
import type { Run } from '#common/host/run.ts';
import { silentLogger } from '#common/telemetry/log.ts';
import { openDriver } from '#nova/compute/open-driver.ts';
import { computeOptions } from '#nova/compute/options.ts';
import type { ComputeDriver } from '#nova/virt/driver.ts';
import { readCloudRecord, type StateFolder } from './state.ts';
import { switchFolder } from './switch.ts';

/** The hypervisor of this cloud without its control plane. Undefined when there never was one. */
async function hypervisor(state: StateFolder, run: Run): Promise<ComputeDriver | undefined> {
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
  const { driver } = await openDriver({ run, log: silentLogger, clock: systemClock, host: hostname() }, conf);
  return driver;
}

/** Does something with every guest of this cloud; gives their number. */
async function eachGuest(
  state: StateFolder,
  run: Run,
  work: (driver: ComputeDriver, id: string, signal: AbortSignal) => Promise<void>,
): Promise<number> {
  const driver = await hypervisor(state, run);
  if (!driver) return 0;
  try {
    const guests = await driver.list();
    const { signal } = new AbortController();
    await Promise.all(guests.map(({ id }) => work(driver, id, signal)));
    return guests.length;
  } finally {
    await driver.close();
  }
}

/** Shuts every guest down, by force after 30 s. Their disks stay; the next `up` starts them again. */
export const stopGuests = (state: StateFolder, run: Run): Promise<number> =>
  eachGuest(state, run, (driver, id, signal) => driver.powerOff(id, 30_000, signal));

/** Removes every guest with its disks. */
export const removeGuests = (state: StateFolder, run: Run): Promise<number> =>
  eachGuest(state, run, (driver, id, signal) => driver.destroy(id, signal));
