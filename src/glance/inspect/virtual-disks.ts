import { sizeField, type FormatReader } from './format.ts';

const starts = (head: Buffer, text: string, at = 0): boolean =>
  head.subarray(at, at + text.length).toString('latin1') === text;

/** VirtualBox. Layout: VDICore.h; little endian. */
export const readVdi: FormatReader = ({ head }) => {
  if (head.length < 512 || head.readUInt32LE(0x40) !== 0xbeda107f) return null;
  const kind = head.readUInt32LE(0x4c);
  const virtualSize = sizeField(head.readBigUInt64LE(0x170));
  if (kind === 1 || kind === 2) return { format: 'vdi', virtualSize };
  return { format: 'vdi', virtualSize, danger: 'it is a difference to another image' };
};

/** Virtual PC: a footer of 512 bytes, also at the beginning unless the disk is of fixed size. Big endian. */
export const readVhd: FormatReader = ({ head, tail }) => {
  const footer = starts(head, 'conectix')
    ? head
    : starts(tail, 'conectix', tail.length - 512)
      ? tail.subarray(-512)
      : null;
  if (!footer || footer.length < 512) return null;
  const virtualSize = sizeField(footer.readBigUInt64BE(48));
  const kind = footer.readUInt32BE(60);
  if (kind === 2 || kind === 3) return { format: 'vhd', virtualSize };
  return { format: 'vhd', virtualSize, danger: 'it is a difference to another image' };
};

/** An old QEMU format: nothing here runs it. */
export const readQed: FormatReader = ({ head }) =>
  starts(head, 'QED\0') ? { format: 'qed', virtualSize: null } : null;

/** Parallels' container disks. */
export const readPloop: FormatReader = ({ head }) =>
  starts(head, 'WithoutFreeSpace') || starts(head, 'WithouFreSpacExt') ? { format: 'ploop', virtualSize: null } : null;

/** ISO 9660: the first volume descriptor is at sector 16. */
export const readIso: FormatReader = ({ head, size }) =>
  starts(head, 'CD001', 16 * 2048 + 1) ? { format: 'iso', virtualSize: size } : null;
