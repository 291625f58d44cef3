import { rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Run } from '#common/host/run.ts';
import type { GuestDisk, GuestSpec } from '../driver.ts';
import type { Aside, KeptSpec } from '../guest-folders.ts';
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
export const RESCUE_DISK = 'disk.rescue';
export const RESCUE_CONFIG_DRIVE = 'disk.config.rescue';

/** The file of a disk in the guest's folder; null for a volume, which is elsewhere. */
export function diskFile(disk: GuestDisk): string | null {
  if (disk.kind === 'volume') return null;
  return disk.kind === 'image' ? (disk.file ?? ROOT_DISK) : disk.file;
}

/**
 * Makes the disks of a guest in its folder. What is there already stays as it is: it may hold the guest's data.
 * @param from a guest whose disks are copied, and grown, rather than made new
 */
export async function makeGuestDisks(
  deps: GuestDisksDeps,
  folder: string,
  spec: Pick<GuestSpec, 'disks' | 'configDrive'>,
  from?: Aside,
): Promise<void> {
  await Promise.all([
    ...spec.disks.map((disk) => makeDisk(deps, folder, disk, from)),
    ...(spec.configDrive === undefined
      ? []
      : [makeConfigDrive(deps.run, join(folder, CONFIG_DRIVE), spec.configDrive, deps.configDriveFormat)]),
  ]);
}

async function makeDisk({ run, cache }: GuestDisksDeps, folder: string, disk: GuestDisk, from?: Aside): Promise<void> {
  if (disk.kind === 'volume') return;
  const path = join(folder, diskFile(disk)!);
  if (await exists(path)) return;
  const before = from?.definition.spec.disks.find((one) => one.kind === disk.kind && diskFile(one) === diskFile(disk));
  if (from && before && isCarriedOver(before, disk))
    return copyDisk(run, join(from.folder, diskFile(disk)!), path, bytesOf(disk));
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

/** Swap holds nothing that is worth keeping, and a larger one must be formatted. */
const isCarriedOver = (before: GuestDisk, now: GuestDisk): boolean =>
  !(now.kind === 'blank' && now.format === 'swap' && bytesOf(before) !== bytesOf(now));

const bytesOf = (disk: GuestDisk): number =>
  disk.kind === 'image' ? disk.sizeGb * 1024 ** 3 : disk.kind === 'blank' ? disk.sizeMb * 1024 ** 2 : 0;

/** A copy of a disk, at least of that size. Disks are never made smaller: what is at their ends would be lost. */
async function copyDisk(run: Run, from: string, to: string, bytes: number): Promise<void> {
  await makeWhole(to, async (part) => {
    await run(['cp', '--sparse=always', '--reflink=auto', '--', from, part], { timeoutMs: 3_600_000 });
    const { stdout } = await run(['qemu-img', 'info', '--output=json', '-f', 'qcow2', part]);
    if ((JSON.parse(stdout) as { 'virtual-size': number })['virtual-size'] < bytes)
      await run(['qemu-img', 'resize', '-q', '-f', 'qcow2', part, `${bytes}`]);
  });
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
  const { kernelPath, ramdiskPath, rescue } = spec;
  const files = [kernelPath, ramdiskPath, rescue?.basePath, rescue?.kernelPath, rescue?.ramdiskPath];
  return [...disks, ...files.filter((path) => path !== undefined)];
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
