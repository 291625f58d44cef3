import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { compare, hash } from 'bcrypt';
import { createLimiter, type Limiter } from './limiter.ts';

/** bcrypt looks at no more bytes than these. */
const bcryptBytes = 72;

/** A password that bcrypt can take whole: a longer one stands for its SHA-256. */
const digestible = (password: string): string =>
  Buffer.byteLength(password) <= bcryptBytes ? password : createHash('sha256').update(password).digest('base64');

interface Verified {
  readonly passwordHash: string;
  readonly mac: Buffer;
}

export interface PasswordOptions {
  /** bcrypt's cost. */
  readonly rounds: number;
  /** How many successful verifications are remembered. */
  readonly remembered?: number;
}

/**
 * Hashes and checks passwords, off the main thread and a few at a time. A password that was right once is known again at
 * the price of an HMAC (with a key that only this process has, for the very hash that it was checked against); a wrong
 * one costs the full price each time.
 */
export class Passwords {
  readonly #rounds: number;
  readonly #remembered: number;
  readonly #key = randomBytes(32);
  readonly #verified = new Map<string, Verified>();
  readonly #few: Limiter;
  #decoy: Promise<string> | undefined;

  constructor({ rounds, remembered = 10_000 }: PasswordOptions) {
    this.#rounds = rounds;
    this.#remembered = remembered;
    this.#few = createLimiter(availableParallelism());
  }

  hash(password: string): Promise<string> {
    return this.#few(() => hash(digestible(password), this.#rounds));
  }

  /**
   * Whether it is the user's password. Takes as long for a user who is not there (undefined) as for a wrong password.
   * @param user `passwordHash` null: a user without a password
   */
  async verify(
    user: { readonly id: string; readonly passwordHash: string | null } | undefined,
    password: string,
  ): Promise<boolean> {
    if (!user || user.passwordHash === null) {
      this.#decoy ??= this.hash(randomBytes(16).toString('hex'));
      const decoy = await this.#decoy;
      await this.#few(() => compare(digestible(password), decoy));
      return false;
    }
    const { id, passwordHash } = user;
    const mac = createHmac('sha256', this.#key).update(id).update('\0').update(password).digest();
    const known = this.#verified.get(id);
    if (known && known.passwordHash === passwordHash && timingSafeEqual(known.mac, mac)) return true;
    if (!(await this.#few(() => compare(digestible(password), passwordHash)))) return false;
    this.#verified.delete(id);
    if (this.#verified.size >= this.#remembered) this.#forgetOldest();
    this.#verified.set(id, { passwordHash, mac });
    return true;
  }

  /** Whether a hash is that of the password; for passwords that are no longer in use. */
  matches(passwordHash: string, password: string): Promise<boolean> {
    return this.#few(() => compare(digestible(password), passwordHash));
  }

  #forgetOldest(): void {
    const oldest = this.#verified.keys().next();
    if (!oldest.done) this.#verified.delete(oldest.value);
  }
}
