import { ApiError } from '#common/api/errors.ts';
import type { Image, ImageClient } from '#clients/image.ts';

/** Glance in memory. */
export class FakeImages {
  readonly images = new Map<string, Image>();
  /** What was uploaded, by image. */
  readonly data = new Map<string, string>();
  readonly members = new Map<string, string[]>();
  /** Called before every change, with the tenant whose token brings it (null: an administrator's); a test fails or stops the world here. */
  beforeChange: (tenant: string | null) => Promise<void> | void = () => undefined;

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

  /** An upload. @throws ApiError 404 */
  async fill(id: string, content: string): Promise<void> {
    await this.beforeChange(null);
    const image = this.images.get(id);
    if (!image) throw new ApiError(404, `Failed to find image ${id}`);
    this.images.set(id, { ...image, status: 'active', size: content.length });
    this.data.set(id, content);
  }

  /** @param tenant whose token; null is an administrator's */
  client(tenant: string | null): ImageClient {
    const find = (id: string): Image => {
      const image = this.images.get(id);
      if (!image) throw new ApiError(404, `Failed to find image ${id}`);
      return image;
    };
    return {
      show: async (id) => find(id),
      list: async ({ filters = {} }) => ({
        images: [...this.images.values()]
          .filter((image) => Object.entries(filters).every(([name, value]) => String(image[name]) === value))
          .sort((a, b) => b.created_at.localeCompare(a.created_at)),
        next: null,
      }),
      create: async (values) => {
        await this.beforeChange(tenant);
        const id = String(values['id']);
        if (this.images.has(id)) throw new ApiError(409, `Image ID ${id} already exists!`);
        const now = new Date(Date.UTC(2014, 8, 13, 0, 0, this.images.size)).toISOString();
        const image = {
          status: 'queued',
          visibility: 'private',
          owner: tenant ?? 'admin',
          size: null,
          container_format: null,
          disk_format: null,
          min_disk: 0,
          min_ram: 0,
          protected: false,
          created_at: now,
          updated_at: now,
          tags: [],
          ...values,
        } as unknown as Image;
        this.images.set(id, image);
        return image;
      },
      upload: (id, content) => this.fill(id, content),
      addMember: async (id, project) => {
        find(id);
        this.members.set(id, [...(this.members.get(id) ?? []), project]);
      },
      update: async (id, patch) => {
        const image: Record<string, unknown> = { ...find(id) };
        if (tenant !== null && image['owner'] !== tenant)
          throw new ApiError(403, 'You are not authorized to complete this action.');
        for (const { op, path, value } of patch)
          if (op === 'remove') delete image[path.slice(1)];
          else image[path.slice(1)] = value;
        this.images.set(id, image as unknown as Image);
        return image as unknown as Image;
      },
      delete: async (id) => {
        await this.beforeChange(tenant);
        find(id);
        if (tenant !== null && find(id).owner !== tenant)
          throw new ApiError(403, 'You are not authorized to complete this action.');
        this.images.delete(id);
      },
    };
  }
}
