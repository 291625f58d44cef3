import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Readable } from 'node:stream';
import type { StoreSink } from './driver.ts';
import { createFileStore } from './file/file-store.ts';
import type { WritableStore } from './stores.ts';

/** Where uploaded data waits until somebody has it imported into stores. */
export interface Staging {
  /** @throws StoreError `full`, `denied` */
  create(imageId: string, expected: number | undefined): Promise<StoreSink>;
  /** @throws StoreError `missing` */
  read(imageId: string, signal: AbortSignal): Promise<Readable>;
  /** Absent is not an error. */
  discard(imageId: string): Promise<void>;
}

/** A folder of this host, made when it is first used. */
export function createStaging(folder: string, host: string): Staging {
  let opened: Promise<WritableStore> | undefined;
  const store = (): Promise<WritableStore> =>
    (opened ??= createFileStore({ name: 'os_glance_staging_store', dataDir: folder, host }));
  return {
    create: async (imageId, expected) => (await store()).writing.create(imageId, expected),
    read: async (imageId, signal) =>
      (await store()).read(pathToFileURL(resolve(folder, imageId)).href, undefined, signal),
    discard: async (imageId) => (await store()).writing.discard(imageId),
  };
}
