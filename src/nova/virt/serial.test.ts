import { expect, it } from 'vitest';
import { parsePortRange } from './serial.ts';

it('reads the range of ports', () => {
  expect(parsePortRange('10000:20000')).toEqual({ first: 10_000, last: 20_000 });
  expect(parsePortRange(' 5:5 ')).toEqual({ first: 5, last: 5 });
  for (const bad of ['', '1', '2:1', '0:5', '1:65536', '1-5', 'a:b'])
    expect(() => parsePortRange(bad)).toThrow('10000:20000');
});
