import { createReadStream } from 'node:fs';
import { access, constants, mkdir, open, readdir, rename, rm, stat, statfs, type FileHandle } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { StartupError } from '#common/daemon.ts';
import { StoreError, type StoreSink, type StoreWriting } from '../driver.ts';
import type { WritableStore } from '../stores.ts';

/** Bytes that a download reads at a time. */
const readBlock = 1 << 20;

/**
 * Keeps each image as one file named by its id in `filesystem_store_datadir`. Data arrives in a hidden file of this host
 * and is renamed when it is complete, so that a file under an image's name is always whole.
 * @throws StartupError when the folder cannot be made or written
 */
export async function createFileStore(deps: {
  readonly name: string;
  /** Absolute. */
  readonly dataDir: string;
  /** This host: several may share the folder. */
  readonly host: string;
}): Promise<WritableStore> {
  const folder = resolve(deps.dataDir);
  await prepare(folder);
  const partSuffix = `.${deps.host}.part`;
  const partOf = (imageId: string): string => join(folder, `.${imageId}${partSuffix}`);

  /** Only files directly in the folder: a location must not lead to other files of the host. */
  const pathOf = (location: string): string => {
    let path: string;
    try {
      path = fileURLToPath(location.replace(/^filesystem:/, 'file:'));
    } catch {
      throw new StoreError('refused', `"${location}" is no location of the file store.`);
    }
    if (dirname(resolve(path)) !== folder || basename(path).startsWith('.'))
      throw new StoreError('refused', `"${location}" is no location of the file store.`);
    return resolve(path);
  };

  const writing: StoreWriting = {
    async create(imageId, expected) {
      if (expected !== undefined) await refuseWhenTooFull(folder, expected);
      const part = partOf(imageId);
      const file = await open(part, 'w', 0o640).catch((error: unknown) => {
        throw storeErrorOf(error, folder);
      });
      return sinkOf(file, part, join(folder, imageId));
    },
    remove: (location) => rm(pathOf(location), { force: true }),
    async discard(imageId) {
      await rm(partOf(imageId), { force: true });
      await rm(join(folder, imageId), { force: true });
    },
    async sweep() {
      for (const name of await readdir(folder))
        if (name.startsWith('.') && name.endsWith(partSuffix)) await rm(join(folder, name), { force: true });
    },
  };

  return {
    name: deps.name,
    details: { data_dir: folder },
    schemes: ['file', 'filesystem'],
    writing,
    async size(location) {
      const path = pathOf(location);
      return (await stat(path).catch((error: unknown) => throwStoreError(error, path))).size;
    },
    async read(location, range) {
      const path = pathOf(location);
      // Opened here, so that a missing file is an error of this call and not of the half-sent answer.
      const file = await open(path, 'r').catch((error: unknown) => throwStoreError(error, path));
      return createReadStream(path, { fd: file, highWaterMark: readBlock, ...range });
    },
  };
}

function sinkOf(file: FileHandle, part: string, final: string): StoreSink {
  let open = true;
  const close = async (): Promise<void> => {
    if (!open) return;
    open = false;
    await file.close();
  };
  return {
    async write(block, position) {
      try {
        for (let done = 0; done < block.length;) {
          const { bytesWritten } = await file.write(block, done, block.length - done, position + done);
          done += bytesWritten;
        }
      } catch (error) {
        throw storeErrorOf(error, dirname(part));
      }
    },
    async commit() {
      try {
        await close();
        await rename(part, final);
      } catch (error) {
        throw storeErrorOf(error, dirname(part));
      }
      return pathToFileURL(final).href;
    },
    async abort() {
      await close();
      await rm(part, { force: true });
    },
  };
}

async function prepare(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o750 });
    await access(folder, constants.W_OK);
  } catch (cause) {
    throw new StartupError(
      `The image folder ${folder} cannot be written (${(cause as Error).message}). Create it, give it to the user of glance-api, or set filesystem_store_datadir.`,
      { cause },
    );
  }
}

async function refuseWhenTooFull(folder: string, bytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(folder);
  if (bavail * bsize < bytes)
    throw new StoreError('full', `Image storage media is full: ${bytes} bytes do not fit into ${folder}.`);
}

function throwStoreError(error: unknown, path: string): never {
  throw storeErrorOf(error, path);
}

/** What the operating system refused, in the words of the store. */
export function storeErrorOf(error: unknown, path: string): Error {
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT') return new StoreError('missing', 'Image data could not be found in the store.', error);
  if (code === 'ENOSPC' || code === 'EDQUOT' || code === 'EFBIG')
    return new StoreError('full', `Image storage media is full: there is no room left in ${path}.`, error);
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS')
    return new StoreError('denied', `Insufficient permissions on image storage media: ${path}.`, error);
  return error as Error;
}
