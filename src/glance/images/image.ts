import type { ImageStatus } from './status.ts';

export const visibilities = ['public', 'private', 'shared', 'community'] as const;
export type Visibility = (typeof visibilities)[number];

export const diskFormats = ['ami', 'ari', 'aki', 'vhd', 'vhdx', 'vmdk', 'raw', 'qcow2', 'vdi', 'iso', 'ploop'] as const;
export const containerFormats = ['ami', 'ari', 'aki', 'bare', 'ovf', 'ova', 'docker', 'compressed'] as const;

/** Where an image's data is. */
export interface Location {
  readonly url: string;
  /** Name of the store. */
  readonly store: string;
}

/** What a caller may set. */
export interface ImageSettings {
  readonly name: string | null;
  readonly visibility: Visibility;
  readonly owner: string | null;
  readonly protected: boolean;
  readonly hidden: boolean;
  readonly diskFormat: string | null;
  readonly containerFormat: string | null;
  /** Gigabytes. */
  readonly minDisk: number;
  /** Megabytes. */
  readonly minRam: number;
  readonly properties: Readonly<Record<string, string>>;
  readonly tags: readonly string[];
}

/** An image with everything that views show. */
export interface Image extends ImageSettings {
  readonly id: string;
  readonly status: ImageStatus;
  /** Bytes. */
  readonly size: number | null;
  /** Bytes that a guest sees as its disk. */
  readonly virtualSize: number | null;
  /** MD5, hexadecimal. */
  readonly checksum: string | null;
  readonly hashAlgorithm: string | null;
  readonly hashValue: string | null;
  /** `YYYY-MM-DDThh:mm:ss.ffffff`, as are the others. */
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly deletedAt: string | null;
  readonly locations: readonly Location[];
  /** Names of stores with commas between, that an import has still to fill; null before any import. */
  readonly importingTo: string | null;
  /** Likewise those that the last import could not fill. */
  readonly failedImport: string | null;
  /** The task that imports now. */
  readonly importTask: string | null;
}

export const defaultSettings: ImageSettings = {
  name: null,
  visibility: 'shared',
  owner: null,
  protected: false,
  hidden: false,
  diskFormat: null,
  containerFormat: null,
  minDisk: 0,
  minRam: 0,
  properties: {},
  tags: [],
};

/** 2,147,483,647: what `min_disk` and `min_ram` may have at most. */
export const maxInteger = 2 ** 31 - 1;
