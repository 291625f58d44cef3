import { describe, expect, it } from 'vitest';
import { fromObject } from '#common/config/load.ts';
import { knownOptions } from './known-options.ts';
import { parseStorageQuota } from './config.ts';

describe('user_storage_quota', () => {
  it.each([
    ['0', 0],
    ['500', 500],
    ['10B', 10],
    ['2 KB', 2048],
    ['1gb', 2 ** 30],
    ['1TB', 2 ** 40],
  ])('"%s" is %i bytes', (text, bytes) => {
    expect(parseStorageQuota(text)).toBe(bytes);
  });
  it.each(['', 'x', '-1', '1PB'])('"%s" is refused', (text) => {
    expect(() => parseStorageQuota(text)).toThrow('is no size');
  });
});

describe('the options that Glance knows', () => {
  it('are also those of the sections of its stores', () => {
    const source = fromObject({ DEFAULT: { enabled_backends: 'fast:file, far:swift' } }, 'test');
    expect(Object.keys(Object.assign({}, ...knownOptions(source)))).toEqual(expect.arrayContaining(['fast', 'far']));
  });
});
