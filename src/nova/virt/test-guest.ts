import { writeFile } from 'node:fs/promises';

/** What the guest says on its serial console when it has booted. */
export const BOOT_MARKER = 'IGLOO-TEST-GUEST-UP';

const MESSAGE = `${BOOT_MARKER}\r\n\0`;
const LOAD_ADDRESS = 0x7c00;

/**
 * An operating system of one disk sector, for tests: it says a line on the serial console and then
 * whatever it hears there, switches off when the power
 * button is pressed, and releases devices that are to be unplugged. It boots in a fraction of a second.
 * The ports are those of QEMU's machine type `pc`.
 */
function bootSector(): Buffer {
  const print = [0xac, 0x84, 0xc0, 0x74, 0x06, 0xba, 0xf8, 0x03, 0xee, 0xeb, 0xf5]; // lodsb; until 0: out 0x3f8
  const enableButton = [0xba, 0x02, 0x06, 0xb8, 0x00, 0x01, 0xef]; // PM1_EN |= PWRBTN
  const loop = [
    ...[0xfb, 0xf4], // sti; hlt: until the next clock tick
    ...[0xba, 0xfd, 0x03, 0xec, 0xa8, 0x01, 0x74, 0x05], // something on the serial line?
    ...[0xba, 0xf8, 0x03, 0xec, 0xee], // say it back
    ...[0xba, 0x00, 0x06, 0xed, 0xf6, 0xc4, 0x01, 0x74, 0x07], // PM1_STS & PWRBTN?
    ...[0xba, 0x04, 0x06, 0xb8, 0x00, 0x20, 0xef], // PM1_CNT = SLP_EN: off
    ...[0xba, 0x10, 0xae, 0x66, 0x31, 0xc0, 0x66, 0xef], // PCI hot-plug: choose bus 0
    ...[0xba, 0x04, 0xae, 0x66, 0xed, 0x66, 0x85, 0xc0, 0x74], // devices to go?
  ];
  const eject = [0xba, 0x08, 0xae, 0x66, 0xef, 0xeb]; // eject them
  const back = (from: number): number => (256 - (from + 1)) & 0xff;
  const toLoop = back(loop.length);
  const fromEject = back(loop.length + 1 + eject.length);
  const prologue = 8;
  const code = [...print, ...enableButton, ...loop, toLoop, ...eject, fromEject];
  const text = LOAD_ADDRESS + prologue + code.length;
  const start = [0xfc, 0x31, 0xc0, 0x8e, 0xd8, 0xbe, text & 0xff, text >> 8]; // cld; ds = 0; si = text
  const sector = Buffer.alloc(512);
  Buffer.from([...start, ...code]).copy(sector);
  sector.write(MESSAGE, prologue + code.length, 'latin1');
  sector.writeUInt16LE(0xaa55, 510);
  return sector;
}

/** Writes a bootable raw disk of that size. */
export async function writeTestGuest(path: string, bytes = 1024 * 1024): Promise<void> {
  const disk = Buffer.alloc(bytes);
  bootSector().copy(disk);
  await writeFile(path, disk);
}
