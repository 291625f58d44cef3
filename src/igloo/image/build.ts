import { copyFile, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Run } from '#common/host/run.ts';
import { extractPackages, fetchGuestPackages } from './debs.ts';
import { makeDiskImage } from './disk-image.ts';
import { explain } from './explain.ts';
import { assembleInitramfs, assembleRoot } from './guest-files.ts';
import { packInitramfs } from './initramfs.ts';
import { openKernelModules } from './kernel-modules.ts';
import { requireBuildMachine } from './requirements.ts';
import { makeRootImage } from './root-image.ts';
import { openStaging } from './staging.ts';
import { makeWorkFolder } from './work-folder.ts';

export interface BuildOptions {
  readonly outDir: string;
  /** Start of the file names; `cirros-x86_64` unless told. */
  readonly name?: string | undefined;
  /** Where downloaded packages stay, for the next build. */
  readonly cacheDir: string;
  /** Of the user cirros; `gocubsgo` unless told. */
  readonly password?: string | undefined;
  /** Size of the disk before it grows to the flavor's; 48 unless told. */
  readonly diskMegabytes?: number | undefined;
  /** Make kernel, initrd and root file system as files too (aki, ari, ami). */
  readonly parts?: boolean | undefined;
  readonly run: Run;
  readonly log: (progressLine: string) => void;
  readonly signal?: AbortSignal | undefined;
}

export interface GuestImage {
  /** Bootable qcow2. */
  readonly disk: string;
  readonly kernel?: string;
  readonly initrd?: string;
  /** Bare ext4, raw. */
  readonly root?: string;
  readonly seconds: number;
}

/**
 * Builds the small test guest from Debian packages: no loop mounts, no root, nothing installed.
 * Files appear under their names when they are whole.
 * @throws StartupError with one clear line
 */
export async function buildGuestImage(options: BuildOptions): Promise<GuestImage> {
  const { run, log, signal } = options;
  const started = performance.now();
  requireBuildMachine();
  const { outDir, name = 'cirros-x86_64', password = 'gocubsgo', diskMegabytes = 48 } = options;
  const [outFolder, cacheDir] = [resolve(outDir), resolve(options.cacheDir)];
  await explain(`make the folder ${outFolder}`, mkdir(outFolder, { recursive: true }));
  await using work = await explain(`write to ${cacheDir}`, makeWorkFolder(cacheDir));
  const inWork = (file: string): string => join(work.path, file);

  const debs = { run, log, signal, cacheDir, workDir: work.path };
  const files = await fetchGuestPackages(debs);
  log(`unpacking ${files.length} Debian packages`);
  await extractPackages(debs, files, inWork('packages'));

  const staging = openStaging(inWork('packages'), run);
  const modules = await openKernelModules(staging.path('lib/modules'), staging.path('bin/busybox'), run);
  log(`putting the guest together (Linux ${modules.release})`);
  const parts = { staging, modules, run };
  await assembleInitramfs(inWork('initramfs'), parts);
  await writeFile(inWork('initrd'), await packInitramfs(inWork('initramfs')));
  await assembleRoot(inWork('root'), password, parts);

  log('making the disk');
  const kernel = join(staging.tree, 'boot', `vmlinuz-${modules.release}`);
  const makeRoot = (image: string, megabytes: number): Promise<void> =>
    makeRootImage({ run, tree: inWork('root'), image, megabytes, signal });
  const diskParts = { kernel, initrd: inWork('initrd'), makeRoot };
  const disk = await makeDiskImage(diskParts, { run, workDir: work.path, megabytes: diskMegabytes, signal });

  const publish = async (source: string, suffix: string): Promise<string> => {
    const target = join(outFolder, `${name}-${suffix}`);
    await explain(`write ${target}`, copyWhole(source, target));
    return target;
  };
  const image = {
    disk: await publish(disk, 'disk.img'),
    ...(options.parts && {
      kernel: await publish(kernel, 'vmlinuz'),
      initrd: await publish(inWork('initrd'), 'initrd'),
      root: await publish(inWork('root.ext4'), 'blank.img'),
    }),
  };
  return { ...image, seconds: (performance.now() - started) / 1000 };
}

/** The cache may be on another file system than the target, where a rename does not reach. */
async function copyWhole(source: string, target: string): Promise<void> {
  const half = `${target}.${process.pid}.part`;
  try {
    await copyFile(source, half);
    await rename(half, target);
  } finally {
    await rm(half, { force: true });
  }
}
