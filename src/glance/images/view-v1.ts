import type { Image } from './image.ts';
import type { ImageStatus } from './status.ts';

/** A stored time as v1 prints it: no fraction, no zone. */
const v1Time = (stored: string): string => stored.slice(0, 19);

/** v1 knows no staging, and `saving` is its word for an import. */
const statusV1 = (status: ImageStatus): ImageStatus =>
  status === 'importing' ? 'saving' : status === 'uploading' ? 'queued' : status;

/**
 * An image as v1 shows it. Size 0 stands for "none yet". The virtual size is always null: v1 never looked into the data,
 * and its clients print it.
 */
export function imageV1(image: Image) {
  return {
    id: image.id,
    name: image.name,
    status: statusV1(image.status),
    is_public: image.visibility === 'public',
    owner: image.owner,
    protected: image.protected,
    size: image.size ?? 0,
    virtual_size: null,
    checksum: image.checksum,
    disk_format: image.diskFormat,
    container_format: image.containerFormat,
    min_disk: image.minDisk,
    min_ram: image.minRam,
    created_at: v1Time(image.createdAt),
    updated_at: v1Time(image.updatedAt),
    deleted_at: image.deletedAt === null ? null : v1Time(image.deletedAt),
    deleted: image.deletedAt !== null,
    properties: image.properties,
  };
}

/** The short form of `GET /v1/images`. */
export function briefImageV1(image: Image) {
  const { id, name, disk_format, container_format, size, checksum } = imageV1(image);
  return { id, name, disk_format, container_format, size, checksum };
}
