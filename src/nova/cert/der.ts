/** DER, as much of it as certificates need (X.690). */

const tags = {
  integer: 0x02,
  bits: 0x03,
  octets: 0x04,
  nothing: 0x05,
  oid: 0x06,
  utf8: 0x0c,
  sequence: 0x30,
  set: 0x31,
} as const;

function length(bytes: number): Buffer {
  if (bytes < 0x80) return Buffer.of(bytes);
  const digits: number[] = [];
  for (let rest = bytes; rest > 0; rest >>>= 8) digits.unshift(rest & 0xff);
  return Buffer.of(0x80 | digits.length, ...digits);
}

/** One element: tag, length, content. */
export const element = (tag: number, ...content: readonly Buffer[]): Buffer => {
  const body = Buffer.concat(content);
  return Buffer.concat([Buffer.of(tag), length(body.length), body]);
};

export const sequence = (...items: readonly Buffer[]): Buffer => element(tags.sequence, ...items);
export const set = (...items: readonly Buffer[]): Buffer => element(tags.set, ...items);
export const octets = (content: Buffer): Buffer => element(tags.octets, content);
export const nothing = (): Buffer => element(tags.nothing);
export const utf8 = (text: string): Buffer => element(tags.utf8, Buffer.from(text));
/** A bit string; `unused` bits at its end do not count. */
export const bits = (content: Buffer, unused = 0): Buffer => element(tags.bits, Buffer.of(unused), content);
export const boolean = (value: boolean): Buffer => element(0x01, Buffer.of(value ? 0xff : 0));

/** A number that is not negative, big endian. */
export function integer(value: Buffer | number): Buffer {
  const raw =
    typeof value === 'number'
      ? Buffer.from(
          value
            .toString(16)
            .padStart(2, '0')
            .replace(/^(.(..)*)$/, '0$1'),
          'hex',
        )
      : value;
  let at = 0;
  while (at < raw.length - 1 && raw[at] === 0) at++;
  const digits = raw.subarray(at);
  // A leading one bit would make it negative.
  return element(tags.integer, (digits[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.of(0), digits]) : digits);
}

/** `2.5.4.3` */
export function oid(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  const bytes = [first * 40 + second];
  for (const arc of rest) {
    const digits = [arc & 0x7f];
    for (let more = arc >>> 7; more > 0; more >>>= 7) digits.unshift((more & 0x7f) | 0x80);
    bytes.push(...digits);
  }
  return element(tags.oid, Buffer.from(bytes));
}

/** UTCTime until 2049, GeneralizedTime after, as RFC 5280 asks. */
export function time(date: Date): Buffer {
  const digits = date
    .toISOString()
    .replace(/\.\d+Z$/, 'Z')
    .replace(/[-:T]/g, '');
  return date.getUTCFullYear() < 2050
    ? element(0x17, Buffer.from(digits.slice(2)))
    : element(0x18, Buffer.from(digits));
}

/** `[n]` around something: what is optional in ASN.1. */
export const explicit = (number: number, content: Buffer): Buffer => element(0xa0 | number, content);

export const pem = (label: string, der: Buffer): string =>
  `-----BEGIN ${label}-----\n${(der.toString('base64').match(/.{1,64}/g) ?? []).join('\n')}\n-----END ${label}-----\n`;
