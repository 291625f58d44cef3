import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { ApiError } from '#common/api/errors.ts';
import { createImageClient } from './image.ts';
import type { Caller } from './rest.ts';

/** The bytes of a large image may take this long. */
const TIMEOUT_MS = 6 * 3_600_000;
/** How long another upload, of a process that has died, may still count at Glance. */
const SAVING_MS = 60_000;

/**
 * Gives a file to Glance as an image's data; nothing when the image has its data.
 * @param glanceUrl `http://controller:9292`
 * @param call as whom Glance is asked
 * @throws ApiError with Glance's words: 404 when the image is gone, 413 over its quota
 */
export async function uploadImageData(
  glanceUrl: string,
  call: Caller,
  imageId: string,
  path: string,
  signal: AbortSignal,
): Promise<void> {
  const images = createImageClient(glanceUrl, call);
  const deadline = Date.now() + SAVING_MS;
  for (;;) {
    const { status } = await images.show(imageId);
    if (status === 'active') return;
    if (status === 'queued') break;
    if (status !== 'saving' || Date.now() > deadline)
      throw new ApiError(409, `Image ${imageId} takes no data: it is ${status}.`);
    await sleep(500, undefined, { signal });
  }
  const { size } = await stat(path);
  const answer = await call({
    method: 'PUT',
    url: `${glanceUrl}/v2/images/${encodeURIComponent(imageId)}/file`,
    headers: { 'content-type': 'application/octet-stream', 'content-length': String(size) },
    body: createReadStream(path),
    timeoutMs: TIMEOUT_MS,
    large: true,
    signal,
  });
  if (answer.status >= 300) {
    const text = (await answer.text())
      .replace(/<[^>]*>|\s+/g, ' ')
      .replace(/ +/g, ' ')
      .trim();
    throw new ApiError(answer.status, `Glance did not take the data of image ${imageId}: ${text.slice(0, 300)}`);
  }
}
