import { ApiError, badRequest } from '#common/api/errors.ts';
import { customProperties, type Image, type ImageClient } from '#clients/image.ts';
import type { Flavor } from '../flavors/rows.ts';
import { OverQuota, type Limits } from '../quotas/quotas.ts';
import type { ImageSnapshot } from './model.ts';
import type { NewServer } from './schema.ts';

/** An image that is ready. @throws ApiError 400 for one that is not there, or not ready */
export async function showImage(glance: ImageClient, id: string): Promise<Image> {
  if (!/^[0-9a-f]{8}(-?[0-9a-f]{4}){3}-?[0-9a-f]{12}$/i.test(id)) throw badRequest('Invalid imageRef provided.');
  const image = await glance.show(id).catch((error: unknown) => {
    if (error instanceof ApiError && [403, 404].includes(error.status))
      throw badRequest('Can not find requested image');
    throw error;
  });
  if (image.status !== 'active') throw badRequest(`Image ${image.id} is not active.`);
  return image;
}

/** An image as servers keep it. */
export function imageSnapshot(image: Image): ImageSnapshot {
  const { kernel_id: kernel, ramdisk_id: ramdisk, ...properties } = customProperties(image);
  return {
    id: image.id,
    name: image.name ?? '',
    properties: { ...properties, min_ram: String(image.min_ram), min_disk: String(image.min_disk) },
    kernelId: kernel || null,
    ramdiskId: ramdisk || null,
  };
}

/** @throws ApiError 400 for an image that is not there, not ready, or too big for the flavor */
export async function imageFor(glance: ImageClient, server: NewServer, flavor: Flavor): Promise<ImageSnapshot> {
  const image = await showImage(glance, (server.imageRef ?? '').split('/').at(-1) as string);
  checkMemory(image, flavor);
  checkRootDisk(image, flavor);
  return imageSnapshot(image);
}

const gibibyte = 1024 ** 3;

/** @throws ApiError 400 */
export function checkMemory(image: Pick<Image, 'min_ram'>, flavor: Pick<Flavor, 'memoryMb'>): void {
  if (image.min_ram > flavor.memoryMb) throw badRequest("Flavor's memory is too small for requested image.");
}

/** Whether the flavor's own disk has room for an image. @throws ApiError 400 */
export function checkRootDisk(image: Image, flavor: Pick<Flavor, 'rootGb'>): void {
  // A flavor without a root disk takes the image's own size.
  if (flavor.rootGb === 0) return;
  const size = Math.max(image.size ?? 0, image.virtual_size ?? 0);
  if (size > flavor.rootGb * gibibyte)
    throw badRequest(
      `Flavor's disk is too small for requested image. Flavor disk is ${flavor.rootGb * gibibyte} bytes, image is ${size} bytes.`,
    );
  if (image.min_disk > flavor.rootGb)
    throw badRequest(
      `Flavor's disk is smaller than the minimum size specified in image metadata. Flavor disk is ${flavor.rootGb * gibibyte} bytes, minimum size is ${image.min_disk * gibibyte} bytes.`,
    );
}

/** @throws ApiError 403 (413 in v2) for more metadata or files than the quota allows, 400 for data that is no base 64 */
export function checkExtras(server: Pick<NewServer, 'metadata' | 'personality'>, limits: Limits, api: string): void {
  const beyond = (count: number, limit: number): boolean => limit >= 0 && count > limit;
  if (beyond(Object.keys(server.metadata ?? {}).length, limits.metadata_items))
    throw new OverQuota(`Maximum number of metadata items exceeds ${limits.metadata_items}`, api);
  const files = server.personality ?? [];
  if (beyond(files.length, limits.injected_files)) throw new OverQuota('Personality file limit exceeded', api);
  for (const { path, contents } of files) {
    if (beyond(Buffer.byteLength(path), limits.injected_file_path_bytes))
      throw new OverQuota('Personality file path too long', api);
    if (beyond(Buffer.from(contents, 'base64').length, limits.injected_file_content_bytes))
      throw new OverQuota('Personality file content too long', api);
  }
}
