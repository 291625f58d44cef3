import type { Clock } from '#common/clock.ts';
import type { Ids } from '#common/ids.ts';
import type { Changes, Db } from '../changes.ts';
import type { TokenFormat } from './format.ts';
import { newAuditId, type Delegation, type Scope, type TokenPayload } from './payload.ts';
import type { Revocations } from './revocations.ts';
import type { Subject, Subjects } from './subjects.ts';
import { v2TokenText, v3TokenText } from './view.ts';

/** A token that is valid now, with what it means. */
export interface ValidToken {
  readonly token: string;
  readonly payload: TokenPayload;
  readonly subject: Subject;
}

export interface ProviderDeps {
  readonly format: TokenFormat;
  readonly subjects: Subjects;
  readonly revocations: Revocations;
  readonly changes: Changes;
  readonly clock: Clock;
  readonly ids: Ids;
  /** Milliseconds that a token is valid. */
  readonly lifeMs: number;
  /** How many tokens are remembered; 10 000 unless given. */
  readonly remembered?: number;
}

export interface IssueRequest {
  readonly userId: string;
  readonly scope: Scope;
  readonly methods: readonly string[];
  /** The token that it is made from: the new one ends with it. */
  readonly parent?: TokenPayload;
  readonly delegation?: Delegation;
  /** Milliseconds since 1970: it ends then at the latest. */
  readonly notAfter?: number;
  /** In which API's words a signed token says what it means; v3 unless given. */
  readonly api?: 'v2.0' | 'v3';
}

/** What stands in a signed token where its own text cannot. */
const placeholder = 'placeholder';

/** Issues tokens and says what they mean. */
export class TokenProvider {
  readonly #deps: ProviderDeps;
  readonly #known = new Map<string, ValidToken>();

  constructor(deps: ProviderDeps) {
    this.#deps = deps;
  }

  /** @returns null when the user may not have a token for that scope */
  async issue(request: IssueRequest): Promise<ValidToken | null> {
    const { userId, scope, methods, parent, delegation, notAfter = Infinity, api = 'v3' } = request;
    const { subjects, format, clock, ids, lifeMs, changes } = this.#deps;
    await changes.look();
    const subject = await subjects.of({ userId, scope, ...(delegation && { delegation }) });
    if (!subject) return null;
    const issuedAt = clock.now().getTime();
    const auditId = newAuditId(ids);
    const signed = format.name === 'pki' || format.name === 'pkiz';
    const payload: TokenPayload = {
      userId,
      methods,
      auditIds: parent ? [auditId, parent.auditIds.at(-1) as string] : [auditId],
      issuedAt,
      expiresAt: Math.min(parent?.expiresAt ?? issuedAt + lifeMs, notAfter),
      scope,
      ...(delegation && { delegation }),
      ...(signed && { signedRoles: subject.roles.map((role) => role.id) }),
    };
    const said = { token: placeholder, payload, subject };
    const token = await format.issue(payload, () => (api === 'v3' ? v3TokenText(said, true) : v2TokenText(said)));
    return this.#remember({ token, payload, subject });
  }

  /** Null for a token that is none of ours, has ended, or was revoked. */
  async validate(token: string): Promise<ValidToken | null> {
    const { format, subjects, revocations, clock, changes } = this.#deps;
    await changes.look();
    const id = format.idOf(token);
    const known = this.#known.get(id);
    const payload = known?.payload ?? (await format.read(token));
    if (!payload || payload.expiresAt <= clock.now().getTime()) {
      this.#known.delete(id);
      return null;
    }
    const subject = await subjects.of(payload);
    if (!subject || revocations.has(payload, subject.domainIds)) return null;
    if (known?.subject === subject) return known.token === token ? known : { ...known, token };
    return this.#remember({ token, payload, subject });
  }

  /** Ends it; what was made from it goes on, as in Keystone. */
  async revoke(payload: TokenPayload): Promise<void> {
    const { changes, revocations } = this.#deps;
    await changes.write((trx: Db, touch) => revocations.token(trx, touch, payload));
  }

  /** Keystone's words about a token that is not valid. */
  unknown(token: string): string {
    return this.#deps.format.unknown(token);
  }

  #remember(valid: ValidToken): ValidToken {
    const { remembered = 10_000 } = this.#deps;
    if (this.#known.size >= remembered) this.#known.delete(this.#known.keys().next().value as string);
    // Signed tokens are long: what is kept of one is its id.
    const id = this.#deps.format.idOf(valid.token);
    this.#known.set(id, id === valid.token ? valid : { ...valid, token: id });
    return valid;
  }
}
