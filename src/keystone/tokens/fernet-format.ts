import { fernetDecrypt, fernetEncrypt } from './fernet.ts';
import type { FernetKeys } from './fernet-keys.ts';
import type { TokenFormat } from './format.ts';
import { pack, unpack } from './packing.ts';

/** Tokens that carry what they say, encrypted: nothing is kept, any Keystone with the keys can read them. */
export function fernetFormat(keys: FernetKeys): TokenFormat {
  return {
    name: 'fernet',
    issue: async (payload) => fernetEncrypt(keys.all()[0], pack(payload), Math.floor(payload.issuedAt / 1000)),
    idOf: (token) => token,
    async read(token) {
      const message = fernetDecrypt(keys.all(), token);
      return message && unpack(message);
    },
    unknown: () => 'Could not recognize Fernet token',
  };
}
