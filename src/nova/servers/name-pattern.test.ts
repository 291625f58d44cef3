import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileNamePattern, isPlainText } from './name-pattern.ts';

describe('a name pattern', () => {
  it('finds what a regular expression finds', () => {
    const piece = fc.constantFrom(
      'a',
      'b',
      '.',
      'a*',
      'b+',
      'c?',
      '[ab]',
      '[^a]',
      '(a|bc)',
      '\\d',
      '[a-c]',
      '^',
      '$',
      '(ab)*',
    );
    fc.assert(
      fc.property(
        fc.array(piece, { maxLength: 6 }).map((parts) => parts.join('')),
        fc.string({ unit: fc.constantFrom('a', 'b', 'c', '1'), maxLength: 8 }),
        (pattern, text) => {
          expect(compileNamePattern(pattern)(text)).toBe(new RegExp(pattern, 'i').test(text));
        },
      ),
      { numRuns: 2000 },
    );
  });

  it('takes no longer than pattern times text, whatever the pattern', () => {
    const begun = performance.now();
    expect(compileNamePattern('(a+)+(a+)+$')(`${'a'.repeat(200)}b`)).toBe(false);
    expect(performance.now() - begun).toBeLessThan(1000);
  });

  it.each(['(', '[', '*', 'a)', '\\'])('refuses %s', (pattern) =>
    expect(() => compileNamePattern(pattern)).toThrow(SyntaxError),
  );

  it('knows plain text', () => expect(['web-1', 'web.*'].map(isPlainText)).toEqual([true, false]));
});
