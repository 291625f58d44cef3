import type { QueryClient } from '@tanstack/react-query';
import { useSyncExternalStore } from 'react';
import { deleteImage } from '#api/image/changes.ts';
import { images } from '#api/image/images.ts';
import { isNotFound } from '#api/fault.ts';
import { uploadImageData } from '#api/image/upload.ts';
import { patch } from '#api/resource.ts';
import { sessionNow } from '#api/session.ts';
import { textOf } from '#i18n/catalogue.ts';
import { work } from '#ui/work.ts';
import { speedOf, withSample, type Sample } from './speed.ts';
import { imageTexts } from './texts.ts';

/** A file on its way. */
export interface Upload {
  readonly imageId: string;
  readonly name: string;
  readonly file: File;
  readonly sent: number;
  /** Bytes per second; null: not known yet. */
  readonly speed: number | null;
  /** Null while it goes on. */
  readonly error: unknown;
}

// Outside of the screens: an upload goes on while somebody works elsewhere in the console.
let uploads: readonly Upload[] = [];
const stops = new Map<string, AbortController>();
const listeners = new Set<() => void>();

const set = (next: readonly Upload[]): void => {
  uploads = next;
  for (const listener of listeners) listener();
};
const change = (imageId: string, facts: Partial<Upload>): void =>
  set(uploads.map((one) => (one.imageId === imageId ? { ...one, ...facts } : one)));

/** All that go on, and those that failed until somebody has decided. */
export const useUploads = (): readonly Upload[] =>
  useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => uploads,
  );

const warn = (event: BeforeUnloadEvent): void => event.preventDefault();

/** Sends a queued image's data; says how it ended. */
export async function startUpload(
  queries: QueryClient,
  { imageId, name, file }: Pick<Upload, 'imageId' | 'name' | 'file'>,
): Promise<void> {
  const t = textOf(imageTexts);
  const stop = new AbortController();
  stops.set(imageId, stop);
  set([
    ...uploads.filter((one) => one.imageId !== imageId),
    { imageId, name, file, sent: 0, speed: null, error: null },
  ]);
  addEventListener('beforeunload', warn);
  let samples: readonly Sample[] = [];
  const progress = (sent: number): void => {
    samples = withSample(samples, { at: performance.now(), sent });
    change(imageId, { sent, speed: speedOf(samples) });
  };
  await work({
    doing: t.uploading(name),
    done: t.uploaded(name),
    failed: t.notUploaded(name),
    async run() {
      try {
        await uploadImageData(imageId, file, { progress, signal: stop.signal });
        set(uploads.filter((one) => one.imageId !== imageId));
      } catch (error) {
        if (!stop.signal.aborted) {
          change(imageId, { error, speed: null });
          throw error;
        }
        await discardUpload(queries, imageId);
        throw new Error(textOf(imageTexts).calledOff, { cause: error });
      } finally {
        stops.delete(imageId);
        if (stops.size === 0) removeEventListener('beforeunload', warn);
        await queries.invalidateQueries({ queryKey: ['image'] });
      }
    },
  });
}

/** Ends an upload that goes on; its image is deleted. */
export const cancelUpload = (imageId: string): void => stops.get(imageId)?.abort(new Error('called off'));

/** Forgets an upload that failed, and deletes the image that has no data. */
export async function discardUpload(queries: QueryClient, imageId: string): Promise<void> {
  await deleteImage(imageId).catch((error: unknown) => {
    if (!isNotFound(error)) throw error;
  });
  set(uploads.filter((one) => one.imageId !== imageId));
  const session = sessionNow();
  if (session?.signedIn) patch(queries, images, imageId, null, session.project.id);
}
