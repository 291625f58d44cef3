import type { AddressPair } from '#api/network/port-writes.ts';
import { parseCidr, parseIp } from './address.ts';

const MAC = /^([\da-f]{2}:){5}[\da-f]{2}$/i;
export const macWrong = (text: string): boolean => text.trim() !== '' && !MAC.test(text.trim());

const lines = (text: string): readonly string[] =>
  text
    .split(/[\n,]/)
    .map((line) => line.trim())
    .filter(Boolean);

function parsePair(line: string): AddressPair | null {
  const [ip = '', mac, ...more] = line.split(/\s+/);
  if (more.length > 0 || (!parseIp(ip) && !parseCidr(ip)) || (mac !== undefined && !MAC.test(mac))) return null;
  return { ip_address: ip, ...(mac !== undefined && { mac_address: mac }) };
}

/** The first line that is no pair of addresses. */
export const wrongPair = (text: string): string | undefined => lines(text).find((line) => !parsePair(line));
export const pairsOf = (text: string): readonly AddressPair[] => lines(text).flatMap((line) => parsePair(line) ?? []);
/** @param mac the port's own, which is what a pair has unless told */
export const pairsText = (pairs: readonly AddressPair[], mac: string): string =>
  pairs
    .map(({ ip_address, mac_address }) =>
      mac_address === undefined || mac_address === mac ? ip_address : `${ip_address} ${mac_address}`,
    )
    .join('\n');
