import { describe, expect, it } from 'vitest';
import { XdrReader, XdrWriter } from './xdr.ts';

describe('XDR', () => {
  it('reads back what it writes, in steps of four bytes', () => {
    const bytes = new XdrWriter()
      .int(-1)
      .uint(0xffffffff)
      .string('fünf')
      .optional(null)
      .optional('x')
      .fixed(Buffer.from('0102030405', 'hex'))
      .opaque(Buffer.from('ab'))
      .bytes();
    expect(bytes.length % 4).toBe(0);
    const reader = new XdrReader(bytes);
    expect([reader.int(), reader.uint(), reader.string(), reader.optional(), reader.optional()]).toEqual([
      -1,
      0xffffffff,
      'fünf',
      null,
      'x',
    ]);
    expect(reader.fixed(5).toString('hex')).toBe('0102030405');
    expect(reader.array(() => 0)).toEqual([0, 0]);
  });

  it('refuses a message that is cut off', () => {
    expect(() => new XdrReader(Buffer.from('00000008', 'hex')).string()).toThrow('cut off');
  });
});
