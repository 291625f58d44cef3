import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Finding } from './format.ts';
import { Inspection } from './inspection.ts';
import { refusal } from './verdict.ts';

function inspect(data: Buffer, block = 4096): Finding {
  const inspection = new Inspection();
  for (let at = 0; at < data.length; at += block) inspection.push(data.subarray(at, at + block));
  return inspection.finish();
}

interface Qcow2 {
  readonly version?: number;
  readonly backing?: bigint;
  readonly features?: bigint;
  readonly extension?: number;
}
function qcow2({ version = 3, backing = 0n, features = 0n, extension = 0 }: Qcow2 = {}): Buffer {
  const header = Buffer.alloc(65536);
  header.write('QFI\xfb', 0, 'latin1');
  header.writeUInt32BE(version, 4);
  header.writeBigUInt64BE(backing, 8);
  header.writeUInt32BE(16, 20);
  header.writeBigUInt64BE(10n * 2n ** 30n, 24);
  header.writeBigUInt64BE(features, 72);
  header.writeUInt32BE(104, 100);
  // A feature name table comes first, as qemu-img writes it.
  header.writeUInt32BE(0x6803f857, 104);
  header.writeUInt32BE(5, 108);
  header.writeUInt32BE(extension, 120);
  header.writeUInt32BE(8, 124);
  return header;
}

function vmdk(descriptor: string): Buffer {
  const file = Buffer.alloc(65536);
  file.write('KDMV', 0, 'latin1');
  file.writeUInt32LE(1, 4);
  file.writeBigUInt64LE(2048n, 12);
  file.writeBigUInt64LE(1n, 28);
  file.writeBigUInt64LE(20n, 36);
  file.write(descriptor, 512, 'latin1');
  return file;
}
const vmdkText = (kind: string, extent = 'RW 2048 SPARSE "disk.vmdk"', parent = 'ffffffff'): string =>
  `# Disk DescriptorFile\nversion=1\nCID=1\nparentCID=${parent}\ncreateType="${kind}"\n${extent}\n`;

function vhd(kind: number): Buffer {
  const footer = Buffer.alloc(512);
  footer.write('conectix', 0, 'latin1');
  footer.writeBigUInt64BE(4096n, 48);
  footer.writeUInt32BE(kind, 60);
  return footer;
}

function vdi(kind: number): Buffer {
  const header = Buffer.alloc(1024);
  header.writeUInt32LE(0xbeda107f, 0x40);
  header.writeUInt32LE(kind, 0x4c);
  header.writeBigUInt64LE(8192n, 0x170);
  return header;
}

function vhdx(flags: number): Buffer {
  const file = Buffer.alloc(2 * 1024 * 1024);
  file.write('vhdxfile', 0, 'latin1');
  const table = 192 * 1024;
  file.write('regi', table, 'latin1');
  file.writeUInt32LE(1, table + 8);
  file.write('06a27c8b90479a4bb8fe575f050f886e', table + 16, 'hex');
  const region = 1024 * 1024;
  file.writeBigUInt64LE(BigInt(region), table + 32);
  file.write('metadata', region, 'latin1');
  file.writeUInt16LE(2, region + 10);
  file.write('3767a1ca36fa434db3b633f0aa44e76b', region + 32, 'hex');
  file.writeUInt32LE(65536, region + 48);
  file.write('2442a52f1bcd7648b2115dbed83bf4b8', region + 64, 'hex');
  file.writeUInt32LE(65544, region + 80);
  file.writeUInt32LE(flags, region + 65536 + 4);
  file.writeBigUInt64LE(12345n, region + 65544);
  return file;
}

const iso = Buffer.alloc(40_000);
iso.write('CD001', 32769, 'latin1');

describe('the format inspector', () => {
  it.each([
    ['raw', Buffer.from('hello'), 5],
    ['raw', Buffer.alloc(0), 0],
    ['qcow2', qcow2(), 10 * 2 ** 30],
    ['qcow2', qcow2({ version: 2 }), 10 * 2 ** 30],
    ['vmdk', vmdk(vmdkText('monolithicSparse')), 2048 * 512],
    ['vmdk', vmdk(vmdkText('streamOptimized')), 2048 * 512],
    ['vhd', Buffer.concat([vhd(3), Buffer.alloc(1024)]), 4096],
    ['vhd', Buffer.concat([Buffer.alloc(4096), vhd(2)]), 4096],
    ['vhdx', vhdx(0), 12345],
    ['vdi', vdi(1), 8192],
    ['iso', iso, iso.length],
    ['qed', Buffer.from('QED\0 and more'), null],
    ['ploop', Buffer.from('WithoutFreeSpace'), null],
  ])('knows %s', (format, data, virtualSize) => {
    for (const block of [7, 4096, 1 << 20]) expect(inspect(data, block)).toEqual({ format, virtualSize });
  });

  it.each([
    ['it has a backing file', qcow2({ backing: 200n })],
    ['it has a backing file', qcow2({ version: 2, backing: 200n })],
    ['it has an external data file', qcow2({ features: 4n })],
    ['it names an external data file', qcow2({ extension: 0x44415441 })],
    ['it has unknown incompatible features', qcow2({ features: 1n << 40n })],
    ['its version 9 is unknown', qcow2({ version: 9 })],
    ['its header is cut off', qcow2().subarray(0, 80)],
    ['it is a descriptor that names other files', Buffer.from(vmdkText('monolithicFlat'))],
    ['its kind "monolithicflat" is not self-contained', vmdk(vmdkText('monolithicFlat'))],
    ['its extents name other files', vmdk(vmdkText('monolithicSparse', 'RW 1 FLAT "/etc/passwd" 0'))],
    ['its extents name other files', vmdk(vmdkText('monolithicSparse', 'RW 1 SPARSE "a/b.vmdk"'))],
    ['it has a parent image', vmdk(vmdkText('monolithicSparse', 'RW 1 SPARSE "a"', '12345678'))],
    ['it is of the ESX sparse kind', Buffer.from('COWD and more')],
    ['it is a difference to another image', vhd(4)],
    ['it is a difference to another image', vdi(4)],
    ['it is a difference to another image', vhdx(2)],
    ['its metadata is not where it should be', Buffer.from('vhdxfile and no more')],
  ])('warns that %s', (danger, data) => {
    expect(inspect(data).danger).toContain(danger);
  });

  it('believes what lies at the beginning, whatever else is in the data', () => {
    const both = Buffer.concat([qcow2({ backing: 1n }), Buffer.alloc(1)]);
    iso.copy(both, 32768, 32768, 32800);
    expect(inspect(both)).toMatchObject({ format: 'qcow2', danger: 'it has a backing file' });
  });

  it('stands any bytes behind any magic', () => {
    const magics = ['QFI\xfb', 'KDMV', '# Disk DescriptorFile', 'conectix', 'vhdxfile', 'QED\0', 'COWD', ''];
    fc.assert(
      fc.property(
        fc.constantFrom(...magics),
        fc.uint8Array({ maxLength: 3000 }),
        fc.integer({ min: 1, max: 999 }),
        (magic, rest, block) => {
          const finding = inspect(Buffer.concat([Buffer.from(magic, 'latin1'), rest]), block);
          expect(finding.format).toMatch(/^[a-z0-9]+$/);
          // However the data is cut into blocks, the finding is the same.
          expect(inspect(Buffer.concat([Buffer.from(magic, 'latin1'), rest]), 1 << 20)).toEqual(finding);
        },
      ),
    );
  });

  it('never passes a qcow2 that refers to a backing file', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 1n, max: 2n ** 64n - 1n }), fc.constantFrom(2, 3), (backing, version) => {
        expect(inspect(qcow2({ backing, version })).danger).toBeDefined();
      }),
    );
  });
});

describe('the verdict', () => {
  const bare = (diskFormat: string) => ({ diskFormat, containerFormat: 'bare' });
  it.each([
    ['raw', 'raw', true],
    ['iso', 'raw', true],
    ['iso', 'iso', true],
    ['qcow2', 'qcow2', true],
    ['qcow2', 'raw', false],
    ['raw', 'qcow2', false],
    ['vhd', 'raw', false],
    ['raw', 'aki', true],
    ['qcow2', 'aki', false],
  ] as const)('on %s data declared %s: %s', (format, declared, passes) => {
    expect(refusal({ format, virtualSize: 1 }, bare(declared), true) === undefined).toBe(passes);
  });

  it('refuses what is dangerous even when formats need not match', () => {
    const finding = { format: 'qcow2', virtualSize: 1, danger: 'it has a backing file' } as const;
    expect(refusal(finding, bare('raw'), false)).toBe(
      'Image data was refused: it is in qcow2 format and it has a backing file.',
    );
    expect(refusal({ format: 'raw', virtualSize: 1 }, bare('qcow2'), false)).toBeUndefined();
  });

  it('does not open archives', () => {
    expect(
      refusal({ format: 'raw', virtualSize: 1 }, { diskFormat: 'vmdk', containerFormat: 'ova' }, true),
    ).toBeUndefined();
  });
});
