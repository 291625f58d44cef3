import { errors } from '../errors.ts';
import type { Allocated } from '../ipam/allocator.ts';
import type { AddressPair, DhcpOption } from './schema.ts';

/** Ports that the cloud itself uses: no groups by default, and their traffic is trusted. */
export const isTrusted = (deviceOwner: string): boolean => deviceOwner.startsWith('network:');

export interface SecurityWishes {
  readonly portSecurity: boolean;
  /** Undefined: as it is, or by default. */
  readonly groups: readonly string[] | undefined;
  readonly pairs: readonly AddressPair[];
  readonly addresses: readonly Allocated[];
}

/** Groups and address pairs need port security, groups an address too. @throws ApiError */
export function checkSecurity({ portSecurity, groups, pairs, addresses }: SecurityWishes): void {
  if (groups !== undefined && groups.length > 0 && (!portSecurity || addresses.length === 0))
    throw errors.groupsNeedPortSecurity();
  if (pairs.length > 0 && !portSecurity) throw errors.pairsNeedPortSecurity();
}

/** Fills in the port's own MAC address. @param max `max_allowed_address_pair` @throws ApiError */
export function completePairs(
  pairs: readonly AddressPair[],
  mac: string,
  max: number,
): readonly Required<AddressPair>[] {
  if (pairs.length > max) throw errors.pairsExhausted(max);
  const seen = new Set<string>();
  return pairs.map(({ ip_address, mac_address = mac }) => {
    const key = `${mac_address} ${ip_address}`;
    if (seen.has(key)) throw errors.duplicatePair(mac_address, ip_address);
    seen.add(key);
    return { mac_address, ip_address };
  });
}

/** DHCP options after a change: named ones are replaced, those with a null value go. */
export function mergeDhcpOptions(
  current: readonly DhcpOption[],
  changes: readonly DhcpOption[],
): readonly DhcpOption[] {
  const key = (option: DhcpOption): string => `${option.opt_name} ${option.ip_version ?? 4}`;
  const merged = new Map(current.map((option) => [key(option), option]));
  for (const option of changes) {
    if (option.opt_value === null) merged.delete(key(option));
    else merged.set(key(option), { ...option, ip_version: option.ip_version ?? 4 });
  }
  return [...merged.values()];
}
