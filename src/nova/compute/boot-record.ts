import { join } from 'node:path';
import { readIfExists, writeFileAtomic } from '#common/host/files.ts';
import { identify } from '#common/host/process.ts';

/** Tells whether the machine (or the container that is our machine) was started anew since the last time. */
export interface BootRecord {
  readonly rebooted: boolean;
  /** What follows from a reboot is done: from now on this boot is the known one. */
  acknowledge(): Promise<void>;
}

export async function readBootRecord(statePath: string): Promise<BootRecord> {
  const path = join(statePath, 'last-boot');
  const first = identify(1);
  const now = `${first?.bootId} ${first?.startTicks}`;
  const before = await readIfExists(path);
  return {
    rebooted: before !== undefined && before !== now,
    acknowledge: () => (before === now ? Promise.resolve() : writeFileAtomic(path, now, { fsync: true })),
  };
}
