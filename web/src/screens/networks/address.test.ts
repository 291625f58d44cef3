import { describe, expect, it } from 'vitest';
import {
  defaultGateway,
  defaultPools,
  formatCidr,
  formatIp,
  freeCidr,
  holds,
  overlap,
  parseCidr,
  parseIp,
  sizeOf,
  type Cidr,
} from './address.ts';

const cidr = (text: string): Cidr => {
  const parsed = parseCidr(text);
  if (!parsed) throw new Error(text);
  return parsed;
};
const ip = (text: string) => parseIp(text) ?? { version: 4 as const, value: -1n };
const shown = (text: string): string | null => {
  const parsed = parseIp(text);
  return parsed && formatIp(parsed.version, parsed.value);
};
const pools = (text: string, gateway: string | null) =>
  defaultPools(cidr(text), gateway === null ? null : ip(gateway)).map(({ first, last }) =>
    [first, last].map((value) => formatIp(cidr(text).version, value)).join('-'),
  );

describe('addresses', () => {
  it.each(['10.0.0.1', '255.255.255.255', '0.0.0.0', '::', '::1', '2001:db8::1', 'fe80::1:0:0:1', '1:2:3:4:5:6:7:8'])(
    'reads and writes %s',
    (text) => expect(shown(text)).toBe(text),
  );
  it.each(['', '10.0.0', '10.0.0.256', '10.0.0.01', '1.2.3.4.5', ':::', '1::2::3', '12345::', '1:2:3:4:5:6:7', 'web'])(
    'refuses %j',
    (text) => expect(parseIp(text)).toBeNull(),
  );
  it('writes IPv6 in its shortest form', () => {
    expect(shown('2001:0DB8:0:0:0:0:0:1')).toBe('2001:db8::1');
    expect(shown('2001:db8:0:1:0:0:0:1')).toBe('2001:db8:0:1::1');
    expect(shown('1:0:0:2:0:0:3:4')).toBe('1::2:0:0:3:4');
    expect(shown('::ffff:10.0.0.1')).toBe('::ffff:a00:1');
  });
});

describe('networks of addresses', () => {
  it('knows first and last address, and whether host bits are set', () => {
    const net = cidr('10.1.2.0/23');
    expect([formatIp(4, net.first), formatIp(4, net.last), net.exact]).toEqual(['10.1.2.0', '10.1.3.255', true]);
    expect(cidr('10.0.0.5/24').exact).toBe(false);
    expect(formatCidr(cidr('10.0.0.5/24'))).toBe('10.0.0.0/24');
    expect(formatCidr(cidr('2001:db8::5/64'))).toBe('2001:db8::/64');
    expect(sizeOf(cidr('0.0.0.0/0'))).toBe(2n ** 32n);
  });
  it.each(['10.0.0.0', '10.0.0.0/33', '::/129', '10.0.0.0/', '10.0.0.0/8/8', '10.0.0.0/-1'])('refuses %j', (text) =>
    expect(parseCidr(text)).toBeNull(),
  );
  it('tells overlaps, within one version only', () => {
    expect(overlap(cidr('10.0.0.0/8'), cidr('10.9.0.0/16'))).toBe(true);
    expect(overlap(cidr('10.0.0.0/24'), cidr('10.0.1.0/24'))).toBe(false);
    expect(overlap(cidr('::/0'), cidr('0.0.0.0/0'))).toBe(false);
    expect(overlap(cidr('2001:db8::/32'), cidr('2001:db8:5::/48'))).toBe(true);
    expect(holds(cidr('2001:db8::/64'), ip('2001:db8::ffff'))).toBe(true);
    expect(holds(cidr('10.0.0.0/24'), ip('10.0.1.0'))).toBe(false);
  });
});

describe('what a subnet gets unless told', () => {
  it('puts the gateway at the first host address', () => {
    expect(defaultGateway(cidr('10.0.0.0/24'))).toBe('10.0.0.1');
    expect(defaultGateway(cidr('2001:db8::/64'))).toBe('2001:db8::1');
    expect(defaultGateway(cidr('10.0.0.4/31'))).toBe('10.0.0.4');
  });
  it('gives out all others', () => {
    expect(pools('10.0.0.0/24', '10.0.0.1')).toEqual(['10.0.0.2-10.0.0.254']);
    expect(pools('10.0.0.0/24', '10.0.0.254')).toEqual(['10.0.0.1-10.0.0.253']);
    expect(pools('10.0.0.0/24', '10.0.0.9')).toEqual(['10.0.0.1-10.0.0.8', '10.0.0.10-10.0.0.254']);
    expect(pools('10.0.0.0/30', null)).toEqual(['10.0.0.1-10.0.0.2']);
    expect(pools('2001:db8::/126', '2001:db8::1')).toEqual(['2001:db8::2-2001:db8::3']);
    expect(pools('10.0.0.4/31', '10.0.0.4')).toEqual(['10.0.0.5-10.0.0.5']);
  });
  it('proposes a network that is free', () => {
    expect(freeCidr([])).toBe('192.168.10.0/24');
    expect(freeCidr([cidr('192.168.8.0/22')])).toBe('192.168.12.0/24');
    expect(freeCidr([cidr('192.168.0.0/16'), cidr('10.0.0.0/16')])).toBe('10.1.0.0/24');
  });
});
