import { open, readFile, stat, truncate, writeFile, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { StartupError } from '#common/daemon.ts';
import type { Run } from '#common/host/run.ts';
import { explain } from './explain.ts';
import { bootCodePath } from './requirements.ts';

const mebibyte = 1024 * 1024;
const sectorSize = 512;
/** Megabytes before the boot partition: the MBR, and alignment. */
const headMegabytes = 1;

/**
 * The kernel's arguments. no_timer_check: without it a guest can panic on an overloaded emulating host. The last
 * four leave out work that an emulated test machine has no use for: some 0.6 s of its boot.
 */
export const kernelArguments =
  'root=LABEL=cirros-rootfs rw console=tty0 console=ttyS0 panic=10 no_timer_check ' +
  'mitigations=off nokaslr noreplace-smp cryptomgr.notests';

const bootConfig = `SERIAL 0 115200
DEFAULT linux
PROMPT 0
LABEL linux
  KERNEL vmlinuz
  INITRD initrd
  APPEND ${kernelArguments}
`;

export interface DiskParts {
  readonly kernel: string;
  readonly initrd: string;
  /** Makes the root file system of so many megabytes at the path. */
  readonly makeRoot: (image: string, megabytes: number) => Promise<void>;
}

export interface DiskOptions {
  readonly run: Run;
  readonly workDir: string;
  readonly megabytes: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Makes a bootable disk: MBR, a FAT partition with syslinux, kernel and initrd, and the root partition, which is the
 * last so that it can grow.
 * @returns the path of a qcow2 file in the work folder
 */
export async function makeDiskImage(
  parts: DiskParts,
  { run, workDir, megabytes, signal }: DiskOptions,
): Promise<string> {
  const call = { ...(signal && { signal }) };
  const bootBytes = (await stat(parts.kernel)).size + (await stat(parts.initrd)).size;
  const bootMegabytes = Math.ceil(bootBytes / mebibyte) + 1; // and room for the FATs and syslinux
  const rootStart = headMegabytes + bootMegabytes;
  const rootMegabytes = megabytes - rootStart;
  if (rootMegabytes < 16)
    throw new StartupError(`A guest disk of ${megabytes} MB is too small: it takes ${rootStart + 16} MB at least.`);

  const boot = join(workDir, 'boot.fat');
  await makeBootPartition(parts, boot, bootMegabytes, { run, workDir, signal });
  const root = join(workDir, 'root.ext4');
  await parts.makeRoot(root, rootMegabytes);

  const disk = join(workDir, 'disk.raw');
  const file = await open(disk, 'w');
  try {
    await file.truncate(megabytes * mebibyte);
    await file.write(await readFile(bootCodePath), 0, 440, 0);
    await file.write(
      partitionTable([
        { start: headMegabytes, length: bootMegabytes, type: 0x0e, active: true },
        { start: rootStart, length: rootMegabytes, type: 0x83, active: false },
      ]),
      0,
      66,
      446,
    );
    await copyInto(file, boot, headMegabytes * mebibyte);
    await copyInto(file, root, rootStart * mebibyte);
  } finally {
    await file.close();
  }
  const offset = String(headMegabytes * mebibyte);
  await explain('make the disk bootable', run(['syslinux', '--install', '--offset', offset, disk], call));
  // Not compressed: the firmware reads in pieces of 32 KB, for each of which a cluster of 64 KB would be unpacked.
  const packed = join(workDir, 'disk.qcow2');
  await explain('pack the disk', run(['qemu-img', 'convert', '-O', 'qcow2', disk, packed], call));
  return packed;
}

async function makeBootPartition(
  parts: DiskParts,
  image: string,
  megabytes: number,
  { run, workDir, signal }: Omit<DiskOptions, 'megabytes'>,
): Promise<void> {
  const config = join(workDir, 'syslinux.cfg');
  await writeFile(config, bootConfig);
  await writeFile(image, '');
  await truncate(image, megabytes * mebibyte);
  const sectors = (megabytes * mebibyte) / sectorSize;
  const before = (headMegabytes * mebibyte) / sectorSize;
  // Clusters of 2 KiB: from 9 MiB on it is FAT16 beyond doubt. Near the border (4085 clusters) mformat and syslinux disagree.
  const geometry = ['-h', '64', '-s', '32', '-T', String(sectors), '-H', String(before), '-c', '4'];
  const call = { ...(signal && { signal }) };
  const commands = [
    ['mformat', '-i', image, '-v', 'BOOT', ...geometry, '::'],
    ['mcopy', '-i', image, parts.kernel, '::vmlinuz'],
    ['mcopy', '-i', image, parts.initrd, '::initrd'],
    ['mcopy', '-i', image, config, '::syslinux.cfg'],
  ];
  for (const argv of commands) await explain('fill the boot partition', run(argv, call));
}

interface Partition {
  /** Megabytes, as is the length. */
  readonly start: number;
  readonly length: number;
  readonly type: number;
  readonly active: boolean;
}

/** The four entries of an MBR and its signature: the bytes from 446 to the sector's end. */
export function partitionTable(partitions: readonly Partition[]): Buffer {
  const table = Buffer.alloc(66);
  partitions.forEach((one, index) => {
    const at = index * 16;
    table[at] = one.active ? 0x80 : 0;
    table.fill(0xff, at + 1, at + 4); // cylinder, head, sector: not used, "beyond the limit"
    table[at + 4] = one.type;
    table.fill(0xff, at + 5, at + 8);
    table.writeUInt32LE((one.start * mebibyte) / sectorSize, at + 8);
    table.writeUInt32LE((one.length * mebibyte) / sectorSize, at + 12);
  });
  table.writeUInt16LE(0xaa55, 64);
  return table;
}

/** Copies a file to a place in another, leaving holes where it is empty. */
async function copyInto(target: FileHandle, source: string, offset: number): Promise<void> {
  const data = await readFile(source);
  const empty = Buffer.alloc(mebibyte);
  for (let at = 0; at < data.length; at += mebibyte) {
    const piece = data.subarray(at, at + mebibyte);
    if (!piece.equals(empty.subarray(0, piece.length))) await target.write(piece, 0, piece.length, offset + at);
  }
}
