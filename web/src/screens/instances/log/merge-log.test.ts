import { describe, expect, it } from 'vitest';
import { KEPT_LINES, linesOf, mergeLog } from './merge-log.ts';

const many = (from: number, to: number): string[] =>
  Array.from({ length: to - from }, (_, index) => `line ${from + index}`);

describe('a log that grows', () => {
  it('is shown as it is first', () => {
    expect(mergeLog([], ['a', 'b', ''])).toEqual(['a', 'b', '']);
  });

  it('stays the same object when nothing is new', () => {
    const shown = ['a', 'b', ''];
    expect(mergeLog(shown, ['a', 'b', ''])).toBe(shown);
    expect(mergeLog(shown, ['b', ''])).toBe(shown);
    expect(mergeLog(shown, [])).toBe(shown);
  });

  it('gets the lines that are new, once', () => {
    expect(mergeLog(['a', 'b', ''], ['b', 'c', 'd', ''])).toEqual(['a', 'b', 'c', 'd', '']);
  });

  it('goes on with a line that was not finished', () => {
    expect(mergeLog(['a', 'log'], ['a', 'login: '])).toEqual(['a', 'login: ']);
    expect(mergeLog(['a', 'log'], ['login: ', 'x'])).toEqual(['a', 'login: ', 'x']);
  });

  it('takes a progress bar that is written over for the same line', () => {
    expect(mergeLog(['a', 'b', '90%'], ['a', 'b', '100%'])).toEqual(['a', 'b', '100%']);
  });

  it('keeps what came before when the tail is shorter, and repeated lines once', () => {
    expect(mergeLog(['x', '.', '.', ''], ['.', '.', '.', ''])).toEqual(['x', '.', '.', '.', '']);
  });

  it('begins again where nothing is in common', () => {
    expect(mergeLog(['a', 'b', ''], ['c', 'd', ''])).toEqual(['a', 'b', '', 'c', 'd', '']);
  });

  it('works with ten thousand lines, and keeps a bounded number', () => {
    const shown = [...many(0, 15_000), ''];
    const began = performance.now();
    const next = mergeLog(shown, [...many(14_000, 16_000), '']);
    expect(next).toHaveLength(16_001);
    expect(next.at(-2)).toBe('line 15999');
    expect(performance.now() - began).toBeLessThan(200);
    expect(mergeLog(next, [...many(15_500, 30_000), ''])).toHaveLength(KEPT_LINES);
  });
});

describe('lines of a log', () => {
  it('have no escapes and no carriage returns', () => {
    expect(linesOf('\u001b[1;32mOK\u001b[0m done\r\n10%\r100%\n\u001b]0;title\u0007x\u0000')).toEqual([
      'OK done',
      '100%',
      'x',
    ]);
  });
});
