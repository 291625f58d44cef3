import type { FlavorSnapshot, ImageSnapshot } from '../servers/model.ts';
import type { GuestDisk, VolumeConnection } from '../virt/driver.ts';
import { chooseDeviceName, letterOf, withoutFolder } from './device-names.ts';
import { isEphemeral, isRoot, isSwap, type BlockDevice, type DiskBus, type NewBlockDevice } from './model.ts';

/** A server's disks that have rows, and how to reach those that are volumes. */
export interface GuestVolumes {
  readonly devices: readonly BlockDevice[];
  /** By volume. They may hold passwords: never journalled, never logged. */
  readonly connections: ReadonlyMap<string, VolumeConnection>;
}
export const noVolumes: GuestVolumes = { devices: [], connections: new Map() };

/** What of a server decides which disks it has. */
export interface DiskOwner {
  readonly flavor: FlavorSnapshot;
  readonly image: ImageSnapshot | null;
  /** Null for one that boots from a volume. */
  readonly imageId: string | null;
}

const buses: readonly DiskBus[] = ['virtio', 'ide', 'scsi'];
const busNamed = (name: string | null | undefined): DiskBus | undefined => buses.find((one) => one === name);

/** The bus of a server's disks unless one says otherwise: the image's `hw_disk_bus`. */
export const diskBusOf = ({ image }: Pick<DiskOwner, 'image'>): DiskBus =>
  busNamed(image?.properties['hw_disk_bus']) ?? 'virtio';

/** One disk with its name; `device` is its row, null for a disk that image and flavor give without being asked. */
export interface PlacedDisk {
  readonly name: string;
  readonly bus: DiskBus;
  readonly kind: 'image' | 'ephemeral' | 'swap' | 'volume';
  /** Of volumes GiB, of local disks MiB; null takes the volume's own. */
  readonly size: number | null;
}
type Placed<D extends NewBlockDevice> = PlacedDisk & { readonly device: D | null };

/**
 * All disks of a server with their names: root first, then ephemeral disks, swap, volumes. A name that nobody chose is the
 * next that is free.
 */
export function layOut<D extends NewBlockDevice>(owner: DiskOwner, devices: readonly D[]): Placed<D>[] {
  const { flavor, imageId } = owner;
  const bus = diskBusOf(owner);
  const wanted: (Omit<Placed<D>, 'name'> & { readonly asked: string | null })[] = [];
  const add = (kind: PlacedDisk['kind'], size: number | null, device: D | null): void =>
    void wanted.push({
      kind,
      size,
      device,
      bus: busNamed(device?.diskBus) ?? bus,
      asked: device?.deviceName ?? null,
    });
  const root = devices.find((one) => isRoot(one) && one.destinationType === 'volume');
  if (root) add('volume', root.volumeSize, root);
  else if (imageId !== null) add('image', flavor.rootGb * 1024, null);
  const ephemerals = devices.filter(isEphemeral);
  for (const one of ephemerals) add('ephemeral', (one.volumeSize ?? flavor.ephemeralGb) * 1024, one);
  if (ephemerals.length === 0 && flavor.ephemeralGb > 0) add('ephemeral', flavor.ephemeralGb * 1024, null);
  const swaps = devices.filter(isSwap);
  for (const one of swaps) add('swap', one.volumeSize ?? flavor.swapMb, one);
  if (swaps.length === 0 && flavor.swapMb > 0) add('swap', flavor.swapMb, null);
  for (const one of devices) if (one.destinationType === 'volume' && one !== root) add('volume', one.volumeSize, one);

  const used = wanted.flatMap(({ asked }) => (asked === null ? [] : [asked]));
  return wanted.map(({ asked, ...rest }) => {
    const name = asked ?? chooseDeviceName(null, used, rest.bus);
    if (asked === null) used.push(name);
    return { ...rest, name };
  });
}

/** The disks of a server's guest, in the order in which the guest is to find them. */
export function guestDisks(owner: DiskOwner, { devices, connections }: GuestVolumes): GuestDisk[] {
  let ephemerals = 0;
  const [root, ...others] = layOut(owner, devices);
  if (!root) return [];
  // A guest numbers its disks as it finds them: in the order of their letters the names come true.
  const order = [root, ...others.sort((a, b) => compare(letterOf(a.name), letterOf(b.name)))];
  return order.flatMap(({ name, bus, kind, size, device }): GuestDisk[] => {
    const place = { device: withoutFolder(name), bus };
    switch (kind) {
      case 'image':
        return [{ kind, ...place, basePath: owner.imageId as string, sizeGb: owner.flavor.rootGb }];
      case 'volume': {
        const connection = connections.get(device?.volumeId ?? '');
        if (!device || device.volumeId === null || !connection) return [];
        return [{ kind, ...place, volumeId: device.volumeId, connection, ...(device.shared && { shared: true }) }];
      }
      case 'swap':
        return [
          { kind: 'blank', ...place, sizeMb: size ?? 0, format: 'swap', label: 'swap', file: 'disk.swap' } as const,
        ];
      case 'ephemeral': {
        const number = ephemerals++;
        return [
          {
            kind: 'blank',
            ...place,
            sizeMb: size ?? 0,
            format: 'ext3',
            label: `ephemeral${number}`,
            file: `disk.eph${number}`,
          } as const,
        ];
      }
    }
  });
}

/** `b` before `aa` */
const compare = (a: string, b: string): number => a.length - b.length || (a < b ? -1 : 1);
