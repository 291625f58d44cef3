import { createCipheriv, createDecipheriv, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

/**
 * Fernet (github.com/fernet/spec, version 0x80): AES-128-CBC under HMAC-SHA256. Tokens can be read by any other
 * implementation that has the key. Padding characters are left out, as Keystone does.
 */
export interface FernetKey {
  readonly signing: Buffer;
  readonly encryption: Buffer;
}

const version = 0x80;
const [headLength, macLength] = [25, 32]; // version, time, iv; signature

/** 32 random bytes in base64url, as a key file holds them. */
export const newFernetKey = (): string => randomBytes(32).toString('base64url') + '=';

/** @returns null for a text that is no key */
export function parseFernetKey(text: string): FernetKey | null {
  const bytes = Buffer.from(text.trim(), 'base64url');
  return bytes.length === 32 ? { signing: bytes.subarray(0, 16), encryption: bytes.subarray(16) } : null;
}

/** @param seconds since 1970, readable without the key */
export function fernetEncrypt(key: FernetKey, message: Buffer, seconds: number): string {
  const head = Buffer.alloc(headLength);
  head.writeUInt8(version, 0);
  head.writeBigUInt64BE(BigInt(seconds), 1);
  randomBytes(16).copy(head, 9);
  const cipher = createCipheriv('aes-128-cbc', key.encryption, head.subarray(9));
  const signed = Buffer.concat([head, cipher.update(message), cipher.final()]);
  const mac = createHmac('sha256', key.signing).update(signed).digest();
  return Buffer.concat([signed, mac]).toString('base64url');
}

/** The message; null when none of the keys fits or the token was altered. */
export function fernetDecrypt(keys: readonly FernetKey[], token: string): Buffer | null {
  const bytes = Buffer.from(token, 'base64url');
  if (bytes.length < headLength + 16 + macLength || bytes[0] !== version) return null;
  const signed = bytes.subarray(0, -macLength);
  const mac = bytes.subarray(-macLength);
  for (const key of keys) {
    if (!timingSafeEqual(mac, createHmac('sha256', key.signing).update(signed).digest())) continue;
    const decipher = createDecipheriv('aes-128-cbc', key.encryption, signed.subarray(9, headLength));
    return Buffer.concat([decipher.update(signed.subarray(headLength)), decipher.final()]);
  }
  return null;
}
