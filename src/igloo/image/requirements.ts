import { existsSync } from 'node:fs';
import { StartupError } from '#common/daemon.ts';
import { findProgram } from '#common/host/privileges.ts';

/** A Debian package that building the guest image needs on this machine. */
export interface RequiredPackage {
  readonly name: string;
  readonly why: string;
  /** It is there when this program is … */
  readonly program?: string;
  /** … or this file. */
  readonly file?: string;
}

/** The boot code at the head of the disk. */
export const bootCodePath = '/usr/lib/syslinux/mbr/mbr.bin';

/** For the caller to install: the build itself installs nothing. */
export const requiredPackages: readonly RequiredPackage[] = [
  { name: 'e2fsprogs', program: 'mke2fs', why: "makes the guest's root file system without mounting it" },
  { name: 'mtools', program: 'mcopy', why: "makes and fills the guest's boot partition without mounting it" },
  { name: 'syslinux', program: 'syslinux', why: 'boots the guest' },
  { name: 'syslinux-common', file: bootCodePath, why: 'boots the guest' },
  { name: 'qemu-utils', program: 'qemu-img', why: "packs the guest's disk" },
];

/** @throws StartupError naming what this machine lacks */
export function requireBuildMachine(arch: string = process.arch): void {
  if (arch !== 'x64')
    throw new StartupError(`The guest image can be built on x86-64 only (this is ${arch}): use igloo image fetch.`);
  if (!findProgram('apt-get') || !findProgram('dpkg-deb'))
    throw new StartupError(
      'The guest image is made of Debian packages, and apt-get is missing: use igloo image fetch.',
    );
  const missing = requiredPackages.filter((one) =>
    one.program ? !findProgram(one.program) : !existsSync(one.file as string),
  );
  if (missing.length > 0)
    throw new StartupError(
      `The guest image cannot be built: Debian packages are missing. Run apt-get install ${missing
        .map((one) => one.name)
        .join(' ')}`,
    );
}
