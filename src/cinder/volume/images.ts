import { createReadStream } from 'node:fs';
import { readdir, rm, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { glanceDownload } from '#clients/image-download.ts';
import { createImageClient, type Image } from '#clients/image.ts';
import type { Caller } from '#clients/rest.ts';
import { ApiError } from '#common/api/errors.ts';
import { ensureFolder } from '#common/host/files.ts';
import { EMPTY_QCOW2 } from '#common/host/images/empty-qcow2.ts';
import { ImageUnacceptable } from '#common/host/images/image-unacceptable.ts';
import { inspectImage } from '#common/host/images/inspect-image.ts';
import { hasProgram } from '#common/host/privileges.ts';
import type { Run } from '#common/host/run.ts';
import type { LocalVolume, VolumeSpec } from '../drivers/driver.ts';
import { BackendFull, COPY_TIMEOUT_MS, GIB } from '../drivers/kit.ts';

/** Copies between Glance and volumes. Both may be repeated. */
export interface ImageTransfer {
  /** @throws ImageUnacceptable when the image cannot be, or does not fit */
  toVolume(imageId: string, volume: VolumeSpec, local: LocalVolume, signal: AbortSignal): Promise<void>;
  /** Fills an image that waits for its bytes. One that is filled is left. */
  toImage(local: LocalVolume, imageId: string, signal: AbortSignal): Promise<void>;
  /** Takes an image away that was never filled. */
  discardImage(imageId: string): Promise<void>;
  /** Removes what copies of a predecessor left. */
  sweep(): Promise<void>;
}

export interface ImageTransferDeps {
  readonly run: Run;
  readonly glanceUrl: string;
  /** As the service's own account. */
  readonly call: Caller;
  /** `image_conversion_dir` */
  readonly folder: string;
  /** Tells our files from those of other back ends and hosts. */
  readonly owner: string;
}

/** Glance is still busy with the last try. */
export class ImageBusy extends Error {
  override readonly name = 'ImageBusy';
}

/** Glance's disk_format → qemu-img's name. */
const FORMATS: Readonly<Record<string, string>> = {
  raw: 'raw',
  qcow2: 'qcow2',
  vmdk: 'vmdk',
  vdi: 'vdi',
  vhd: 'vpc',
  vhdx: 'vhdx',
};

/** By way of a file: an image is inspected before any program follows what it says. */
export function createImageTransfer(deps: ImageTransferDeps): ImageTransfer {
  const { run, glanceUrl, call, folder, owner } = deps;
  const glance = createImageClient(glanceUrl, call);
  const mark = `.${owner.replaceAll(/[^\w.@-]/g, '_')}.part`;
  const withFile = async <T>(name: string, work: (path: string) => Promise<T>): Promise<T> => {
    await ensureFolder(folder, 0o700);
    const path = join(folder, `${name}${mark}`);
    await rm(path, { force: true });
    try {
      return await work(path);
    } finally {
      await rm(path, { force: true });
    }
  };
  return {
    async toVolume(imageId, volume, local, signal) {
      const image = await glance.show(imageId);
      checkFits(image, volume);
      await withFile(`${imageId}-${volume.id}`, async (path) => {
        await checkRoom(folder, image.size ?? 0);
        const { diskFormat } = await glanceDownload(glanceUrl, call, imageId, signal)(path);
        const { format, virtualBytes } = await inspectImage(run, { id: imageId, path, diskFormat });
        if (virtualBytes > volume.sizeGb * GIB)
          throw new ImageUnacceptable(
            imageId,
            `Size is ${Math.ceil(virtualBytes / GIB)}GB and doesn't fit in a volume of size ${volume.sizeGb}GB.`,
          );
        await run(writing(path, format, local), { signal, timeoutMs: COPY_TIMEOUT_MS });
      });
    },

    async toImage(local, imageId, signal) {
      const image = await glance.show(imageId);
      if (image.status === 'active') return;
      const format = FORMATS[image.disk_format ?? 'raw'];
      if (format === undefined)
        throw new ImageUnacceptable(imageId, `volumes cannot be converted to ${image.disk_format}.`);
      if (format === 'raw' && local.format === 'raw' && !local.path.startsWith('rbd:'))
        return upload(call, glanceUrl, imageId, createReadStream(local.path, { highWaterMark: 1024 ** 2 }), signal);
      await withFile(`${imageId}-upload`, async (path) => {
        const argv = ['qemu-img', 'convert', '-U', '-f', local.format, '-O', format];
        // Without it the virtual size is rounded to a disk geometry of old.
        const exact = format === 'vpc' ? ['-o', 'force_size=on'] : [];
        await run([...argv, ...exact, local.path, path], { signal, timeoutMs: COPY_TIMEOUT_MS });
        await upload(call, glanceUrl, imageId, createReadStream(path, { highWaterMark: 1024 ** 2 }), signal);
      });
    },

    async discardImage(imageId) {
      const image = await glance.show(imageId).catch(unlessGone);
      if (image && image.status !== 'active') await glance.delete(imageId).catch(unlessGone);
    },

    async sweep() {
      for (const name of await readdir(folder).catch(() => []))
        if (name.endsWith(mark)) await rm(join(folder, name), { force: true });
    },
  };
}

/** For back ends that only note their volumes: Glance is asked all the same, and gets a few bytes. */
export function notingTransfer({ glanceUrl, call }: Pick<ImageTransferDeps, 'glanceUrl' | 'call'>): ImageTransfer {
  const glance = createImageClient(glanceUrl, call);
  return {
    async toVolume(imageId, volume) {
      const image = await glance.show(imageId);
      if (image.status !== 'active') throw new ImageUnacceptable(imageId, `it is ${image.status}.`);
      checkFits(image, volume);
    },
    async toImage(local, imageId, signal) {
      const { status, disk_format: format } = await glance.show(imageId);
      if (status === 'active') return;
      // Glance looks whether the bytes are of the format that the image says.
      if (format !== 'raw' && format !== 'qcow2')
        throw new ImageUnacceptable(imageId, `this back end keeps no bytes, and makes raw and qcow2 images only.`);
      const bytes = format === 'qcow2' ? EMPTY_QCOW2 : Buffer.from(`${local.path}\n`);
      await upload(call, glanceUrl, imageId, Readable.from([bytes]), signal);
    },
    async discardImage(imageId) {
      const image = await glance.show(imageId).catch(unlessGone);
      if (image && image.status !== 'active') await glance.delete(imageId).catch(unlessGone);
    },
    sweep: async () => undefined,
  };
}

const unlessGone = (error: unknown): undefined => {
  if (error instanceof ApiError && error.status === 404) return undefined;
  throw error;
};

function checkFits(image: Image, volume: VolumeSpec): void {
  if (image.min_disk > volume.sizeGb)
    throw new ImageUnacceptable(
      image.id,
      `Volume size ${volume.sizeGb}GB cannot be smaller than the image minDisk size ${image.min_disk}GB.`,
    );
}

/** qemu-img clears what the image leaves empty; where it is not installed, all bytes are written. */
function writing(path: string, format: string, local: LocalVolume): string[] {
  if (format === 'raw' && local.format === 'raw' && !hasProgram('qemu-img'))
    return ['dd', `if=${path}`, `of=${local.path}`, 'bs=1M', 'conv=notrunc,fsync', 'status=none'];
  const limits = ['prlimit', '--as=4294967296', '--'];
  return [...limits, 'qemu-img', 'convert', '-n', '-f', format, '-O', local.format, path, local.path];
}

async function checkRoom(folder: string, bytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(folder);
  if (bavail * bsize < bytes)
    throw new BackendFull(
      `The image has ${bytes} bytes, and ${folder} has ${bavail * bsize} free. Make room there, or set image_conversion_dir.`,
    );
}

async function upload(
  call: Caller,
  glanceUrl: string,
  imageId: string,
  body: Readable,
  signal: AbortSignal,
): Promise<void> {
  const answer = await call({
    method: 'PUT',
    url: `${glanceUrl}/v2/images/${encodeURIComponent(imageId)}/file`,
    headers: { 'content-type': 'application/octet-stream' },
    body,
    timeoutMs: COPY_TIMEOUT_MS,
    large: true,
    signal,
  });
  if (answer.status === 204) return;
  const text = await answer.text();
  // The last try's connection broke off, and Glance has not noticed yet.
  if (answer.status === 409) throw new ImageBusy(`Glance does not take the data of image ${imageId} now: ${text}`);
  throw new ApiError(answer.status, `Glance did not take the data of image ${imageId}: ${text.slice(0, 300)}`);
}
