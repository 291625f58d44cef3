import { isoMicros } from '#common/clock.ts';
import type { Ids } from '#common/ids.ts';
import type { Db } from '../changes.ts';
import type { TokenFormat } from './format.ts';
import type { TokenPayload } from './payload.ts';
import { findToken, insertToken, rowId } from './rows.ts';

/** Tokens of 32 hex digits. What they say is in the database, under their hash: reading it gives nobody a token. */
export function uuidFormat({ db, ids }: { readonly db: Db; readonly ids: Ids }): TokenFormat {
  return {
    name: 'uuid',
    async issue(payload) {
      const token = ids.hex32();
      await insertToken(db, {
        id_hash: rowId(token),
        expires_at: isoMicros(new Date(payload.expiresAt)),
        payload: JSON.stringify(payload),
      });
      return token;
    },
    idOf: (token) => token,
    async read(token) {
      const text = await findToken(db, rowId(token));
      return text === undefined ? null : (JSON.parse(text) as TokenPayload);
    },
    unknown: (token) => `Could not find token: ${token}.`,
  };
}
