import { keystoneFaults } from '#common/api/faults.ts';
import type { RequestContext } from '#common/auth/context.ts';
import type { Enforcer, PolicyTarget } from '#common/auth/policy.ts';
import type { Clock } from '#common/clock.ts';
import type { Database } from '#common/db/database.ts';
import type { Ids } from '#common/ids.ts';
import type { Logger } from '#common/telemetry/log.ts';
import { AssignmentService } from './assignments/service.ts';
import { AuthService } from './auth/service.ts';
import { CatalogStore } from './catalog/service.ts';
import { Changes } from './changes.ts';
import type { KeystoneConfig } from './config.ts';
import { CredentialService } from './credentials/service.ts';
import { DomainService } from './domains/service.ts';
import { GroupService } from './groups/service.ts';
import { ProjectService } from './projects/service.ts';
import { RoleService } from './roles/service.ts';
import type { KeystoneTables } from './tables.ts';
import { TokenProvider } from './tokens/provider.ts';
import { Revocations } from './tokens/revocations.ts';
import { Subjects } from './tokens/subjects.ts';
import { openTokenFormat } from './tokens/choose-format.ts';
import { Passwords } from './users/passwords.ts';
import { UserService } from './users/service.ts';

/** All of Keystone's services: what routes, the bootstrap and the manage commands work with. */
export interface Identity {
  readonly projects: ProjectService;
  readonly domains: DomainService;
  readonly users: UserService;
  readonly groups: GroupService;
  readonly roles: RoleService;
  readonly assignments: AssignmentService;
  readonly catalog: CatalogStore;
  readonly credentials: CredentialService;
  readonly tokens: TokenProvider;
  readonly auth: AuthService;
  readonly revocations: Revocations;
  readonly config: KeystoneConfig;
  /** @throws ApiError 403 unless the policy allows it on that target */
  authorize(rule: string, ctx: RequestContext, target: PolicyTarget): void;
  mayAct(rule: string, ctx: RequestContext, target: PolicyTarget): boolean;
}

export interface IdentityDeps {
  readonly db: Database<KeystoneTables>;
  readonly config: KeystoneConfig;
  readonly enforcer: Enforcer;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Logger;
}

/** @throws StartupError for a token provider that cannot be */
export async function createIdentity(deps: IdentityDeps): Promise<Identity> {
  const { db: database, config, enforcer, clock, ids, log } = deps;
  const db = database.query;
  const defaultDomainId = config.identity.default_domain_id;
  const lifeMs = config.token.expiration * 1000;
  const changes = new Changes({ db: database, clock });
  const revocations = new Revocations({ db, clock, tokenLifeMs: lifeMs });
  const catalog = new CatalogStore({ db, changes, ids });
  const subjects = new Subjects({ db, changes, catalog: () => catalog.raw() });
  changes.listen((touched) => subjects.heard(touched));
  changes.listen((touched) => revocations.heard(touched));
  const passwords = new Passwords({ rounds: config.identity.password_hash_rounds });
  const format = openTokenFormat(config, { db, ids });
  const tokens = new TokenProvider({ format, subjects, revocations, changes, clock, ids, lifeMs });
  const { lockout_failure_attempts: lockoutAttempts, lockout_duration: lockoutSeconds } = config.security_compliance;
  const mayAct = (rule: string, ctx: RequestContext, target: PolicyTarget): boolean =>
    enforcer.allows(rule, ctx, target);
  await changes.look();
  return {
    projects: new ProjectService({ db, changes, revocations, ids, defaultDomainId }),
    domains: new DomainService({ db, changes, revocations, ids }),
    users: new UserService({
      db,
      changes,
      revocations,
      passwords,
      ids,
      defaultDomainId,
      maxPasswordLength: config.identity.max_password_length,
    }),
    groups: new GroupService({ db, changes, ids, defaultDomainId }),
    roles: new RoleService({ db, changes, ids }),
    assignments: new AssignmentService({ db, changes }),
    catalog,
    credentials: new CredentialService({ db, ids }),
    tokens,
    auth: new AuthService({
      db,
      tokens,
      passwords,
      clock,
      log: log.child('auth'),
      lockoutAttempts,
      lockoutMs: lockoutSeconds * 1000,
      rescopeScoped: config.token.allow_rescope_scoped_token,
    }),
    revocations,
    config,
    mayAct,
    authorize: (rule, ctx, target) => {
      if (!mayAct(rule, ctx, target)) throw keystoneFaults.forbidden(rule);
    },
  };
}
