import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { makeConfigDrive } from './disks/config-drive.ts';
import {
  CONFIG_DRIVE,
  makeGuestDisks,
  RESCUE_CONFIG_DRIVE,
  RESCUE_DISK,
  type GuestDisksDeps,
} from './disks/guest-disks.ts';
import type { GuestDisk, RescueSystem } from './driver.ts';
import type { KeptSpec } from './guest-folders.ts';

/** A guest as it is started now. */
export type StartedSpec = Omit<KeptSpec, 'configDrive' | 'rescue'> & {
  /** The config drive's file; null without one. */
  readonly configDrive: string | null;
};

const rescueDisk = (basePath: string, bus: GuestDisk['bus'], device: string): GuestDisk => ({
  kind: 'image',
  device,
  bus,
  basePath,
  file: RESCUE_DISK,
  sizeGb: 0,
});

/** In rescue the guest starts from the rescue system's disk, and has its own root disk as the second and nothing else. */
export function asStarted({ configDrive, rescue, ...spec }: KeptSpec): StartedSpec {
  if (!rescue) return { ...spec, configDrive: configDrive ? CONFIG_DRIVE : null };
  const root = spec.disks[0];
  const bus = root?.bus ?? 'virtio';
  const prefix = (root?.device ?? 'vda').slice(0, 2);
  const { kernelPath: _kernel, ramdiskPath: _ramdisk, kernelCommandLine: _line, ...rest } = spec;
  return {
    ...rest,
    disks: [
      rescueDisk(rescue.basePath, bus, `${prefix}a`),
      ...(root ? [{ ...root, device: `${prefix}b` } as GuestDisk] : []),
    ],
    ...(rescue.kernelPath !== undefined && { kernelPath: rescue.kernelPath }),
    ...(rescue.ramdiskPath !== undefined && { ramdiskPath: rescue.ramdiskPath }),
    ...(rescue.kernelCommandLine !== undefined && { kernelCommandLine: rescue.kernelCommandLine }),
    configDrive: rescue.configDrive ? RESCUE_CONFIG_DRIVE : null,
  };
}

/** Makes the files of a rescue; those that are there stay. */
export async function makeRescueDisks(deps: GuestDisksDeps, folder: string, system: RescueSystem): Promise<void> {
  await makeGuestDisks(deps, folder, { disks: [rescueDisk(system.basePath, 'virtio', 'vda')] });
  if (system.configDrive)
    await makeConfigDrive(deps.run, join(folder, RESCUE_CONFIG_DRIVE), system.configDrive, deps.configDriveFormat);
}

export async function removeRescueDisks(folder: string): Promise<void> {
  for (const file of [RESCUE_DISK, RESCUE_CONFIG_DRIVE]) await rm(join(folder, file), { force: true });
}
