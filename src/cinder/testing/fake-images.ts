import { ApiError } from '#common/api/errors.ts';
import type { Image, ImageClient } from '#clients/image.ts';

/** Glance in memory. */
export class FakeImages {
  readonly images = new Map<string, Image>();

  add(name: string, over: Partial<Image> = {}): Image {
    const id = `84e34943-40ac-47ef-959e-${String(this.images.size + 1).padStart(12, '0')}`;
    const image: Image = {
      id,
      name,
      status: 'active',
      visibility: 'public',
      owner: 'admin',
      size: 1_000_000,
      container_format: 'bare',
      disk_format: 'qcow2',
      min_disk: 0,
      min_ram: 0,
      protected: false,
      created_at: '2014-09-12T08:00:00Z',
      updated_at: '2014-09-12T08:00:00Z',
      tags: [],
      ...over,
    };
    this.images.set(id, image);
    return image;
  }

  client(): Pick<ImageClient, 'show' | 'list' | 'create' | 'delete'> {
    return {
      show: async (id) => {
        const image = this.images.get(id);
        if (!image) throw new ApiError(404, `Failed to find image ${id}`);
        return image;
      },
      list: async ({ filters = {} }) => ({
        images: [...this.images.values()].filter((image) =>
          Object.entries(filters).every(([name, value]) => String(image[name]) === value),
        ),
        next: null,
      }),
      create: async (image) => this.add(String(image['name']), { status: 'queued', size: null, ...image }),
      delete: async (id) => {
        this.images.delete(id);
      },
    };
  }
}
