/** One entry of an archive; its kind is in the mode's upper bits (man 7 inode), as in the file system. */
export interface CpioEntry {
  /** Without a leading slash. */
  readonly path: string;
  readonly mode: number;
  /** Content of a file, target of a symbolic link. */
  readonly data?: Buffer;
  /** Of a device node. */
  readonly device?: { readonly major: number; readonly minor: number };
}

/**
 * Packs an initramfs: cpio's "newc" format (kernel, Documentation/driver-api/early-userspace/buffer-format.rst).
 * Written here rather than by cpio(1) so that device nodes and root's ownership need no root.
 */
export function packCpio(entries: readonly CpioEntry[]): Buffer {
  const trailer: CpioEntry = { path: 'TRAILER!!!', mode: 0 };
  return Buffer.concat([...entries, trailer].flatMap((entry, at) => packEntry(entry, at + 1)));
}

function packEntry(entry: CpioEntry, inode: number): Buffer[] {
  const name = Buffer.from(`${entry.path}\0`);
  const data = entry.data ?? Buffer.alloc(0);
  const { major = 0, minor = 0 } = entry.device ?? {};
  const [uid, gid, links, mtime, checksum] = [0, 0, 1, 0, 0];
  const fields = [inode, entry.mode, uid, gid, links, mtime, data.length, 0, 0, major, minor, name.length, checksum];
  const header = `070701${fields.map((field) => field.toString(16).padStart(8, '0')).join('')}`;
  return [padded(Buffer.concat([Buffer.from(header), name])), padded(data)];
}

const padded = (data: Buffer): Buffer => Buffer.concat([data, Buffer.alloc((4 - (data.length % 4)) % 4)]);
