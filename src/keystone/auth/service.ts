import { forbidden, unauthorized } from '#common/api/errors.ts';
import { isoMicros, type Clock } from '#common/clock.ts';
import type { Logger } from '#common/telemetry/log.ts';
import type { Db } from '../changes.ts';
import { millisecondsOf } from '../api/times.ts';
import type { ApplicationCredentialService } from '../application-credentials/service.ts';
import { authenticationRequired, forbiddenAction } from '../errors.ts';
import type { OauthService } from '../oauth1/service.ts';
import { findProject, findProjectByName } from '../projects/rows.ts';
import type { Delegation, Scope, TokenPayload } from '../tokens/payload.ts';
import type { IssueRequest, TokenProvider, ValidToken } from '../tokens/provider.ts';
import type { TrustService } from '../trusts/service.ts';
import type { PasswordRules } from '../users/password-rules.ts';
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
  readonly trusts: TrustService;
  readonly applicationCredentials: ApplicationCredentialService;
  readonly oauth: OauthService;
  readonly compliance: PasswordRules;
}

interface Proven {
  readonly userId: string;
  readonly defaultProjectId: string | null;
  readonly methods: readonly string[];
  readonly parent?: TokenPayload;
  /** What it is proof of acting by, and on which project alone. */
  readonly delegation?: Delegation;
  readonly projectId?: string;
  readonly notAfter?: number;
}

type Issue = (
  request: Pick<IssueRequest, 'userId' | 'scope' | 'delegation' | 'notAfter'>,
) => Promise<ValidToken | null>;

/** Signing in. Every refusal is the same 401: the reason is in the log only. */
export class AuthService {
  readonly #deps: AuthDeps;

  constructor(deps: AuthDeps) {
    this.#deps = deps;
  }

  /** @throws ApiError 401; 403 for what a token may not be exchanged for, or who is no trustee; 404 trust */
  async authenticate({ proofs, scope, api = 'v3' }: AuthRequest): Promise<ValidToken> {
    let proven: Proven | undefined;
    for (const proof of proofs) {
      const next = await this.#prove(proof);
      if (proven && proven.userId !== next.userId) throw this.#refuse('the methods name different users');
      proven = { ...proven, ...next, methods: [...new Set([...(proven?.methods ?? []), ...next.methods])] };
    }
    if (!proven) throw this.#refuse('no method was given');
    const { methods, parent } = proven;
    const issue = (request: Pick<IssueRequest, 'userId' | 'scope' | 'delegation' | 'notAfter'>) =>
      this.#deps.tokens.issue({ ...request, methods, api, ...(parent && { parent }) });
    const valid =
      scope.kind === 'trust' ? await this.#byTrust(scope.id, proven, issue) : await this.#own(scope, proven, issue);
    if (!valid) throw this.#refuse(`user ${proven.userId} may not have a token for the ${scope.kind} asked for`);
    return valid;
  }

  async #own(scope: Exclude<WantedScope, { kind: 'trust' }>, proven: Proven, issue: Issue): Promise<ValidToken | null> {
    const { userId, delegation, projectId, notAfter } = proven;
    if (delegation && projectId !== undefined) {
      const wanted =
        scope.kind === 'default' ? ({ kind: 'project', id: projectId } as const) : await this.#resolve(scope);
      if (wanted?.kind !== 'project' || wanted.id !== projectId) throw this.#refuse('it is for another project');
      return issue({ userId, scope: wanted, delegation, ...(notAfter !== undefined && { notAfter }) });
    }
    if (scope.kind === 'default' && proven.defaultProjectId !== null) {
      // A default project that the user has lost is no obstacle: the token is for nothing then.
      const implicit = await issue({ userId, scope: { kind: 'project', id: proven.defaultProjectId } });
      if (implicit) return implicit;
    }
    const wanted = await this.#resolve(scope);
    return wanted && issue({ userId, scope: wanted });
  }

  async #byTrust(id: string, { userId, delegation, parent }: Proven, issue: Issue): Promise<ValidToken | null> {
    if (delegation || parent?.delegation) throw forbiddenAction('Use a delegated token to act by a trust');
    const trust = await this.#deps.trusts.consume(id, userId);
    const valid =
      trust.projectId !== null &&
      (await issue({
        userId: trust.impersonation ? trust.trustorId : userId,
        scope: { kind: 'project', id: trust.projectId },
        delegation: { kind: 'trust', id },
        ...(trust.expiresAt !== null && { notAfter: millisecondsOf(trust.expiresAt) }),
      }));
    if (!valid) throw forbidden('Trustee has no delegated roles.');
    return valid;
  }

  #prove(proof: Proof): Promise<Proven> {
    switch (proof.method) {
      case 'password':
        return this.#byPassword(proof);
      case 'token':
        return this.#byToken(proof.token);
      case 'application_credential':
        return this.#byApplicationCredential(proof);
      case 'oauth1':
        return this.#byOauth(proof);
      case 'ec2credential':
        return Promise.resolve({ userId: proof.userId, defaultProjectId: null, methods: ['ec2credential'] });
    }
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
    if (this.#deps.compliance.isInactive(user)) throw this.#refuse(`user ${user.id} has been away for too long`);
    if (this.#deps.compliance.hasExpired(user))
      throw unauthorized(`The password is expired and needs to be changed for user: ${user.id}.`);
    await this.#deps.compliance.seen(db, user);
    return { userId: user.id, defaultProjectId: user.defaultProjectId, methods: ['password'] };
  }

  async #byToken(token: string): Promise<Proven> {
    const valid = await this.#deps.tokens.validate(token);
    if (!valid) throw this.#refuse('the token is not valid');
    const { payload } = valid;
    const right = payload.delegation?.kind;
    if (right === 'trust' || right === 'oauth1')
      throw forbiddenAction(
        `Using ${right === 'trust' ? 'trust' : 'OAuth'}-scoped token to create another token. ` +
          `Create a new ${right === 'trust' ? 'trust' : 'OAuth'}-scoped token instead`,
      );
    if (payload.scope.kind !== 'unscoped' && !this.#deps.rescopeScoped)
      throw forbidden('You are not authorized to perform the requested action: rescope a scoped token.');
    const user = await findUser(this.#deps.db, payload.userId);
    return {
      userId: payload.userId,
      defaultProjectId: user?.defaultProjectId ?? null,
      methods: [...payload.methods, 'token'],
      parent: payload,
      ...(payload.delegation && { delegation: payload.delegation }),
      ...(payload.delegation && 'id' in payload.scope && { projectId: payload.scope.id }),
    };
  }

  async #byApplicationCredential({
    credential,
    secret,
  }: Extract<Proof, { method: 'application_credential' }>): Promise<Proven> {
    const reference =
      'id' in credential ? credential : { name: credential.name, userId: (await this.#find(credential.user))?.id };
    const found = await this.#deps.applicationCredentials.proven(reference, secret);
    if (!found) throw this.#refuse('no such application credential, wrong secret, or it has ended');
    const { id, userId, projectId, expiresAt } = found;
    return {
      userId,
      defaultProjectId: null,
      methods: ['application_credential'],
      delegation: { kind: 'application_credential', id },
      projectId,
      ...(expiresAt !== null && { notAfter: millisecondsOf(expiresAt) }),
    };
  }

  async #byOauth({ signed }: Extract<Proof, { method: 'oauth1' }>): Promise<Proven> {
    const { id, userId, projectId, expiresAt } = await this.#deps.oauth.proven(signed);
    return {
      userId,
      defaultProjectId: null,
      methods: ['oauth1'],
      delegation: { kind: 'oauth1', id },
      projectId,
      ...(expiresAt !== null && { notAfter: millisecondsOf(expiresAt) }),
    };
  }

  #find(reference: UserReference): Promise<UserSecrets | undefined> {
    return 'id' in reference
      ? findUser(this.#deps.db, reference.id)
      : findUserByName(this.#deps.db, reference.name, reference.domain);
  }

  #isLocked({ failedAuthCount, failedAuthAt, options }: UserSecrets): boolean {
    const { lockoutAttempts, lockoutMs, clock } = this.#deps;
    if (options['ignore_lockout_failure_attempts'] === true) return false;
    if (lockoutAttempts === 0 || failedAuthCount < lockoutAttempts) return false;
    return clock.now().getTime() < (failedAuthAt ?? 0) + lockoutMs;
  }

  async #resolve(wanted: Exclude<WantedScope, { kind: 'trust' }>): Promise<Scope | null> {
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
