/** As much of DER (ITU-T X.690) as certificates and signed messages need. */

/** One value as it lies in a message. */
export interface DerValue {
  readonly tag: number;
  readonly contents: Buffer;
  /** The value with its tag and length. */
  readonly whole: Buffer;
}

export const tags = {
  integer: 0x02,
  octetString: 0x04,
  null: 0x05,
  oid: 0x06,
  sequence: 0x30,
  set: 0x31,
  /** `[0]`, holding another value. */
  context0: 0xa0,
} as const;

/** A value of `tag` around its parts. */
export function der(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const contents = Buffer.concat(parts);
  return Buffer.concat([Buffer.of(tag), lengthOf(contents.length), contents]);
}

function lengthOf(length: number): Buffer {
  if (length < 0x80) return Buffer.of(length);
  const bytes: number[] = [];
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) bytes.unshift(rest % 256);
  return Buffer.of(0x80 | bytes.length, ...bytes);
}

/** `1.2.840.113549.1.7.2` */
export function derOid(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  const bytes = [first * 40 + second];
  for (const part of rest) {
    const group = [part % 128];
    for (let high = Math.floor(part / 128); high > 0; high = Math.floor(high / 128)) group.unshift(0x80 | (high % 128));
    bytes.push(...group);
  }
  return der(tags.oid, Buffer.from(bytes));
}

export const derInteger = (small: number): Buffer => der(tags.integer, Buffer.of(small));
export const derNull: Buffer = der(tags.null);

/** The value at `offset`. @throws RangeError when it is cut short or of indefinite length */
export function readDer(bytes: Buffer, offset = 0): DerValue {
  const tag = bytes[offset];
  const first = bytes[offset + 1];
  if (tag === undefined || first === undefined || first === 0x80 || first > 0x84) throw new RangeError('not DER');
  const size = first < 0x80 ? 0 : first & 0x7f;
  const start = offset + 2 + size;
  if (start > bytes.length) throw new RangeError('not DER');
  const length = size === 0 ? first : bytes.readUIntBE(offset + 2, size);
  const end = start + length;
  if (end > bytes.length) throw new RangeError('not DER: cut short');
  return { tag, contents: bytes.subarray(start, end), whole: bytes.subarray(offset, end) };
}

/** The values within a sequence or set. @throws RangeError */
export function derChildren({ contents }: DerValue): DerValue[] {
  const children: DerValue[] = [];
  for (let at = 0; at < contents.length;) {
    const child = readDer(contents, at);
    children.push(child);
    at += child.whole.length;
  }
  return children;
}
