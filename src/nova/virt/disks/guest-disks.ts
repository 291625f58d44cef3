import { rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Run } from '#common/host/run.ts';
import type { GuestDisk, GuestSpec } from '../driver.ts';
import type { KeptSpec } from '../guest-folders.ts';
import { makeConfigDrive } from './config-drive.ts';
import type { ImageCache } from './image-cache.ts';
import { FlavorDiskTooSmall } from './image-error.ts';

export interface GuestDisksDeps {
  readonly run: Run;
  readonly cache: ImageCache;
  readonly configDriveFormat: 'iso9660' | 'vfat';
}

/** The file names of a guest's disks, as the manual's listings show them. */
export const ROOT_DISK = 'disk';
export const CONFIG_DRIVE = 'disk.config';

/** The file of a disk in the guest's folder; null for a volume, which is elsewhere. */
export function diskFile(disk: GuestDisk): string | null {
  if (disk.kind === 'volume') return null;
  return disk.kind === 'image' ? ROOT_DISK : disk.file;
}

/** Makes the disks of a guest in its folder. What is there already stays as it is: it may hold the guest's data. */
export async function makeGuestDisks(deps: GuestDisksDeps, folder: string, spec: GuestSpec): Promise<void> {
  await Promise.all([
    ...spec.disks.map((disk) => makeDisk(deps, folder, disk)),
    ...(spec.configDrive === undefined
      ? []
      : [makeConfigDrive(deps.run, join(folder, CONFIG_DRIVE), spec.configDrive, deps.configDriveFormat)]),
  ]);
}

async function makeDisk({ run, cache }: GuestDisksDeps, folder: string, disk: GuestDisk): Promise<void> {
  if (disk.kind === 'volume') return;
  const path = join(folder, diskFile(disk)!);
  if (await exists(path)) return;
  if (disk.kind === 'image') {
    const base = (await stat(disk.basePath)).size;
    const wanted = disk.sizeGb * 1024 ** 3;
    if (disk.sizeGb > 0 && base > wanted) throw new FlavorDiskTooSmall(base, disk.sizeGb);
    return makeOverlay(run, path, disk.basePath, Math.max(base, wanted));
  }
  const bytes = disk.sizeMb * 1024 ** 2;
  if (disk.format === 'none')
    return makeWhole(path, (part) => run(['qemu-img', 'create', '-q', '-f', 'qcow2', part, `${bytes}`]));
  const label = labelOf(disk);
  const base = await cache.blank(blankName(disk), bytes, async (file) => {
    const format = disk.format === 'swap' ? ['mkswap', '-L', label] : ['mke2fs', '-q', '-F', '-t', 'ext3', '-L', label];
    await run([...format, file], { timeoutMs: 600_000 });
  });
  return makeOverlay(run, path, base.path, bytes);
}

type Blank = GuestDisk & { kind: 'blank' };

const labelOf = (disk: Blank): string => disk.label.replace(/[^A-Za-z0-9_-]/g, '').slice(0, 16);
const blankName = (disk: Blank): string => `${disk.format}_${labelOf(disk)}_${disk.sizeMb}`;

/** The files of the cache that a guest's disks and boot stand on. */
export function basesOf(cache: ImageCache, spec: KeptSpec): string[] {
  const disks = spec.disks.flatMap((disk) => {
    if (disk.kind === 'image') return [disk.basePath];
    return disk.kind === 'blank' && disk.format !== 'none' ? [join(cache.folder, blankName(disk))] : [];
  });
  return [...disks, ...[spec.kernelPath, spec.ramdiskPath].filter((path) => path !== undefined)];
}

const makeOverlay = (run: Run, path: string, base: string, bytes: number): Promise<void> =>
  makeWhole(path, (part) =>
    run(['qemu-img', 'create', '-q', '-f', 'qcow2', '-F', 'raw', '-b', base, part, `${bytes}`]),
  );

/** Under its name a disk is whole, whenever we die. The other name is this process's own: a predecessor's program may live on. */
async function makeWhole(path: string, make: (part: string) => Promise<unknown>): Promise<void> {
  const part = `${path}.${process.pid}.part`;
  await rm(part, { force: true });
  await make(part);
  await rename(part, path);
}

const exists = async (path: string): Promise<boolean> => (await stat(path).catch(() => undefined)) !== undefined;
