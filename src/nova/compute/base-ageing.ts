import type { ImageCache } from '../virt/disks/image-cache.ts';
import { basesOf } from '../virt/disks/guest-disks.ts';
import type { GuestFolders } from '../virt/guest-folders.ts';

/** Removes the cache's files that no guest of any host uses; nothing when a guest's definition cannot be read. */
export async function removeUnusedBases(
  cache: ImageCache,
  folders: GuestFolders,
  minimumAgeSeconds: number,
): Promise<string[]> {
  const definitions = await folders.everyone();
  const inUse = new Set(definitions.flatMap(({ spec }) => basesOf(cache, spec)));
  return cache.age(inUse, minimumAgeSeconds);
}
