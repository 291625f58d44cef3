import { describe, expect, it } from 'vitest';
import { judgeHeader } from './image-header.ts';

const qcow2 = (change: (header: Buffer) => void = () => undefined): Buffer => {
  const header = Buffer.alloc(512);
  header.write('QFI\xfb', 'latin1');
  header.writeUInt32BE(3, 4);
  header.writeUInt32BE(104, 100);
  change(header);
  return header;
};
const vmdk = (type: string, magic = 'KDMV'): Buffer => {
  const header = Buffer.alloc(2048);
  header.write(magic, 'latin1');
  header.write(`# Disk DescriptorFile\ncreateType="${type}"\n`, 512, 'latin1');
  return header;
};

describe('judgeHeader', () => {
  it('knows formats by their magic bytes', () => {
    expect(judgeHeader(qcow2())).toEqual({ format: 'qcow2', refusal: undefined });
    expect(judgeHeader(Buffer.from('no magic at all')).format).toBe('raw');
    expect(judgeHeader(Buffer.alloc(0)).format).toBe('raw');
    expect(judgeHeader(Buffer.from('vhdxfile........')).format).toBe('vhdx');
    const vdi = Buffer.alloc(512);
    vdi.write('\x7f\x10\xda\xbe', 0x40, 'latin1');
    expect(judgeHeader(vdi).format).toBe('vdi');
  });

  it('refuses qcow2 that leads elsewhere, or cannot be read', () => {
    expect(judgeHeader(qcow2((h) => h.writeBigUInt64BE(512n, 8))).refusal).toContain('backing file');
    expect(judgeHeader(qcow2((h) => h.writeUInt32BE(1, 32))).refusal).toContain('encrypted');
    expect(judgeHeader(qcow2((h) => h.writeBigUInt64BE(4n, 72))).refusal).toContain('external file');
    expect(judgeHeader(qcow2((h) => h.writeBigUInt64BE(64n, 72))).refusal).toContain('features');
    expect(judgeHeader(qcow2((h) => h.writeUInt32BE(9, 4))).refusal).toContain('version');
    expect(judgeHeader(qcow2().subarray(0, 40)).refusal).toContain('cut off');
    expect(judgeHeader(qcow2((h) => h.writeUInt32BE(2, 4))).refusal).toBeUndefined();
  });

  it('takes only those VMDKs that hold their data', () => {
    expect(judgeHeader(vmdk('streamOptimized')).refusal).toBeUndefined();
    expect(judgeHeader(vmdk('monolithicSparse')).refusal).toBeUndefined();
    expect(judgeHeader(vmdk('monolithicFlat')).refusal).toContain('monolithicFlat');
    expect(judgeHeader(vmdk('streamOptimized', '# Disk DescriptorFile')).refusal).toContain('VMDK');
  });
});
