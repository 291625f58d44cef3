import type { Download } from '#clients/image-download.ts';
import type { SpawnRequest } from '../rpc.ts';
import { FlavorDiskTooSmall } from '../virt/disks/image-error.ts';
import type { CachedBase, ImageCache } from '../virt/disks/image-cache.ts';
import type { GuestSpec } from '../virt/driver.ts';
import { unlessAborted } from './server-locks.ts';

export interface GuestImagesDeps {
  readonly cache: ImageCache;
  /** How an image is fetched, with the user's token or (null) the service's account. */
  download(imageId: string, token: string | null): Download;
}

/**
 * Brings the images of a request into the cache and puts their paths into the guest.
 * @throws ImageUnacceptable, FlavorDiskTooSmall, and what Glance answers
 */
export async function withImages(
  { cache, download }: GuestImagesDeps,
  request: SpawnRequest,
  signal: AbortSignal,
): Promise<GuestSpec> {
  const fetch = (imageId: string): Promise<CachedBase> =>
    unlessAborted(cache.image(imageId, download(imageId, request.token)), signal);
  const disks = Promise.all(
    request.guest.disks.map(async (disk) => {
      if (disk.kind !== 'image') return disk;
      const { path, virtualBytes } = await fetch(disk.basePath);
      if (disk.sizeGb > 0 && virtualBytes > disk.sizeGb * 1024 ** 3)
        throw new FlavorDiskTooSmall(virtualBytes, disk.sizeGb);
      return { ...disk, basePath: path };
    }),
  );
  const [all, kernel, ramdisk] = await Promise.all([
    disks,
    request.kernelId === null ? null : fetch(request.kernelId),
    request.ramdiskId === null ? null : fetch(request.ramdiskId),
  ]);
  return {
    ...request.guest,
    disks: all,
    ...(kernel && { kernelPath: kernel.path }),
    ...(ramdisk && { ramdiskPath: ramdisk.path }),
  };
}
