import { keystoneFaults } from '#common/api/faults.ts';
import type { RequestContext } from '#common/auth/context.ts';
import type { Enforcer, PolicyTarget } from '#common/auth/policy.ts';
import type { Clock } from '#common/clock.ts';
import type { Database } from '#common/db/database.ts';
import type { Ids } from '#common/ids.ts';
import type { Logger } from '#common/telemetry/log.ts';
import { ApplicationCredentialService } from './application-credentials/service.ts';
import { AssignmentService } from './assignments/service.ts';
import { AuthService } from './auth/service.ts';
import { CatalogStore } from './catalog/service.ts';
import { Changes } from './changes.ts';
import type { KeystoneConfig } from './config.ts';
import { CredentialService } from './credentials/service.ts';
import { CredentialVault } from './credentials/vault.ts';
import { delegationReader } from './delegations/reader.ts';
import { DomainConfigService } from './domain-config/service.ts';
import { DomainService } from './domains/service.ts';
import { EndpointFilterService } from './endpoint-filter/service.ts';
import { GroupService } from './groups/service.ts';
import { LimitService } from './limits/service.ts';
import { OauthService } from './oauth1/service.ts';
import { PolicyBlobService } from './policy-blobs/service.ts';
import { ProjectService } from './projects/service.ts';
import { RoleService } from './roles/service.ts';
import type { KeystoneTables } from './tables.ts';
import { TokenProvider, type ValidToken } from './tokens/provider.ts';
import { Revocations } from './tokens/revocations.ts';
import { RevokedList } from './tokens/revoked-list.ts';
import { openSigning, type Signing } from './tokens/signing.ts';
import { Subjects } from './tokens/subjects.ts';
import { openTokenFormat } from './tokens/choose-format.ts';
import { TrustService } from './trusts/service.ts';
import { PasswordRules } from './users/password-rules.ts';
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
  readonly trusts: TrustService;
  readonly applicationCredentials: ApplicationCredentialService;
  readonly oauth: OauthService;
  readonly endpointFilter: EndpointFilterService;
  readonly domainConfig: DomainConfigService;
  readonly policyBlobs: PolicyBlobService;
  readonly limits: LimitService;
  readonly subjects: Subjects;
  readonly signing: Signing;
  readonly revokedList: RevokedList;
  readonly clock: Clock;
  readonly config: KeystoneConfig;
  /** What the caller's token means; null for the admin token, which is nobody's. */
  callerToken(ctx: RequestContext): Promise<ValidToken | null>;
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

/** @throws StartupError for a token provider that cannot be, or a setting that makes no sense */
export async function createIdentity(deps: IdentityDeps): Promise<Identity> {
  const { db: database, config, enforcer, clock, ids, log } = deps;
  const db = database.query;
  const defaultDomainId = config.identity.default_domain_id;
  const lifeMs = config.token.expiration * 1000;
  const changes = new Changes({ db: database, clock });
  const revocations = new Revocations({ db, clock, tokenLifeMs: lifeMs });
  const catalog = new CatalogStore({
    db,
    changes,
    ids,
    urlValues: urlValuesOf(config),
    allUnlessFiltered: config.endpoint_filter.return_all_endpoints_if_no_filter,
  });
  const subjects = new Subjects({
    db,
    changes,
    catalog: () => catalog.raw(),
    catalogOf: (raw, values) => catalog.of(raw, values),
    delegations: delegationReader(db),
  });
  changes.listen((touched) => subjects.heard(touched));
  changes.listen((touched) => revocations.heard(touched));
  const passwords = new Passwords({ rounds: config.identity.password_hash_rounds });
  const signing = openSigning(config.signing);
  const format = openTokenFormat(config, { db, ids, signing });
  const tokens = new TokenProvider({ format, subjects, revocations, changes, clock, ids, lifeMs });
  const rules = new PasswordRules({ config: config.security_compliance, clock, passwords });
  const { lockout_failure_attempts: lockoutAttempts, lockout_duration: lockoutSeconds } = config.security_compliance;
  const mayAct = (rule: string, ctx: RequestContext, target: PolicyTarget): boolean =>
    enforcer.allows(rule, ctx, target);
  const projects = new ProjectService({
    db,
    changes,
    revocations,
    ids,
    defaultDomainId,
    maxDepth: config.DEFAULT.max_project_tree_depth,
  });
  const domains = new DomainService({ db, changes, revocations, ids });
  const trusts = new TrustService({
    db,
    changes,
    clock,
    ids,
    allowRedelegation: config.trust.allow_redelegation,
    maxRedelegationCount: config.trust.max_redelegation_count,
  });
  const applicationCredentials = new ApplicationCredentialService({
    db,
    changes,
    passwords,
    clock,
    ids,
    userLimit: config.application_credential.user_limit,
  });
  const oauth = new OauthService({
    db,
    changes,
    clock,
    ids,
    requestSeconds: config.oauth1.request_token_duration,
    accessSeconds: config.oauth1.access_token_duration,
  });
  const vault = new CredentialVault({ folder: config.credential.key_repository, log: log.child('credentials') });
  await changes.look();
  return {
    projects,
    domains,
    users: new UserService({
      db,
      changes,
      revocations,
      passwords,
      ids,
      clock,
      rules,
      defaultDomainId,
      maxPasswordLength: config.identity.max_password_length,
    }),
    groups: new GroupService({ db, changes, ids, defaultDomainId }),
    roles: new RoleService({ db, changes, ids, notImplied: config.assignment.prohibited_implied_role }),
    assignments: new AssignmentService({ db, changes }),
    catalog,
    credentials: new CredentialService({ db, ids, vault, userLimit: config.credential.user_limit }),
    trusts,
    applicationCredentials,
    oauth,
    endpointFilter: new EndpointFilterService({ db, changes, ids, catalog, projects }),
    domainConfig: new DomainConfigService({ db, changes, domains }),
    policyBlobs: new PolicyBlobService({ db, ids }),
    limits: new LimitService({ db, changes, ids, catalog }),
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
      trusts,
      applicationCredentials,
      oauth,
      compliance: rules,
    }),
    revocations,
    subjects,
    signing,
    revokedList: new RevokedList({ db, signing, subjects, revocations, changes, clock }),
    clock,
    config,
    callerToken: async ({ token }) => (token === null ? null : tokens.validate(token)),
    mayAct,
    authorize: (rule, ctx, target) => {
      if (!mayAct(rule, ctx, target)) throw keystoneFaults.forbidden(rule);
    },
  };
}

/** What the URLs of endpoints may refer to of the configuration. */
function urlValuesOf({ DEFAULT: options }: KeystoneConfig): Readonly<Record<string, string>> {
  const { public_bind_host, admin_bind_host, public_port, admin_port, compute_port } = options;
  const { public_endpoint, admin_endpoint } = options;
  const ports = {
    public_port: String(public_port),
    admin_port: String(admin_port),
    compute_port: String(compute_port),
  };
  return {
    public_bind_host,
    admin_bind_host,
    ...ports,
    ...(public_endpoint !== null && { public_endpoint }),
    ...(admin_endpoint !== null && { admin_endpoint }),
  };
}
