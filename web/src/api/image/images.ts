import { request, whole } from '../client.ts';
import type { Resource } from '../resource.ts';

/** An image as Glance v2 shows it; further properties stand beside these. */
export interface Image {
  readonly id: string;
  readonly name: string | null;
  readonly status: string;
  readonly visibility: 'public' | 'private' | 'shared' | 'community';
  readonly owner: string | null;
  readonly protected: boolean;
  readonly disk_format: string | null;
  readonly container_format: string | null;
  /** Bytes. */
  readonly size: number | null;
  readonly virtual_size: number | null;
  /** GiB */
  readonly min_disk: number;
  /** MiB */
  readonly min_ram: number;
  readonly checksum: string | null;
  readonly created_at: string;
  readonly updated_at: string;
  readonly tags: readonly string[];
  readonly os_hidden: boolean;
  readonly [property: string]: unknown;
}

export const images: Resource<Image> = {
  kind: 'image',
  service: 'image',
  list: (_reach, signal) => whole<Image>('image', '/images', (body: { images: Image[] }) => body.images, signal),
  get: (id, signal) => request<Image>('image', `/images/${id}`, { signal }),
};
