import { PassThrough } from 'node:stream';
import type { HttpResponse } from '#common/api/transport.ts';
import { StartupError } from '#common/daemon.ts';
import { StoreError, type ImageStore, type StoreSink } from '../driver.ts';
import { inOrder } from '../ordered.ts';
import type { StoreDeps, StoreSpec } from '../stores.ts';
import { SwiftAccount } from './account.ts';

const mebibyte = 2 ** 20;
/** Milliseconds that one object may take: a segment of gigabytes over a slow line. */
const transferMs = 6 * 3_600_000;
const scheme = 'swift+config';

/**
 * Keeps each image as an object of one container: in one piece, or from `swift_store_large_object_size` on (and when the
 * sender does not say how much comes) in segments `<id>-00001` … under a manifest. Locations name no credentials.
 * @throws StartupError when it is not told where Swift is
 */
export async function createSwiftStore(spec: StoreSpec, { transport }: StoreDeps): Promise<ImageStore> {
  const { settings } = spec;
  for (const name of ['swift_store_auth_address', 'swift_store_user', 'swift_store_key'] as const)
    if (!settings[name]) throw new StartupError(`The store "${spec.name}" (Swift) needs ${name}.`);
  const account = new SwiftAccount({ settings, transport });
  const container = `/${encodeURIComponent(settings.swift_store_container)}`;
  const objectOf = (imageId: string): string => `${container}/${encodeURIComponent(imageId)}`;
  const locationOf = (imageId: string): string => `${scheme}://${spec.name}${objectOf(imageId)}`;

  const pathOf = (location: string): string => {
    const [, path] = /^swift\+config:\/\/[^/]*(\/[^/?#]+\/[^?#]+)$/.exec(location) ?? [];
    if (path === undefined || !path.startsWith(`${container}/`))
      throw new StoreError('refused', `"${location}" is no location of the store "${spec.name}".`);
    return path;
  };

  const drained = async (answer: HttpResponse, what: string): Promise<HttpResponse> => {
    if (answer.status >= 200 && answer.status < 300) return answer;
    answer.stream.resume();
    throw problemOf(answer.status, what);
  };

  const ensureContainer = async (): Promise<void> => {
    const found = await account.request('HEAD', container);
    found.stream.resume();
    if (found.status !== 404) return void (await drained(found, `The container ${settings.swift_store_container}`));
    if (!settings.swift_store_create_container_on_put)
      throw new StoreError(
        'denied',
        `The container ${settings.swift_store_container} does not exist in Swift. Create it, or set swift_store_create_container_on_put = True.`,
      );
    (await drained(await account.request('PUT', container, { body: '' }), 'Making the container')).stream.resume();
  };

  const removeObject = async (path: string): Promise<void> => {
    const answer = await account.request('DELETE', path);
    answer.stream.resume();
    if (answer.status !== 404) await drained(answer, 'Removing image data');
  };

  /** Names of the segments that there are of an image, manifest or not. */
  const segmentsOf = async (imageId: string): Promise<string[]> => {
    const names: string[] = [];
    for (;;) {
      const marker = names.at(-1) ?? '';
      const query = new URLSearchParams({ format: 'json', prefix: `${imageId}-`, marker });
      const answer = await account.request('GET', `${container}?${query}`);
      if (answer.status === 404) {
        answer.stream.resume();
        return names;
      }
      const page =
        answer.status === 204 ? [] : await (await drained(answer, 'A list of segments')).json<{ name: string }[]>();
      if (page.length === 0) return names;
      names.push(...page.map(({ name }) => name));
    }
  };

  const removeAll = async (imageId: string): Promise<void> => {
    // The manifest first: no reader may find an image with holes.
    await removeObject(objectOf(imageId));
    for (const name of await segmentsOf(imageId)) await removeObject(objectOf(name));
  };

  /** An object whose data comes bit by bit. It appears when `end` has resolved. */
  const openObject = (path: string, length: number | undefined) => {
    const body = new PassThrough({ highWaterMark: mebibyte });
    body.on('error', () => undefined); // the request's failure tells it
    const abort = new AbortController();
    const headers = length === undefined ? {} : { 'content-length': String(length) };
    const answer = account
      .request('PUT', path, { body, headers, timeoutMs: transferMs, signal: abort.signal })
      .then(async (one) => (await drained(one, 'Keeping image data')).stream.resume());
    let failure: Error | undefined;
    const check = (): void => {
      if (failure) throw failure;
    };
    answer.catch((error: unknown) => {
      failure = error as Error;
      body.destroy();
    });
    return {
      async write(block: Uint8Array): Promise<void> {
        check();
        // Copied: the block is filled again as soon as this resolves.
        if (body.write(Buffer.from(block))) return;
        await new Promise<void>((resolve) => {
          body.once('drain', resolve);
          body.once('close', resolve);
        });
        check();
      },
      async end(): Promise<void> {
        body.end();
        await answer;
      },
      async abort(): Promise<void> {
        abort.abort(new Error('The upload was given up.'));
        body.destroy();
        await answer.catch(() => undefined);
      },
    };
  };

  const create = async (imageId: string, expected: number | undefined): Promise<StoreSink> => {
    await ensureContainer();
    for (const name of await segmentsOf(imageId)) await removeObject(objectOf(name));
    const whole = expected !== undefined && expected < settings.swift_store_large_object_size * mebibyte;
    const segmentBytes = whole ? Infinity : settings.swift_store_large_object_chunk_size * mebibyte;
    const queue = inOrder();
    let current: ReturnType<typeof openObject> | undefined;
    let inCurrent = 0;
    let segments = 0;
    let done = false;
    const begin = (): ReturnType<typeof openObject> => {
      inCurrent = 0;
      segments++;
      const name = whole ? imageId : `${imageId}-${String(segments).padStart(5, '0')}`;
      return openObject(objectOf(name), whole ? expected : undefined);
    };
    return {
      write: (block) =>
        queue(async () => {
          for (let at = 0; at < block.length;) {
            current ??= begin();
            const part = Math.min(block.length - at, segmentBytes - inCurrent);
            await current.write(block.subarray(at, at + part));
            at += part;
            inCurrent += part;
            if (inCurrent < segmentBytes) continue;
            await current.end();
            current = undefined;
          }
        }),
      async commit() {
        await queue(async () => {
          if (whole) current ??= begin();
          await current?.end();
          current = undefined;
          if (whole) return;
          const manifest = `${container.slice(1)}/${encodeURIComponent(imageId)}-`;
          const headers = { 'x-object-manifest': manifest };
          const answer = await account.request('PUT', objectOf(imageId), { headers, body: '' });
          (await drained(answer, 'Keeping the manifest')).stream.resume();
        });
        done = true;
        return locationOf(imageId);
      },
      async abort() {
        if (done) return;
        done = true;
        await current?.abort();
        await removeAll(imageId);
      },
    };
  };

  return {
    name: spec.name,
    details: {
      container: settings.swift_store_container,
      large_object_size: settings.swift_store_large_object_size,
      large_object_chunk_size: settings.swift_store_large_object_chunk_size,
    },
    schemes: [scheme],
    async size(location, signal) {
      const answer = await account.request('HEAD', pathOf(location), { signal });
      answer.stream.resume();
      await drained(answer, 'Image data');
      return Number(answer.headers['content-length']);
    },
    async read(location, range, signal) {
      const headers = range ? { range: `bytes=${range.start}-${range.end}` } : {};
      const path = pathOf(location);
      return (await drained(await account.request('GET', path, { headers, signal, large: true }), 'Image data')).stream;
    },
    writing: {
      create,
      remove: (location) => removeAll(decodeURIComponent(pathOf(location).slice(container.length + 1))),
      discard: removeAll,
      // Segments do not say which host wrote them; those of an interrupted upload go when its image is discarded.
      sweep: async () => undefined,
    },
  };
}

function problemOf(status: number, what: string): StoreError {
  if (status === 404) return new StoreError('missing', 'Image data could not be found in the store.');
  if (status === 401 || status === 403)
    return new StoreError('denied', `${what} is not allowed in Swift (HTTP ${status}).`);
  if (status === 413 || status === 507)
    return new StoreError('full', `Image storage media is full: Swift answers HTTP ${status}.`);
  return new StoreError('unreachable', `${what} failed: Swift answers HTTP ${status}.`);
}
