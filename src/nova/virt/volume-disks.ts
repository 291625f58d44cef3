import type { GuestDisk } from './driver.ts';

export type VolumeDisk = GuestDisk & { readonly kind: 'volume' };

export const findVolume = (disks: readonly GuestDisk[], volumeId: string): VolumeDisk | undefined =>
  disks.find((one): one is VolumeDisk => one.kind === 'volume' && one.volumeId === volumeId);

export const volumeIds = (disks: readonly GuestDisk[]): string[] =>
  disks.flatMap((one) => (one.kind === 'volume' ? [one.volumeId] : []));

/**
 * A guest's disks with a volume: in the place where it was, else at the end. While the guest runs its device keeps the name
 * under which it was plugged.
 * @throws Error when the guest's device of another volume still bears this one's name
 */
export function withVolume(disks: readonly GuestDisk[], disk: VolumeDisk): GuestDisk[] {
  const before = findVolume(disks, disk.volumeId);
  const kept = before?.plugId === undefined ? disk : { ...disk, plugId: before.plugId };
  if (before) return disks.map((one) => (one === before ? kept : one));
  if (disks.some((one) => one.kind === 'volume' && one.plugId === disk.volumeId))
    throw new Error(
      `Volume ${disk.volumeId} was replaced by another one while the guest ran; it can be attached again after a hard reboot.`,
    );
  return [...disks, kept];
}

/** A guest's disks with one volume in the place of another, behind the same device. */
export const withSwapped = (disks: readonly GuestDisk[], from: VolumeDisk, to: VolumeDisk): GuestDisk[] =>
  disks.map((one) =>
    one === from ? { ...to, device: from.device, bus: from.bus, plugId: from.plugId ?? from.volumeId } : one,
  );

/** Whether a device bears the name of a volume that is no longer behind it. */
export const isRenamed = (disks: readonly GuestDisk[]): boolean =>
  disks.some((one) => one.kind === 'volume' && one.plugId !== undefined);

/** The disks of a guest that is started: every device bears the name of what is behind it. */
export const asPlugged = (disks: readonly GuestDisk[]): GuestDisk[] =>
  disks.map((one) => {
    if (one.kind !== 'volume' || one.plugId === undefined) return one;
    const { plugId: _, ...rest } = one;
    return rest;
  });
