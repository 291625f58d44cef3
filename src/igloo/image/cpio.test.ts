import { describe, expect, it } from 'vitest';
import { packCpio } from './cpio.ts';

describe('packCpio', () => {
  it('writes the newc format: aligned headers, names and data, then the trailer', () => {
    const archive = packCpio([
      { path: 'init', mode: 0o100755, data: Buffer.from('#!/bin/sh\n') },
      { path: 'dev/console', mode: 0o20600, device: { major: 5, minor: 1 } },
    ]);
    const field = (start: number, index: number): number =>
      parseInt(archive.toString('latin1', start + 6 + index * 8, start + 14 + index * 8), 16);
    expect(archive.toString('latin1', 0, 6)).toBe('070701');
    expect([field(0, 1), field(0, 6), field(0, 11)]).toEqual([0o100755, 10, 5]);
    expect(archive.toString('latin1', 110, 115)).toBe('init\0');
    expect(archive.toString('latin1', 116, 126)).toBe('#!/bin/sh\n');
    expect(archive.toString('latin1', 128, 134)).toBe('070701');
    expect([field(128, 9), field(128, 10)]).toEqual([5, 1]);
    expect(archive.length % 4).toBe(0);
    expect(archive.includes('TRAILER!!!\0')).toBe(true);
  });
});
