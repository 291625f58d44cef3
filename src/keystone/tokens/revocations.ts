import { isoMicros, type Clock } from '#common/clock.ts';
import { givenTime, millisecondsOf } from '../api/times.ts';
import type { Db, Touch, Touched } from '../changes.ts';
import type { TokenPayload } from './payload.ts';
import { insertRevocation, listRevocations, type RevocationRow } from './rows.ts';

export interface RevocationDeps {
  readonly db: Db;
  readonly clock: Clock;
  /** Milliseconds that a token lives at most: an event is needed no longer. */
  readonly tokenLifeMs: number;
}

/** An event as OS-REVOKE shows it: what is not said is not restricted. */
export type RevocationEvent = Readonly<Record<string, string>>;

function eventOf({ audit_id, user_id, project_id, domain_id, issued_before }: RevocationRow): RevocationEvent {
  const time = `${isoMicros(new Date(issued_before))}Z`;
  return {
    ...(audit_id !== null && { audit_id }),
    ...(user_id !== null && { user_id }),
    ...(project_id !== null && { project_id }),
    ...(domain_id !== null && { domain_id }),
    issued_before: time,
    revoked_at: time,
  };
}

/**
 * Tokens that ended early: one of them (by its audit id), or all that a user, a project or a domain had until some
 * moment. Kept in the database, looked up in memory.
 */
export class Revocations {
  readonly #deps: RevocationDeps;
  readonly #audits = new Set<string>();
  readonly #before = new Map<string, number>();

  constructor(deps: RevocationDeps) {
    this.#deps = deps;
  }

  /** Reads what other processes, or this one before its restart, have revoked. */
  async load(): Promise<void> {
    const rows = await listRevocations(this.#deps.db, isoMicros(this.#deps.clock.now()));
    this.#audits.clear();
    this.#before.clear();
    for (const row of rows) this.#remember(row);
  }

  /**
   * What has ended tokens, oldest first.
   * @param since only those after that time @throws ApiError 400 for no such time
   */
  async events(since?: string): Promise<readonly RevocationEvent[]> {
    const after = since === undefined ? -Infinity : millisecondsOf(givenTime(since));
    const rows = await listRevocations(this.#deps.db, isoMicros(this.#deps.clock.now()));
    return rows.filter((row) => row.issued_before > after).map(eventOf);
  }

  /** @param domainIds the user's domain, and that of what the token is for */
  has({ auditIds: [auditId], userId, issuedAt, scope }: TokenPayload, domainIds: readonly string[]): boolean {
    if (this.#audits.has(auditId)) return true;
    if (this.#before.size === 0) return false;
    const ended = (key: string): boolean => issuedAt <= (this.#before.get(key) ?? -1);
    return (
      ended(`user ${userId}`) ||
      (scope.kind === 'project' && ended(`project ${scope.id}`)) ||
      domainIds.some((id) => ended(`domain ${id}`))
    );
  }

  /** Takes in a change that has been committed. */
  async heard(touched: readonly Touched[]): Promise<void> {
    for (const what of touched) if (typeof what === 'object' && 'revoked' in what) this.#remember(what.revoked);
    if (touched.includes('elsewhere')) await this.load();
  }

  /** Ends one token. */
  token(trx: Db, touch: Touch, { auditIds: [auditId] }: TokenPayload): Promise<void> {
    return this.#store(trx, touch, { audit_id: auditId });
  }

  /** Ends all tokens that the user has now. */
  user(trx: Db, touch: Touch, userId: string): Promise<void> {
    return this.#store(trx, touch, { user_id: userId });
  }

  /** Ends all tokens that are for the project now. */
  project(trx: Db, touch: Touch, projectId: string): Promise<void> {
    return this.#store(trx, touch, { project_id: projectId });
  }

  /** Ends all tokens for the domain, or of its users. */
  domain(trx: Db, touch: Touch, domainId: string): Promise<void> {
    return this.#store(trx, touch, { domain_id: domainId });
  }

  async #store(trx: Db, touch: Touch, what: Partial<RevocationRow>): Promise<void> {
    const now = this.#deps.clock.now().getTime();
    const row: RevocationRow = {
      audit_id: null,
      user_id: null,
      project_id: null,
      domain_id: null,
      ...what,
      issued_before: now,
      expires_at: isoMicros(new Date(now + this.#deps.tokenLifeMs)),
    };
    await insertRevocation(trx, row);
    touch({ revoked: row });
  }

  #remember(row: RevocationRow): void {
    if (row.audit_id !== null) this.#audits.add(row.audit_id);
    for (const [kind, id] of [
      ['user', row.user_id],
      ['project', row.project_id],
      ['domain', row.domain_id],
    ] as const) {
      if (id === null) continue;
      const key = `${kind} ${id}`;
      this.#before.set(key, Math.max(row.issued_before, this.#before.get(key) ?? 0));
    }
  }
}
