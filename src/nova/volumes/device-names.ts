import { badRequest, conflict, forbidden } from '#common/api/errors.ts';
import type { DiskBus } from './model.ts';

const prefixes: Readonly<Record<DiskBus, string>> = { virtio: 'vd', ide: 'hd', scsi: 'sd' };
const alphabet = [...'abcdefghijklmnopqrstuvwxyz'];

/** `/dev/vdb` of `vdb` */
export const withFolder = (name: string): string => (name.startsWith('/dev/') ? name : `/dev/${name}`);
/** `vdb` of `/dev/vdb` */
export const withoutFolder = (name: string): string => name.replace(/^\/dev\//, '');

/** The letter of `/dev/vdb`, `/dev/xvdb`, `/dev/sdb1`. @throws ApiError 400 for what is no name of a disk */
export function letterOf(name: string): string {
  const letter = /^\/dev\/x?[a-z]?d?([a-z]+)\d*$/.exec(withFolder(name))?.[1];
  if (letter === undefined) throw badRequest(`The supplied device path (${name}) is invalid.`);
  return letter;
}

/**
 * A name for one more disk: the one that was asked for, or the next that is free.
 * @param used the names of the disks that the server has
 * @throws ApiError 400 for an impossible name, 409 for one that is taken, 403 when no letter is left
 */
export function chooseDeviceName(asked: string | null, used: readonly string[], bus: DiskBus): string {
  const letters = new Set(used.map(letterOf));
  if (asked !== null && asked !== '') {
    const name = withFolder(asked);
    const letter = letterOf(name);
    if (letters.has(letter)) throw conflict(`The supplied device path (${name}) is in use.`);
    return name.replace(/\d+$/, '');
  }
  const free = alphabet.find((letter) => !letters.has(letter));
  if (free === undefined)
    throw forbidden(
      `The maximum allowed number of disk devices (${alphabet.length}) to attach to a single instance has been exceeded.`,
    );
  return `/dev/${prefixes[bus]}${free}`;
}
