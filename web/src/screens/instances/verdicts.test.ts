import { describe, expect, it } from 'vitest';
import { otherWords, verdictsInText, verdictsOf } from './verdicts.ts';

const text = `No valid host was found.
host1: RamFilter: needs 65536 MB, has 2048 MB: of 4096 MB
host-2.example: ComputeFilter: is disabled
Traceback`;

describe('verdicts', () => {
  it('are found in the details of a fault', () => {
    expect(verdictsInText(text)).toEqual([
      { host: 'host1', passed: false, filter: 'RamFilter', reason: 'needs 65536 MB, has 2048 MB: of 4096 MB' },
      { host: 'host-2.example', passed: false, filter: 'ComputeFilter', reason: 'is disabled' },
    ]);
    expect(otherWords(text)).toBe('No valid host was found.\nTraceback');
  });

  it('are taken from an operation as they are', () => {
    const verdicts = [{ host: 'host 1', passed: false, filter: 'RamFilter', reason: 'too small' }];
    expect(verdictsOf(verdicts)).toEqual(verdicts);
    expect(verdictsOf(text)).toHaveLength(2);
    expect(verdictsOf([{ other: 1 }, null, 'x'])).toEqual([]);
    expect(verdictsOf(null)).toEqual([]);
    expect(verdictsOf({ host: 'a' })).toEqual([]);
  });
});
