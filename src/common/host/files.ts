import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';

export interface WriteOptions {
  /** Permission bits; 0o644 unless told. */
  readonly mode?: number;
  /** Wait until the disk has it, for what must survive a power cut. */
  readonly fsync?: boolean;
}

let written = 0;

/**
 * Writes a whole file so that a reader, or a crash, sees the old content or the new and nothing between.
 * The folder must exist.
 */
export async function writeFileAtomic(path: string, data: string | Buffer, options: WriteOptions = {}): Promise<void> {
  const temporary = `${path}.${process.pid}.${written++}.tmp`;
  try {
    const file = await open(temporary, 'wx', options.mode ?? 0o644);
    try {
      await file.chmod(options.mode ?? 0o644); // open's mode is cut by the umask
      await file.writeFile(data);
      if (options.fsync) await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  if (options.fsync) await syncFolder(dirname(path));
}

/** `writeFileAtomic` when the content differs. Says whether it wrote. */
export async function writeFileIfChanged(path: string, data: string, options: WriteOptions = {}): Promise<boolean> {
  if ((await readIfExists(path)) === data) return false;
  await writeFileAtomic(path, data, options);
  return true;
}

/** The text of a file; undefined when there is none. */
export async function readIfExists(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Makes a folder and its parents; `mode` counts for the folders that are new. */
export async function ensureFolder(path: string, mode = 0o755): Promise<void> {
  await mkdir(path, { recursive: true, mode });
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
