import { createHash, getHashes, type Hash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { ImageUnacceptable } from '#common/host/images/image-unacceptable.ts';
import { createImageClient, type Image } from './image.ts';
import type { Caller } from './rest.ts';

/** Fetches an image's bytes into a new file, verified, and says what Glance calls its format. */
export type Download = (path: string) => Promise<{ readonly diskFormat: string }>;

/** The bytes of a large image may take this long. */
const TIMEOUT_MS = 6 * 3_600_000;

/**
 * Makes the download of an image from Glance: bytes into a file, size and checksum verified.
 * @param glanceUrl `http://controller:9292`
 * @param call as whom Glance is asked
 */
export function glanceDownload(glanceUrl: string, call: Caller, imageId: string, signal: AbortSignal): Download {
  return async (path) => {
    const image = await createImageClient(glanceUrl, call).show(imageId);
    if (image.status !== 'active')
      throw new ImageUnacceptable(imageId, `it is ${image.status}; only an active image can be used.`);
    const answer = await call({
      method: 'GET',
      url: `${glanceUrl}/v2/images/${encodeURIComponent(imageId)}/file`,
      large: true,
      timeoutMs: TIMEOUT_MS,
      signal,
    });
    if (answer.status !== 200)
      throw new ImageUnacceptable(imageId, `Glance does not give its data (HTTP ${answer.status}).`);
    const { hash, expected } = digestOf(image);
    let received = 0;
    const count = new Transform({
      transform(chunk: Buffer, _, done) {
        received += chunk.length;
        hash?.update(chunk);
        done(null, chunk);
      },
    });
    await pipeline(answer.stream, count, createWriteStream(path, { mode: 0o600 }), { signal });
    if (image.size !== null && received !== image.size)
      throw new ImageUnacceptable(
        imageId,
        `${received} bytes came of ${image.size}: the transfer broke off. Try again; see glance-api's log if it repeats.`,
      );
    if (hash && hash.digest('hex') !== expected)
      throw new ImageUnacceptable(
        imageId,
        'its data does not match its checksum: it was damaged in the store or on the way. Upload it again.',
      );
    return { diskFormat: image.disk_format ?? 'raw' };
  };
}

/** The strongest digest that Glance gives for an image. */
function digestOf(image: Image): { hash: Hash | null; expected: string } {
  const { os_hash_algo: algorithm, os_hash_value: value, checksum } = image;
  if (typeof algorithm === 'string' && typeof value === 'string' && getHashes().includes(algorithm))
    return { hash: createHash(algorithm), expected: value };
  return typeof checksum === 'string' ? { hash: createHash('md5'), expected: checksum } : { hash: null, expected: '' };
}
