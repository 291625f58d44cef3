import { pemText } from '#common/auth/cms/token-text.ts';
import { isoMicros, isoSeconds, type Clock } from '#common/clock.ts';
import type { Changes, Db } from '../changes.ts';
import type { TokenPayload } from './payload.ts';
import type { Revocations } from './revocations.ts';
import { listSignedTokens } from './rows.ts';
import type { Signing } from './signing.ts';
import type { Subjects } from './subjects.ts';

export interface RevokedListDeps {
  readonly db: Db;
  readonly signing: Signing;
  readonly subjects: Subjects;
  readonly revocations: Revocations;
  readonly changes: Changes;
  readonly clock: Clock;
}

/**
 * The signed list of revoked tokens, for services that verify tokens by themselves: those that were ended, and those that no
 * longer mean what they were signed with (the user is disabled, the project is gone, roles were given or taken).
 */
export class RevokedList {
  readonly #deps: RevokedListDeps;
  #made: { readonly epoch: number; readonly until: number; readonly signed: Promise<string> } | undefined;

  constructor(deps: RevokedListDeps) {
    this.#deps = deps;
  }

  /** PEM. Made again when something has changed, or a minute has passed. @throws ApiError 500 without certificates */
  async signed(): Promise<string> {
    const { changes, clock } = this.#deps;
    await changes.look();
    const now = clock.now().getTime();
    if (this.#made && this.#made.epoch === changes.epoch && now < this.#made.until) return this.#made.signed;
    const signed = this.#make();
    this.#made = { epoch: changes.epoch, until: now + 60_000, signed };
    signed.catch(() => (this.#made = undefined));
    return signed;
  }

  async #make(): Promise<string> {
    const { db, clock, signing } = this.#deps;
    const revoked: { id: string; expires: string }[] = [];
    for (const { id, expiresAt, payload } of await listSignedTokens(db, isoMicros(clock.now())))
      if (!(await this.#holds(JSON.parse(payload) as TokenPayload)))
        revoked.push({ id, expires: isoSeconds(new Date(`${expiresAt}Z`)) });
    return pemText(await signing.sign(Buffer.from(JSON.stringify({ revoked }))));
  }

  async #holds(payload: TokenPayload): Promise<boolean> {
    const subject = await this.#deps.subjects.of(payload);
    if (!subject || this.#deps.revocations.has(payload, subject.domainIds)) return false;
    const signed = new Set(payload.signedRoles);
    return signed.size === subject.roles.length && subject.roles.every((role) => signed.has(role.id));
  }
}
