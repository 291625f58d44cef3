import { request } from '../client.ts';
import type { Image } from './images.ts';

export const diskFormats = ['qcow2', 'raw', 'iso', 'vmdk', 'vdi', 'vhd', 'vhdx', 'ploop', 'ami', 'ari', 'aki'] as const;
export type DiskFormat = (typeof diskFormats)[number];

export interface NewImage {
  readonly name: string;
  readonly disk_format: DiskFormat;
  readonly container_format: string;
  readonly visibility: Image['visibility'];
  /** GiB */
  readonly min_disk: number;
  /** MiB */
  readonly min_ram: number;
  readonly protected: boolean;
}

/** Amazon's formats wrap themselves. */
export const containerOf = (format: DiskFormat): string =>
  format === 'ami' || format === 'ari' || format === 'aki' ? format : 'bare';

/** Registers an image; its data comes after. */
export const createImage = (image: NewImage): Promise<Image> =>
  request<Image>('image', '/images', { method: 'POST', body: image });

/** One step of RFC 6902. */
export type PatchStep =
  | { readonly op: 'add' | 'replace'; readonly path: string; readonly value: unknown }
  | { readonly op: 'remove'; readonly path: string };

export const PATCH_TYPE = 'application/openstack-images-v2.1-json-patch';

export const patchImage = (id: string, steps: readonly PatchStep[]): Promise<Image> =>
  request<Image>('image', `/images/${id}`, { method: 'PATCH', body: steps, headers: { 'content-type': PATCH_TYPE } });

export const deleteImage = (id: string): Promise<void> => request('image', `/images/${id}`, { method: 'DELETE' });

/** Forbids (or allows again) downloads, and with them new servers. */
export const setImageActive = (id: string, active: boolean): Promise<void> =>
  request('image', `/images/${id}/actions/${active ? 'reactivate' : 'deactivate'}`, { method: 'POST' });
