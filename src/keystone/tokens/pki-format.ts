import { isSignedToken, pkiText, pkizText, tokenHash } from '#common/auth/cms/token-text.ts';
import { isoMicros } from '#common/clock.ts';
import type { Db } from '../changes.ts';
import type { TokenFormat } from './format.ts';
import type { TokenPayload } from './payload.ts';
import { findToken, insertToken, rowId } from './rows.ts';
import type { Signing } from './signing.ts';

export interface PkiDeps {
  readonly db: Db;
  readonly signing: Signing;
  /** `md5`: how long tokens are named. */
  readonly hashAlgorithm: string;
  /** Compressed. */
  readonly compressed: boolean;
}

/**
 * Tokens that carry what they say under Keystone's signature (CMS), so that services need not ask about each. They are kept
 * too, under their hash: Keystone itself looks them up as it does UUID tokens, and can say which were revoked.
 */
export function pkiFormat({ db, signing, hashAlgorithm, compressed }: PkiDeps): TokenFormat {
  const idOf = (token: string): string => (isSignedToken(token) ? tokenHash(token, hashAlgorithm) : token);
  return {
    name: compressed ? 'pkiz' : 'pki',
    idOf,
    async issue(payload, say) {
      const message = await signing.sign(Buffer.from(say()));
      const token = compressed ? await pkizText(message) : pkiText(message);
      const id = idOf(token);
      await insertToken(db, {
        id_hash: rowId(id),
        expires_at: isoMicros(new Date(payload.expiresAt)),
        payload: JSON.stringify(payload),
        listed_id: id,
      });
      return token;
    },
    async read(token) {
      const text = await findToken(db, rowId(idOf(token)));
      return text === undefined ? null : (JSON.parse(text) as TokenPayload);
    },
    unknown: (token) => `Could not find token: ${idOf(token)}.`,
  };
}
