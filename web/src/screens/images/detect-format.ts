import type { DiskFormat } from '#api/image/changes.ts';

/** So many bytes of a file's beginning tell its format: an ISO's mark stands at 32 KiB. */
export const HEAD_BYTES = 36_864;

/** `compressed`: must be unpacked first. */
export type Detected = DiskFormat | 'compressed' | null;

const latin = (bytes: Uint8Array, at: number, length: number): string =>
  String.fromCharCode(...bytes.subarray(at, at + length));

/** What a file is, by its first bytes; null: nothing that has a mark (a raw disk, mostly). */
export function formatOf(head: Uint8Array): Detected {
  const begins = latin(head, 0, 16);
  if (begins.startsWith('QFI\xfb')) return 'qcow2';
  if (begins.startsWith('KDMV') || begins.startsWith('# Disk Descripto')) return 'vmdk';
  if (begins.startsWith('vhdxfile')) return 'vhdx';
  if (begins.startsWith('conectix')) return 'vhd';
  if (begins.startsWith('WithoutFreeSpace') || begins.startsWith('WithouFreSpacExt')) return 'ploop';
  if (latin(head, 0x40, 4) === '\x7f\x10\xda\xbe') return 'vdi';
  if (latin(head, 0x8001, 5) === 'CD001') return 'iso';
  const packed = ['\x1f\x8b', 'BZh', '\xfd7zXZ', '\x28\xb5\x2f\xfd', 'PK\x03\x04', '7z\xbc\xaf'];
  return packed.some((mark) => begins.startsWith(mark)) ? 'compressed' : null;
}

/** What a name promises: `.img` may be anything. */
export function formatByName(name: string): Detected {
  const [, end = ''] = /\.([a-z0-9]+)$/i.exec(name) ?? [];
  const known: Readonly<Record<string, Detected>> = {
    ...{ qcow2: 'qcow2', qcow: 'qcow2', raw: 'raw', iso: 'iso', vmdk: 'vmdk', vdi: 'vdi', vhd: 'vhd', vhdx: 'vhdx' },
    ...{ gz: 'compressed', xz: 'compressed', bz2: 'compressed', zst: 'compressed', zip: 'compressed' },
    ...{ '7z': 'compressed', hds: 'ploop' },
  };
  return known[end.toLowerCase()] ?? null;
}

/** `debian-12-genericcloud-amd64` of a file or a URL. */
export function nameOfFile(path: string): string {
  const last = path.split(/[?#]/)[0]?.split('/').at(-1) ?? '';
  let name = last;
  try {
    name = decodeURIComponent(last);
  } catch {
    // A percent sign that is no encoding.
  }
  return name.replace(/\.(qcow2?|raw|iso|img|vmdk|vdi|vhdx?|hds)$/i, '');
}
