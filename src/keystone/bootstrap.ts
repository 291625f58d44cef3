import { createEnforcer } from '#common/auth/policy.ts';
import type { Clock } from '#common/clock.ts';
import type { ConfigSource } from '#common/config/config.ts';
import { loadConfig } from '#common/config/load.ts';
import type { Ids } from '#common/ids.ts';
import type { Logger } from '#common/telemetry/log.ts';
import type { Interface } from './catalog/model.ts';
import { keystoneOptions, type KeystoneConfig } from './config.ts';
import { openKeystoneDatabase } from './database.ts';
import { createIdentity, type Identity } from './identity.ts';
import { keystoneMigrations } from './migrations/index.ts';
import { keystonePolicies } from './policies.ts';
import { setupFernetKeys } from './tokens/fernet-keys.ts';

/** What a cloud begins with. Everything is found by its name, and made when it is missing. */
export interface IdentityPlan {
  readonly region: string;
  readonly projects?: readonly { readonly name: string; readonly description?: string }[];
  readonly roles?: readonly string[];
  /** Prior role → the roles that it implies, by name. */
  readonly implied?: Readonly<Record<string, readonly string[]>>;
  readonly users?: readonly PlannedUser[];
  /** In the default domain, by name. Without a project: on the whole cloud. */
  readonly grants?: readonly { readonly user: string; readonly role: string; readonly project?: string }[];
  readonly services?: readonly PlannedService[];
}

export interface PlannedUser {
  readonly name: string;
  /** For a user who is made now; one who is there keeps theirs unless `resetPassword` is set. */
  readonly password: string;
  readonly resetPassword?: boolean;
  readonly email?: string;
  /** The default project, by name. */
  readonly project?: string;
}

export interface PlannedService {
  readonly name: string;
  readonly type: string;
  readonly description?: string;
  /** An endpoint that is there with another URL is changed. */
  readonly urls: Readonly<Partial<Record<Interface, string>>>;
}

/** The ids of what was planned, by name. */
export interface PlannedIds {
  readonly projects: Readonly<Record<string, string>>;
  readonly roles: Readonly<Record<string, string>>;
  readonly users: Readonly<Record<string, string>>;
  readonly services: Readonly<Record<string, string>>;
}

export interface BootstrapEnv {
  readonly config: ConfigSource;
  readonly log: Logger;
  readonly clock: Clock;
  readonly ids: Ids;
}

/**
 * Brings the database's tables up to date. @returns the migrations that were applied
 * @throws StartupError
 */
export async function syncIdentity(env: Pick<BootstrapEnv, 'config' | 'log'>): Promise<readonly string[]> {
  const config = loadConfig(keystoneOptions, env.config, (line) => env.log.warn(line));
  const db = await openKeystoneDatabase(config, env.log);
  try {
    return await db.migrate(keystoneMigrations);
  } finally {
    await db.close();
  }
}

/**
 * Makes the tables and what `plan` names, as far as it is missing: a second run changes nothing, an interrupted one is
 * finished. To be run before keystone-all starts, or beside it.
 * @throws StartupError
 */
export async function bootstrapIdentity(plan: IdentityPlan, env: BootstrapEnv): Promise<PlannedIds> {
  const config = withoutTokens(loadConfig(keystoneOptions, env.config, (line) => env.log.warn(line)));
  makeCredentialKeys(config, env.log);
  const db = await openKeystoneDatabase(config, env.log);
  try {
    await db.migrate(keystoneMigrations);
    const identity = await createIdentity({ ...env, db, config, enforcer: createEnforcer(keystonePolicies) });
    return await carryOut(plan, identity);
  } finally {
    await db.close();
  }
}

/** What is needed of tokens here is nothing: a missing key repository must not be in the way. */
export const withoutTokens = (said: KeystoneConfig): KeystoneConfig => ({
  ...said,
  token: { ...said.token, provider: 'uuid' },
  signing: { ...said.signing, token_format: null },
});

/** So that a new cloud encrypts its credentials from the first one on. */
function makeCredentialKeys({ credential: { key_repository: folder } }: KeystoneConfig, log: Logger): void {
  try {
    setupFernetKeys(folder);
  } catch (error) {
    log.warn(`The keys that credentials are encrypted with could not be made: ${(error as Error).message}`);
  }
}

/** The same with services that are open already. */
export async function carryOut(plan: IdentityPlan, identity: Identity): Promise<PlannedIds> {
  const projects = await eachByName(plan.projects ?? [], (project) => ensureProject(identity, project));
  const roles = await eachByName(
    (plan.roles ?? []).map((name) => ({ name })),
    ({ name }) => ensureRole(identity, name),
  );
  const grants = plan.grants ?? [];
  const users = await eachByName(plan.users ?? [], (user) => ensureUser(identity, user, projects));
  for (const [prior, implied] of Object.entries(plan.implied ?? {}))
    for (const name of implied)
      await identity.roles.imply({ priorId: known(roles, prior), impliedId: known(roles, name) });
  for (const { user, role, project } of grants)
    await identity.assignments.grant({
      actor: { kind: 'user', id: known(users, user) },
      roleId: known(roles, role),
      target: project === undefined ? { kind: 'system' } : { kind: 'project', id: known(projects, project) },
    });
  const services = await eachByName(plan.services ?? [], (service) => ensureService(identity, plan.region, service));
  return { projects, roles, users, services };
}

type ById = Record<string, string>;

/** At the same time: hashing a password takes longer than everything else, and has threads of its own. */
async function eachByName<T extends { readonly name: string }>(
  items: readonly T[],
  ensure: (item: T) => Promise<string>,
): Promise<ById> {
  const entries = await Promise.all(items.map(async (item) => [item.name, await ensure(item)] as const));
  return Object.fromEntries(entries);
}

function known(ids: ById, name: string): string {
  const id = ids[name];
  if (id === undefined) throw new Error(`The plan refers to "${name}", which it does not name.`);
  return id;
}

async function ensureProject(
  { projects, config }: Identity,
  { name, description }: { readonly name: string; readonly description?: string },
): Promise<string> {
  const found = await projects.findByName(name, config.identity.default_domain_id);
  return (found ?? (await projects.create({ name, description }))).id;
}

async function ensureRole({ roles }: Identity, name: string): Promise<string> {
  const [found] = await roles.list({ name });
  return (found ?? (await roles.create({ name }))).id;
}

async function ensureUser({ users, config }: Identity, user: PlannedUser, projects: ById): Promise<string> {
  const { name, password, email, project, resetPassword = false } = user;
  const found = await users.findByName(name, config.identity.default_domain_id);
  if (found) {
    // A password that is right already is left alone: setting it would end the user's tokens.
    if (resetPassword && !(await users.hasPassword(found.id, password))) await users.update(found.id, { password });
    return found.id;
  }
  const defaultProjectId = project === undefined ? null : known(projects, project);
  return (await users.create({ name, password, defaultProjectId, extra: email === undefined ? {} : { email } })).id;
}

async function ensureService({ catalog }: Identity, regionId: string, planned: PlannedService): Promise<string> {
  const { name, type, description, urls } = planned;
  const [found] = await catalog.services({ type, name });
  const { id: serviceId } = found ?? (await catalog.createService({ name, type, description }));
  const endpoints = await catalog.endpoints({ serviceId, regionId });
  const wanted = Object.entries(urls) as [Interface, string][];
  if (endpoints.length === 0) {
    await catalog.createLegacyEndpoint(wanted.map(([face, url]) => ({ interface: face, url, serviceId, regionId })));
    return serviceId;
  }
  for (const [face, url] of wanted) {
    const endpoint = endpoints.find((one) => one.interface === face);
    if (!endpoint) await catalog.createEndpoint({ interface: face, url, serviceId, regionId });
    else if (endpoint.url !== url) await catalog.updateEndpoint(endpoint.id, { url });
  }
  return serviceId;
}
