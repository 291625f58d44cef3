import { describe, expect, it } from 'vitest';
import { formatCidr, parseCidr, type Cidr } from '../ipam/address.ts';
import { covers, prefixesOf, subtract } from './prefixes.ts';

const cidrs = (...texts: string[]): Cidr[] => texts.map((text) => parseCidr(text)!);

describe('prefixes', () => {
  it.each([
    [['10.0.0.0/9', '10.128.0.0/9'], ['10.0.0.0/8']],
    [['10.0.1.0/24', '10.0.0.0/24', '10.0.0.7/32'], ['10.0.0.0/23']],
    [
      ['10.0.1.0/24', '10.0.2.0/24'],
      ['10.0.1.0/24', '10.0.2.0/24'],
    ],
    [['0.0.0.0/1', '128.0.0.0/1'], ['0.0.0.0/0']],
  ])('compacts %j to %j', (given, expected) => {
    expect(prefixesOf(4, cidrs(...given)).map(formatCidr)).toEqual(expected);
  });

  it('takes parts out', () => {
    const left = subtract(cidrs('10.0.0.0/24', '10.0.4.0/24'), cidrs('10.0.0.0/26', '10.0.0.255/32', '10.0.4.0/22'));
    expect(prefixesOf(4, left).map(formatCidr)).toEqual([
      '10.0.0.64/26',
      '10.0.0.128/26',
      '10.0.0.192/27',
      '10.0.0.224/28',
      '10.0.0.240/29',
      '10.0.0.248/30',
      '10.0.0.252/31',
      '10.0.0.254/32',
    ]);
    const six = subtract(cidrs('2001:db8::/47'), cidrs('2001:db8::/48'));
    expect(prefixesOf(6, six).map(formatCidr)).toEqual(['2001:db8:1::/48']);
  });

  it('knows what is covered', () => {
    expect(covers(cidrs('10.0.0.0/25', '10.0.0.128/25'), cidrs('10.0.0.0/24'))).toBe(true);
    expect(covers(cidrs('10.0.0.0/25'), cidrs('10.0.0.0/24'))).toBe(false);
    expect(covers([], [])).toBe(true);
  });
});
