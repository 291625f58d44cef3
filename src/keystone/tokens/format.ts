import type { TokenPayload } from './payload.ts';

/** What tokens look like, and where what they say is kept. */
export interface TokenFormat {
  readonly name: 'uuid' | 'fernet';
  /** Makes a token. */
  issue(payload: TokenPayload): Promise<string>;
  /** What the token says; null when it is none of ours. Says nothing about its being valid still. */
  read(token: string): Promise<TokenPayload | null>;
  /** Keystone's words about a token that `read` refuses. */
  unknown(token: string): string;
}
