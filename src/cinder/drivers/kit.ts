import type { SnapshotSpec, VolumeSpec } from './driver.ts';

/** Bytes of a GiB: OpenStack's "GB". */
export const GIB = 1024 ** 3;

/** GiB of bytes, with two digits. */
export const gibOf = (bytes: number): number => Math.round((bytes / GIB) * 100) / 100;

/** Copies of large volumes take their time: six hours. */
export const COPY_TIMEOUT_MS = 6 * 3_600_000;

/** What the back end cannot do for want of room. The message is for people. */
export class BackendFull extends Error {
  override readonly name = 'BackendFull';
  readonly status = 507;
}

/** A volume or snapshot that should be in the back end is not. */
export class MissingInBackend extends Error {
  override readonly name = 'MissingInBackend';
  readonly status = 404;

  constructor(name: string, where: string) {
    super(`${name} is not in ${where}: it was removed behind Cinder's back. Restore it there, or delete it here.`);
  }
}

/** Under this name the bytes of a volume stay that Cinder no longer manages: nobody takes it for one of ours. */
export const releasedName = (name: string): string => `unmanaged-${name}`;

/** A snapshot as if it were a volume: back ends without snapshots of their own keep it as a copy. */
export const asVolume = (snapshot: SnapshotSpec): VolumeSpec => ({
  id: snapshot.id,
  name: snapshot.name,
  sizeGb: snapshot.volume.sizeGb,
});

/** One thing after the other. */
export function createQueue(): <T>(work: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const turn = last.then(work, work);
    last = turn.catch(() => undefined);
    return turn;
  };
}
