import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { constants, deflate, inflateSync } from 'node:zlib';

/**
 * How signed messages are written: PKI tokens as one line of base64 with `-` for `/` (so that they may stand in a path),
 * PKIZ tokens compressed behind a prefix, lists as PEM.
 */
const pkizPrefix = 'PKIZ_';
/** Bytes; a token that unpacks to more is none of ours. */
const largest = 1 << 20;
const deflated = promisify(deflate);

export const isPkiToken = (token: string): boolean => token.startsWith('MII') && token.length > 100;
export const isPkizToken = (token: string): boolean => token.startsWith(pkizPrefix);
/** Whether a token carries what it says under a signature. */
export const isSignedToken = (token: string): boolean => isPkiToken(token) || isPkizToken(token);

export const pkiText = (message: Buffer): string => message.toString('base64').replaceAll('/', '-');
export const pkizText = async (message: Buffer): Promise<string> =>
  pkizPrefix + (await deflated(message, { level: constants.Z_DEFAULT_COMPRESSION })).toString('base64url');

/** The signed message in a token. @throws Error for one that does not unpack */
export function messageOfToken(token: string): Buffer {
  if (!isPkizToken(token)) return Buffer.from(token.replaceAll('-', '/'), 'base64');
  return inflateSync(Buffer.from(token.slice(pkizPrefix.length), 'base64url'), { maxOutputLength: largest });
}

/** A signed token's short name: what services, revocation lists and the database know it by. */
export const tokenHash = (token: string, algorithm: string): string =>
  createHash(algorithm).update(token).digest('hex');

export const pemText = (message: Buffer): string =>
  `-----BEGIN CMS-----\n${(message.toString('base64').match(/.{1,64}/g) ?? []).join('\n')}\n-----END CMS-----\n`;

/** The message in PEM. */
export const messageOfPem = (pem: string): Buffer =>
  Buffer.from(pem.replace(/-----(BEGIN|END) CMS-----/g, ''), 'base64');
