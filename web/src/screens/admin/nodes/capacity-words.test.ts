import { expect, it } from 'vitest';
import { shareWords } from './capacity-words.ts';

it('tells a share in the unit of the whole', () => {
  const number = (value: number): string => value.toFixed(1).replace('.0', '');
  expect(shareWords('vcpus', 200, 256, number)).toBe('200 / 256');
  expect(shareWords('memory', 512, 23_232, number)).toBe('0.5 / 22.7 GiB');
  expect(shareWords('disk', 60, 600, number)).toBe('60 / 600 GiB');
  expect(shareWords('disk', 1150, 2048, number)).toBe('1.1 / 2 TiB');
});
