/** IPv4 and IPv6 addresses as numbers, and as the fixed-width hexadecimal keys that the database sorts by. */
import { Address6 } from 'ip-address';

export type IpVersion = 4 | 6;

export interface Ip {
  readonly version: IpVersion;
  readonly value: bigint;
}

/** First to last, both included. */
export interface Range {
  readonly first: bigint;
  readonly last: bigint;
}

export interface Cidr extends Range {
  readonly version: IpVersion;
  readonly prefix: number;
}

const bits = (version: IpVersion): number => (version === 4 ? 32 : 128);

function parseIpv4(text: string): number | null {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text);
  if (!match) return null;
  let value = 0;
  for (let i = 1; i <= 4; i++) {
    const part = match[i] as string;
    // A leading zero is octal to some programs and decimal to others.
    if (Number(part) > 255 || (part.length > 1 && part.startsWith('0'))) return null;
    value = value * 256 + Number(part);
  }
  return value;
}

/** Null when the text is no address. */
export function parseIp(text: string): Ip | null {
  const four = parseIpv4(text);
  if (four !== null) return { version: 4, value: BigInt(four) };
  if (!text.includes(':') || /[/%]/.test(text) || !Address6.isValid(text)) return null;
  return { version: 6, value: new Address6(text).bigInt() };
}

/** The canonical text: `10.0.0.1`, `2001:db8::1`. */
export function formatIp(version: IpVersion, value: bigint): string {
  if (version === 6) return Address6.fromBigInt(value).correctForm();
  const number = Number(value);
  return `${(number >>> 24) & 255}.${(number >>> 16) & 255}.${(number >>> 8) & 255}.${number & 255}`;
}

/** Null when the text is no `address/prefix`. Host bits may be set: they are cut off. */
export function parseCidr(text: string): Cidr | null {
  const slash = text.indexOf('/');
  const ip = slash > 0 ? parseIp(text.slice(0, slash)) : null;
  const length = text.slice(slash + 1);
  if (!ip || !/^\d{1,3}$/.test(length) || Number(length) > bits(ip.version)) return null;
  const prefix = Number(length);
  const size = 1n << BigInt(bits(ip.version) - prefix);
  const first = (ip.value / size) * size;
  return { version: ip.version, prefix, first, last: first + size - 1n };
}

export const formatCidr = (cidr: Cidr): string => `${formatIp(cidr.version, cidr.first)}/${cidr.prefix}`;

export const contains = (range: Range, value: bigint): boolean => range.first <= value && value <= range.last;
export const overlaps = (a: Range, b: Range): boolean => a.first <= b.last && b.first <= a.last;

/** The database's key of an address: 8 or 32 hex digits, which sort as the numbers do. */
export const ipKey = (version: IpVersion, value: bigint): string =>
  value.toString(16).padStart(version === 4 ? 8 : 32, '0');

/** The number behind a key. */
export const keyValue = (key: string): bigint => BigInt(`0x${key}`);

/** The text behind a key. */
export const keyText = (key: string): string =>
  key.length === 8
    ? `${parseInt(key.slice(0, 2), 16)}.${parseInt(key.slice(2, 4), 16)}.${parseInt(key.slice(4, 6), 16)}.${parseInt(key.slice(6), 16)}`
    : formatIp(6, keyValue(key));

/** The key of an address's text; null when it is none. */
export function textKey(text: string): string | null {
  const ip = parseIp(text);
  return ip && ipKey(ip.version, ip.value);
}

/** The address that a host gives itself in a /64 by its MAC address (RFC 4291, modified EUI-64). */
export function eui64(prefix: bigint, mac: string): bigint {
  const bytes = mac.split(':').map((part) => parseInt(part, 16));
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0] = bytes;
  const id = [a ^ 2, b, c, 0xff, 0xfe, d, e, f].reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
  return prefix | id;
}
