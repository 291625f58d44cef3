/** What somebody has typed and chosen. Null: nothing chosen, so the default of the moment applies (`choices.ts`). */
export interface LaunchForm {
  readonly name: string;
  /** 0: the field is empty. */
  readonly count: number;
  readonly description: string;
  readonly source: Source;
  /** For `image` and `newVolume`. */
  readonly imageId: string | null;
  readonly volumeId: string | null;
  readonly snapshotId: string | null;
  /** GiB of a new volume. */
  readonly volumeSize: number | null;
  readonly volumeType: string | null;
  /** Whether the volume goes with the instance. */
  readonly deleteVolume: boolean;
  readonly flavorId: string | null;
  readonly networks: readonly NetworkChoice[] | null;
  /** Ids. */
  readonly securityGroups: readonly string[] | null;
  /** Empty: without one. */
  readonly keyName: string | null;
  readonly userData: string;
  readonly configDrive: boolean;
  /** Empty: any. */
  readonly zone: string;
  readonly groupId: string | null;
  readonly metadata: readonly Pair[];
  readonly tags: readonly string[];
}

/** From what it boots: an image on the flavor's disk, a volume, a volume made of a snapshot, a volume made of an image. */
export const sources = ['image', 'newVolume', 'volume', 'snapshot'] as const;
export type Source = (typeof sources)[number];

export type NetworkChoice =
  | { readonly kind: 'network'; readonly id: string; readonly fixedIp: string }
  | { readonly kind: 'port'; readonly id: string };

export interface Pair {
  readonly key: string;
  readonly value: string;
}

export const emptyForm: LaunchForm = {
  ...{ name: '', count: 1, description: '' },
  ...{ source: 'image', imageId: null, volumeId: null, snapshotId: null },
  ...{ volumeSize: null, volumeType: null, deleteVolume: false },
  ...{ flavorId: null, networks: null, securityGroups: null, keyName: null },
  ...{ userData: '', configDrive: false, zone: '', groupId: null, metadata: [], tags: [] },
};

/** The most that one request makes; more would be a mistake of typing. */
export const MAX_COUNT = 1000;

/** As Nova numbers them: `web-1`, `web-2` … */
export const namesOf = (name: string, count: number): readonly string[] =>
  count <= 1 ? [name] : Array.from({ length: count }, (_, at) => `${name}-${at + 1}`);

/** `web-1`, or `web-1 … web-20`. */
export function namesInShort(name: string, count: number): string {
  const names = namesOf(name, count);
  return names.length <= 3 ? names.join(', ') : `${names[0]}, ${names[1]} … ${names.at(-1)}`;
}
