import type { GuestDisk } from './driver.ts';

/** This host cannot reach volumes of this kind; another host may. */
export class VolumeUnreachable extends Error {
  override readonly name = 'VolumeUnreachable';
}

type Volume = GuestDisk & { kind: 'volume' };

const packages: Readonly<Record<string, string>> = { iscsi: 'qemu-block-extra', rbd: 'qemu-block-extra' };

/** What QEMU or libvirt says of a volume that it cannot open, with what to do about it. */
export function explainVolumeError(error: unknown, volumes: readonly Volume[]): unknown {
  const { message } = error as Error;
  const kind = /[Uu]nknown (?:driver|protocol) '?(iscsi|rbd)'?/.exec(message)?.[1];
  if (kind !== undefined)
    return new VolumeUnreachable(
      `QEMU on this host cannot open ${kind} volumes: its module is missing (Debian, Ubuntu: apt-get install ${packages[kind]}). The kernel's initiator (iscsiadm) is not used.`,
      { cause: error },
    );
  const shown = volumes.find((one) => one.connection.type === 'iscsi' && message.includes(one.connection.iqn));
  if (/Authentication failure|Failed to (?:connect|log in) to LUN|iSCSI: Failed/i.test(message))
    return new VolumeUnreachable(
      `The volume${shown ? ` ${shown.volumeId}` : ''} cannot be reached from this host: ${message}`,
      { cause: error },
    );
  return error;
}
