import { constants } from 'node:fs';
import { lstat, readdir, readFile, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { packCpio, type CpioEntry } from './cpio.ts';

/** Makes the kernel's initial file system of a folder, compressed. Modes are the folder's, the owner is root. */
export async function packInitramfs(folder: string): Promise<Buffer> {
  const entries: CpioEntry[] = [];
  for (const path of (await readdir(folder, { recursive: true })).sort()) {
    const file = join(folder, path);
    const { mode } = await lstat(file);
    const kind = mode & constants.S_IFMT;
    if (kind === constants.S_IFREG) entries.push({ path, mode, data: await readFile(file) });
    else if (kind === constants.S_IFLNK) entries.push({ path, mode, data: Buffer.from(await readlink(file)) });
    else entries.push({ path, mode });
  }
  // The kernel gives init this console before init has mounted a /dev.
  entries.push({ path: 'dev/console', mode: constants.S_IFCHR | 0o600, device: { major: 5, minor: 1 } });
  // zstd would be as fast, but takes memory of the kernel that a guest of 80 MB does not have.
  return promisify(gzip)(packCpio(entries), { level: 9 });
}
