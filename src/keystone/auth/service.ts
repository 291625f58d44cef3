import { forbidden } from '#common/api/errors.ts';
import { isoMicros, type Clock } from '#common/clock.ts';
import type { Logger } from '#common/telemetry/log.ts';
import type { Db } from '../changes.ts';
import { authenticationRequired } from '../errors.ts';
import { findProject, findProjectByName } from '../projects/rows.ts';
import type { Scope, TokenPayload } from '../tokens/payload.ts';
import type { TokenProvider, ValidToken } from '../tokens/provider.ts';
import type { UserSecrets } from '../users/model.ts';
import type { Passwords } from '../users/passwords.ts';
import { clearFailures, countFailure, findUser, findUserByName } from '../users/rows.ts';
import type { AuthRequest, DomainReference, ProjectReference, Proof, UserReference, WantedScope } from './model.ts';

export interface AuthDeps {
  readonly db: Db;
  readonly tokens: TokenProvider;
  readonly passwords: Passwords;
  readonly clock: Clock;
  readonly log: Logger;
  /** Wrong passwords in a row after which an account is locked; 0: never. */
  readonly lockoutAttempts: number;
  /** Milliseconds that it stays locked. */
  readonly lockoutMs: number;
  /** Whether a token for one project may be exchanged for one for another. */
  readonly rescopeScoped: boolean;
}

interface Proven {
  readonly userId: string;
  readonly defaultProjectId: string | null;
  readonly methods: readonly string[];
  readonly parent?: TokenPayload;
}

/** Signing in. Every refusal is the same 401: the reason is in the log only. */
export class AuthService {
  readonly #deps: AuthDeps;

  constructor(deps: AuthDeps) {
    this.#deps = deps;
  }

  /** @throws ApiError 401; 403 when a scoped token may not be rescoped */
  async authenticate({ proofs, scope }: AuthRequest): Promise<ValidToken> {
    let proven: Proven | undefined;
    for (const proof of proofs) {
      const next = proof.method === 'password' ? await this.#byPassword(proof) : await this.#byToken(proof.token);
      if (proven && proven.userId !== next.userId) throw this.#refuse('the methods name different users');
      proven = { ...proven, ...next, methods: [...new Set([...(proven?.methods ?? []), ...next.methods])] };
    }
    if (!proven) throw this.#refuse('no method was given');
    const { userId, methods, parent } = proven;
    const issue = (granted: Scope): Promise<ValidToken | null> =>
      this.#deps.tokens.issue({ userId, methods, scope: granted, ...(parent && { parent }) });

    if (scope.kind === 'default' && proven.defaultProjectId !== null) {
      // A default project that the user has lost is no obstacle: the token is for nothing then.
      const implicit = await issue({ kind: 'project', id: proven.defaultProjectId });
      if (implicit) return implicit;
    }
    const wanted = await this.#resolve(scope);
    const valid = wanted && (await issue(wanted));
    if (!valid) throw this.#refuse(`user ${userId} may not have a token for the ${scope.kind} asked for`);
    return valid;
  }

  async #byPassword({ user: reference, password }: Extract<Proof, { method: 'password' }>): Promise<Proven> {
    const { db, passwords, lockoutAttempts } = this.#deps;
    const user = await this.#find(reference);
    const locked = user !== undefined && this.#isLocked(user);
    const right = await passwords.verify(locked ? undefined : user, password);
    if (!user) throw this.#refuse('there is no such user');
    if (locked) throw this.#refuse(`user ${user.id} is locked after ${user.failedAuthCount} wrong passwords`);
    if (!right) {
      if (lockoutAttempts > 0) await countFailure(db, user.id, isoMicros(this.#deps.clock.now()));
      throw this.#refuse(`wrong password for user ${user.id}`);
    }
    if (!user.enabled) throw this.#refuse(`user ${user.id} is disabled`);
    if (user.failedAuthCount > 0) await clearFailures(db, user.id);
    return { userId: user.id, defaultProjectId: user.defaultProjectId, methods: ['password'] };
  }

  async #byToken(token: string): Promise<Proven> {
    const valid = await this.#deps.tokens.validate(token);
    if (!valid) throw this.#refuse('the token is not valid');
    const { payload } = valid;
    if (payload.scope.kind !== 'unscoped' && !this.#deps.rescopeScoped)
      throw forbidden('You are not authorized to perform the requested action: rescope a scoped token.');
    const user = await findUser(this.#deps.db, payload.userId);
    return {
      userId: payload.userId,
      defaultProjectId: user?.defaultProjectId ?? null,
      methods: [...payload.methods, 'token'],
      parent: payload,
    };
  }

  #find(reference: UserReference): Promise<UserSecrets | undefined> {
    return 'id' in reference
      ? findUser(this.#deps.db, reference.id)
      : findUserByName(this.#deps.db, reference.name, reference.domain);
  }

  #isLocked({ failedAuthCount, failedAuthAt }: UserSecrets): boolean {
    const { lockoutAttempts, lockoutMs, clock } = this.#deps;
    if (lockoutAttempts === 0 || failedAuthCount < lockoutAttempts) return false;
    return clock.now().getTime() < (failedAuthAt ?? 0) + lockoutMs;
  }

  async #resolve(wanted: WantedScope): Promise<Scope | null> {
    switch (wanted.kind) {
      case 'default':
      case 'unscoped':
        return { kind: 'unscoped' };
      case 'system':
        return { kind: 'system' };
      case 'domain': {
        const id = await this.#domainId(wanted.domain);
        return id === null ? null : { kind: 'domain', id };
      }
      case 'project': {
        const id = await this.#projectId(wanted.project);
        return id === null ? null : { kind: 'project', id };
      }
    }
  }

  async #projectId(reference: ProjectReference): Promise<string | null> {
    if ('id' in reference) return (await findProject(this.#deps.db, reference.id))?.id ?? null;
    const domainId = await this.#domainId(reference.domain);
    if (domainId === null) return null;
    return (await findProjectByName(this.#deps.db, reference.name, domainId))?.id ?? null;
  }

  async #domainId(reference: DomainReference): Promise<string | null> {
    if ('id' in reference) return reference.id;
    return (await findProjectByName(this.#deps.db, reference.name, null))?.id ?? null;
  }

  #refuse(why: string): Error {
    this.#deps.log.debug(`Authentication failed: ${why}`);
    return authenticationRequired();
  }
}
