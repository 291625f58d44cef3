/** Key pairs in OpenSSH's formats, made of what WebCrypto exports (JWK). RFC 4253 6.6, RFC 8709, OpenSSH's PROTOCOL.key. */

export interface Ed25519Jwk {
  readonly kty: 'OKP';
  /** Base64url, as are all below: the public key, 32 bytes. */
  readonly x: string;
  /** The seed, 32 bytes. */
  readonly d: string;
}
export interface RsaJwk {
  readonly kty: 'RSA';
  readonly n: string;
  readonly e: string;
  readonly d: string;
  readonly p: string;
  readonly q: string;
  readonly qi: string;
}
export type PrivateJwk = Ed25519Jwk | RsaJwk;

type Bytes = Uint8Array<ArrayBuffer>;
const ascii = (text: string): Bytes => new TextEncoder().encode(text);

const concat = (...parts: readonly Bytes[]): Bytes => {
  const all = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
};

const uint32 = (value: number): Bytes => {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value);
  return bytes;
};

/** SSH's `string`: its length, then itself. */
const field = (bytes: Bytes | string): Bytes => {
  const value = typeof bytes === 'string' ? ascii(bytes) : bytes;
  return concat(uint32(value.length), value);
};

export const fromBase64 = (base64: string): Bytes => Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
const fromBase64url = (text: string): Bytes => fromBase64(text.replaceAll('-', '+').replaceAll('_', '/'));
const toBase64 = (bytes: Bytes): string => btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));

/** SSH's `mpint`: two's complement, so a leading one bit needs a zero byte before it; no needless zeros. */
const integer = (base64url: string): Bytes => {
  const bytes = fromBase64url(base64url);
  const start = bytes.findIndex((byte) => byte !== 0);
  const needed = start < 0 ? new Uint8Array() : bytes.slice(start);
  return field((needed[0] ?? 0) >= 0x80 ? concat(Uint8Array.of(0), needed) : needed);
};

function publicBlob(key: PrivateJwk): Bytes {
  return key.kty === 'OKP'
    ? concat(field('ssh-ed25519'), field(fromBase64url(key.x)))
    : concat(field('ssh-rsa'), integer(key.e), integer(key.n));
}

/** The line of `authorized_keys`: `ssh-ed25519 AAAA… comment`. */
export const publicLine = (key: PrivateJwk, comment: string): string =>
  `${key.kty === 'OKP' ? 'ssh-ed25519' : 'ssh-rsa'} ${toBase64(publicBlob(key))} ${comment}`;

/**
 * The private key's file as `ssh -i` takes it, without a passphrase.
 * @param check any 32 bits: the format repeats them to recognise a wrong passphrase
 */
export function privateKeyFile(key: PrivateJwk, comment: string, check: number): string {
  const parts =
    key.kty === 'OKP'
      ? [field('ssh-ed25519'), field(fromBase64url(key.x)), field(concat(fromBase64url(key.d), fromBase64url(key.x)))]
      : [field('ssh-rsa'), ...[key.n, key.e, key.d, key.qi, key.p, key.q].map(integer)];
  const secret = concat(uint32(check), uint32(check), ...parts, field(comment));
  // Padded to the block size of no cipher, which is 8, by 1, 2, 3 …
  const padding = Uint8Array.from({ length: (8 - (secret.length % 8)) % 8 }, (_, at) => at + 1);
  const file = concat(
    ascii('openssh-key-v1\0'),
    ...[field('none'), field('none'), field('')],
    uint32(1),
    field(publicBlob(key)),
    field(concat(secret, padding)),
  );
  const lines = toBase64(file).match(/.{1,70}/g) ?? [];
  return ['-----BEGIN OPENSSH PRIVATE KEY-----', ...lines, '-----END OPENSSH PRIVATE KEY-----', ''].join('\n');
}
