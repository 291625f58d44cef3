import { describe, expect, it } from 'vitest';
import { macWrong, pairsOf, pairsText, wrongPair } from './port-form.ts';

const mac = 'fa:16:3e:00:00:01';

describe('allowed address pairs', () => {
  it('reads addresses and networks, with and without MAC address', () => {
    const text = `10.0.0.100\n10.0.1.0/24 ${mac}, 2001:db8::1`;
    expect(pairsOf(text)).toEqual([
      { ip_address: '10.0.0.100' },
      { ip_address: '10.0.1.0/24', mac_address: mac },
      { ip_address: '2001:db8::1' },
    ]);
    expect(wrongPair(text)).toBeUndefined();
  });
  it('finds what is none', () => {
    expect(wrongPair('10.0.0.1\nweb')).toBe('web');
    expect(wrongPair('10.0.0.1 aa:bb')).toBe('10.0.0.1 aa:bb');
    expect(wrongPair(`10.0.0.1 ${mac} more`)).toBe(`10.0.0.1 ${mac} more`);
  });
  it('leaves out the port’s own MAC address', () => {
    expect(
      pairsText(
        [
          { ip_address: '10.0.0.1', mac_address: mac },
          { ip_address: '10.0.0.2', mac_address: 'fa:16:3e:00:00:02' },
        ],
        mac,
      ),
    ).toBe('10.0.0.1\n10.0.0.2 fa:16:3e:00:00:02');
  });
  it('knows MAC addresses', () => {
    expect(['', mac, 'FA:16:3E:00:00:01'].map(macWrong)).toEqual([false, false, false]);
    expect(['fa163e000001', 'fa:16:3e:00:00'].map(macWrong)).toEqual([true, true]);
  });
});
