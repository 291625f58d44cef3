import { isoSeconds } from '#common/clock.ts';
import type { Image } from './image.ts';

/** A stored time as v2 prints it. */
export const v2Time = (stored: string): string => isoSeconds(new Date(`${stored}Z`));

/** An image as v2 shows it: custom properties first, as the real one does. */
export function imageV2(image: Image): Record<string, unknown> {
  const self = `/v2/images/${image.id}`;
  return {
    ...image.properties,
    name: image.name,
    disk_format: image.diskFormat,
    container_format: image.containerFormat,
    visibility: image.visibility,
    size: image.size,
    virtual_size: image.virtualSize,
    status: image.status,
    checksum: image.checksum,
    protected: image.protected,
    min_ram: image.minRam,
    min_disk: image.minDisk,
    owner: image.owner,
    os_hidden: image.hidden,
    os_hash_algo: image.hashAlgorithm,
    os_hash_value: image.hashValue,
    id: image.id,
    created_at: v2Time(image.createdAt),
    updated_at: v2Time(image.updatedAt),
    tags: image.tags,
    self,
    file: `${self}/file`,
    schema: '/v2/schemas/image',
    ...(image.locations.length > 0 && { stores: image.locations.map(({ store }) => store).join(',') }),
    ...(image.importingTo !== null && { os_glance_importing_to_stores: image.importingTo }),
    ...(image.failedImport !== null && { os_glance_failed_import: image.failedImport }),
    ...(image.importTask !== null && { os_glance_import_task: image.importTask }),
  };
}
