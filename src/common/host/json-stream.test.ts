import { describe, expect, it } from 'vitest';
import { JsonSplitter } from './json-stream.ts';

describe('JsonSplitter', () => {
  const values = [{ a: '}]{"\\' }, [1, ['set', []]], { id: null, error: { text: 'ü€"\n' } }];

  it('finds the values however the bytes are cut', () => {
    const bytes = Buffer.from(values.map((value) => JSON.stringify(value)).join(''));
    for (let size = 1; size <= bytes.length; size++) {
      const splitter = new JsonSplitter();
      const found: unknown[] = [];
      for (let at = 0; at < bytes.length; at += size) found.push(...splitter.push(bytes.subarray(at, at + size)));
      expect(found).toEqual(values);
    }
  });

  it('takes white space between values', () => {
    expect(new JsonSplitter().push(Buffer.from(' {"a":1}\r\n[2]\r\n'))).toEqual([{ a: 1 }, [2]]);
  });

  it('refuses what is not JSON', () => {
    expect(() => new JsonSplitter().push(Buffer.from('HTTP/1.1 200'))).toThrow(SyntaxError);
    expect(() => new JsonSplitter().push(Buffer.from('{}}'))).toThrow(SyntaxError);
  });
});
