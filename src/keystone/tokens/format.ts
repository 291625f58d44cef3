import type { TokenPayload } from './payload.ts';

/** What tokens look like, and where what they say is kept. */
export interface TokenFormat {
  readonly name: 'uuid' | 'fernet' | 'pki' | 'pkiz';
  /** Makes a token. @param say what the token means, as a client is told; for formats that carry it */
  issue(payload: TokenPayload, say: () => string): Promise<string>;
  /** What a token is known by: itself, or its hash where tokens are long. A client may bring either. */
  idOf(token: string): string;
  /** What the token says; null when it is none of ours. Says nothing about its being valid still. */
  read(token: string): Promise<TokenPayload | null>;
  /** Keystone's words about a token that `read` refuses. */
  unknown(token: string): string;
}
