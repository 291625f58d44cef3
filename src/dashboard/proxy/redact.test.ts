import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { redactor } from './redact.ts';

const through = (secret: string, parts: readonly string[]): Promise<string> =>
  text(Readable.from(parts.map((part) => Buffer.from(part))).pipe(redactor(secret)));

describe('redactor', () => {
  it('replaces a secret wherever the text is cut, and nothing else', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom('abab', 'a', 'b', 'aba', 'x', 'ababc', 'c'), { maxLength: 20 }),
        fc.array(fc.nat(40)),
        async (words, cuts) => {
          const whole = words.join('');
          const at = [0, ...cuts.filter((cut) => cut < whole.length).toSorted((a, b) => a - b), whole.length];
          const parts = at.slice(1).map((end, n) => whole.slice(at[n], end));
          expect(await through('ababc', parts)).toBe(whole.replaceAll('ababc', '*****'));
        },
      ),
    );
  });

  it('holds nothing back that cannot be the secret’s beginning', async () => {
    const stream = redactor('gAAAAAB');
    const heard: string[] = [];
    stream.on('data', (chunk: Buffer) => heard.push(chunk.toString()));
    stream.write('data: 1\n\n');
    await expect.poll(() => heard).toEqual(['data: 1\n\n']);
  });
});
