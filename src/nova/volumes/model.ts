export type SourceType = 'image' | 'volume' | 'snapshot' | 'blank';
export type DiskBus = 'virtio' | 'ide' | 'scsi';

/** A disk as a request asks for it, checked. */
export interface NewBlockDevice {
  readonly sourceType: SourceType;
  readonly destinationType: 'local' | 'volume';
  /** 0 is the disk that the server boots from; null is none of those. */
  readonly bootIndex: number | null;
  /** `/dev/vdb`; null until a name is chosen. */
  readonly deviceName: string | null;
  readonly diskBus: DiskBus | null;
  readonly deviceType: string | null;
  readonly guestFormat: string | null;
  readonly volumeId: string | null;
  readonly imageId: string | null;
  readonly snapshotId: string | null;
  /** GiB; of swap MiB. */
  readonly volumeSize: number | null;
  readonly volumeType: string | null;
  readonly deleteOnTermination: boolean;
  readonly tag: string | null;
  /** Other servers may have it at the same time (multiattach). */
  readonly shared: boolean;
}

/** A disk of a server. Those that its flavor gives it have no row: see `layout.ts`. */
export interface BlockDevice extends NewBlockDevice {
  readonly id: string;
  readonly serverId: string;
  readonly deviceName: string;
  /** At Cinder; null until it is reserved. */
  readonly attachmentId: string | null;
  /** The host that the attachment is connected to. */
  readonly connectedHost: string | null;
}

/** A disk that is a volume which exists. */
export type VolumeDevice = BlockDevice & { readonly volumeId: string };

export const isRoot = (device: NewBlockDevice): boolean => device.bootIndex === 0;
export const isSwap = (device: NewBlockDevice): boolean =>
  device.destinationType === 'local' && device.guestFormat === 'swap';
export const isEphemeral = (device: NewBlockDevice): boolean =>
  device.destinationType === 'local' && device.sourceType === 'blank' && device.guestFormat !== 'swap';
/** Of volumes: Nova makes it together with the server. */
export const isMadeByUs = (device: NewBlockDevice): boolean =>
  device.destinationType === 'volume' && device.sourceType !== 'volume';

export const volumesOf = (devices: readonly BlockDevice[]): VolumeDevice[] =>
  devices.filter((one): one is VolumeDevice => one.destinationType === 'volume' && one.volumeId !== null);

/** The volume that a server boots from; undefined for one that boots from an image. */
export const rootVolume = (devices: readonly BlockDevice[]): BlockDevice | undefined =>
  devices.find((one) => isRoot(one) && one.destinationType === 'volume');
