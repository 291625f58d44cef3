import { describe, expect, it } from 'vitest';
import { eui64, formatCidr, formatIp, ipKey, keyText, parseCidr, parseIp, textKey } from './address.ts';

describe('addresses', () => {
  it.each(['0.0.0.0', '10.77.0.250', '255.255.255.255', '2001:db8::1', '::', 'fe80::f816:3eff:fe00:1'])(
    'reads and writes %s',
    (text) => {
      const ip = parseIp(text)!;
      expect(formatIp(ip.version, ip.value)).toBe(text);
      expect(keyText(ipKey(ip.version, ip.value))).toBe(text);
    },
  );

  it.each(['', '10.0.0', '10.0.0.256', '010.0.0.1', '10.0.0.1/24', 'fe80::1%eth0', 'bogus', '1:2'])(
    'refuses "%s"',
    (text) => expect(parseIp(text)).toBeNull(),
  );

  it('cuts host bits off a network', () => {
    expect(formatCidr(parseCidr('192.168.27.9/24')!)).toBe('192.168.27.0/24');
    expect(formatCidr(parseCidr('2001:db8::5/64')!)).toBe('2001:db8::/64');
    expect([parseCidr('10.0.0.0'), parseCidr('10.0.0.0/33'), parseCidr('x/8')]).toEqual([null, null, null]);
  });

  it('has keys that sort as the numbers do', () => {
    const keys = ['9.255.255.255', '10.0.0.2', '10.0.0.10', '192.0.2.1'].map((text) => textKey(text)!);
    expect([...keys].sort()).toEqual(keys);
  });

  it('makes the address of a MAC address', () => {
    expect(formatIp(6, eui64(parseCidr('2001:db8::/64')!.first, 'fa:16:3e:00:00:01'))).toBe(
      '2001:db8::f816:3eff:fe00:1',
    );
  });
});
