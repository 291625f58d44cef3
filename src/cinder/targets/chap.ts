import { randomInt } from 'node:crypto';

const LETTERS = 'ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789';
const word = (length: number): string => Array.from({ length }, () => LETTERS[randomInt(LETTERS.length)]).join('');

/** Name and password with which a compute host proves that it was told of a volume. */
export interface ChapSecret {
  readonly user: string;
  readonly password: string;
}

/** 20 letters each: initiators want 12 at least. */
export const newChapSecret = (): ChapSecret => ({ user: word(20), password: word(20) });

/** As `provider_auth` keeps it. */
export const formatChap = ({ user, password }: ChapSecret): string => `CHAP ${user} ${password}`;

export function parseChap(auth: string | null): ChapSecret | null {
  const [method, user, password] = auth?.split(' ') ?? [];
  return method === 'CHAP' && user && password ? { user, password } : null;
}
