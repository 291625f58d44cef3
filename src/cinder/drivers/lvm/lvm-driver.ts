import { existsSync } from 'node:fs';
import { hasProgram, isRoot } from '#common/host/privileges.ts';
import type { DriverDeps } from '../deps.ts';
import type { VolumeDriver } from '../driver.ts';
import { MappedLvm } from './mapped-lvm.ts';
import { WindowedLvm } from './windowed-lvm.ts';

/** LVM in the way that this machine's kernel allows. */
export async function createLvmDriver(deps: DriverDeps): Promise<VolumeDriver> {
  const there = (): boolean => existsSync('/sys/class/misc/device-mapper');
  if (!there() && isRoot() && hasProgram('modprobe'))
    await deps.run(['modprobe', '-q', 'dm-mod']).catch(() => undefined);
  if (there()) return new MappedLvm(deps);
  deps.log.warn(
    `This kernel has no device-mapper: volumes of ${deps.conf.volume_group} are reached through loop devices, and snapshots are copies`,
  );
  return new WindowedLvm(deps);
}
