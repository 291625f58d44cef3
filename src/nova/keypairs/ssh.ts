import { createHash, generateKeyPair, X509Certificate } from 'node:crypto';
import { promisify } from 'node:util';
import { badRequest } from '#common/api/errors.ts';

const pairs = (hex: string): string => (hex.match(/../g) ?? []).join(':');

/** Kinds of keys that `sshd` of any age takes. */
const kinds =
  /^(ssh-(rsa|dss|ed25519)|ecdsa-sha2-nistp(256|384|521)|sk-(ssh-ed25519|ecdsa-sha2-nistp256)@openssh\.com)$/;

/** MD5 of the key blob, 16 pairs with colons. @throws ApiError 400 for what is no public key */
export function sshFingerprint(publicKey: string): string {
  const [kind = '', base64 = ''] = publicKey.trim().split(/\s+/);
  const blob = Buffer.from(base64, 'base64');
  const length = blob.length >= 4 ? blob.readUInt32BE(0) : 0;
  // The blob says its kind itself: a key that was cut or mistyped does not.
  if (!kinds.test(kind) || length > 64 || blob.subarray(4, 4 + length).toString() !== kind || blob.length < length + 8)
    throw badRequest('Keypair data is invalid: failed to generate fingerprint');
  return pairs(createHash('md5').update(blob).digest('hex'));
}

/** SHA-1 of an X.509 certificate. @throws ApiError 400 */
export function x509Fingerprint(certificate: string): string {
  try {
    return new X509Certificate(certificate).fingerprint.toLowerCase();
  } catch (cause) {
    throw badRequest('Keypair data is invalid: failed to generate X509 fingerprint', { cause });
  }
}

/** A new RSA pair of 2048 bits: what every guest and every ssh since Icehouse's days can use. */
export async function generateSshKey(comment: string): Promise<{ publicKey: string; privateKey: string }> {
  const { publicKey, privateKey } = await promisify(generateKeyPair)('rsa', { modulusLength: 2048 });
  const { n = '', e = '' } = publicKey.export({ format: 'jwk' });
  const blob = Buffer.concat([field(Buffer.from('ssh-rsa')), integer(e), integer(n)]);
  return {
    publicKey: `ssh-rsa ${blob.toString('base64')} ${comment}`,
    // PKCS #1 is the form that OpenSSH reads at any version.
    privateKey: privateKey.export({ type: 'pkcs1', format: 'pem' }).toString(),
  };
}

const field = (bytes: Buffer): Buffer => {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
};
/** Two's complement: a leading one bit needs a zero byte before it. */
const integer = (base64url: string): Buffer => {
  const bytes = Buffer.from(base64url, 'base64url');
  return field((bytes[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.of(0), bytes]) : bytes);
};
