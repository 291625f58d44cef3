/** A small Keystone for tests: in memory (or on a given database), cheap passwords, a clock that tests move. */
import { createEnforcer } from '#common/auth/policy.ts';
import type { Clock } from '#common/clock.ts';
import { fromObject, loadConfig, type PlainValue } from '#common/config/load.ts';
import type { Database } from '#common/db/database.ts';
import { openDatabase } from '#common/db/open.ts';
import { randomIds } from '#common/ids.ts';
import { silentLogger } from '#common/telemetry/log.ts';
import type { HttpApp } from '#common/api/app.ts';
import { createKeystoneApp } from '../api/app.ts';
import { carryOut, type IdentityPlan, type PlannedIds } from '../bootstrap.ts';
import { keystoneOptions } from '../config.ts';
import { createIdentity, type Identity } from '../identity.ts';
import { keystoneMigrations } from '../migrations/index.ts';
import { keystonePolicies } from '../policies.ts';
import type { KeystoneTables } from '../tables.ts';

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly text: string;
  // The tests look into whatever the API answers.
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  readonly body: any;
}

export interface CallOptions {
  readonly token?: string;
  readonly subject?: string;
  readonly port?: 'public' | 'admin';
  readonly headers?: Readonly<Record<string, string>>;
}

export interface TestCloud {
  readonly db: Database<KeystoneTables>;
  readonly identity: Identity;
  readonly ids: PlannedIds;
  readonly apps: Readonly<Record<'public' | 'admin', HttpApp>>;
  readonly clock: Clock & { advance(milliseconds: number): void };
  /** `call('GET', '/v3/projects', undefined, { token })` */
  call(method: string, path: string, body?: unknown, options?: CallOptions): Promise<Answer>;
  /** A v3 token of one of the users, for a project by name unless `null`. */
  token(user: 'admin' | 'demo' | 'glance', project?: string | null): Promise<string>;
  close(): Promise<void>;
}

export const adminToken = '0123456789abcdef0123';
const root = 'http://controller:5000';

export const plan: IdentityPlan = {
  region: 'RegionOne',
  projects: [{ name: 'admin', description: 'Admin Tenant' }, { name: 'demo' }, { name: 'service' }],
  roles: ['admin', 'member', 'reader', 'service'],
  implied: { admin: ['member'], member: ['reader'] },
  users: [
    { name: 'admin', password: 'adminpass', email: 'admin@example.org', project: 'admin' },
    { name: 'demo', password: 'demopass' },
    { name: 'glance', password: 'glancepass', project: 'service' },
  ],
  grants: [
    { user: 'admin', role: 'admin', project: 'admin' },
    { user: 'admin', role: 'admin' },
    { user: 'demo', role: 'member', project: 'demo' },
    { user: 'glance', role: 'service', project: 'service' },
  ],
  services: [
    {
      name: 'keystone',
      type: 'identity',
      description: 'Identity',
      urls: { public: `${root}/v3`, internal: `${root}/v3`, admin: 'http://controller:35357/v3' },
    },
    {
      name: 'nova',
      type: 'compute',
      urls: { public: 'http://controller:8774/v2/%(tenant_id)s', admin: 'http://controller:8774/v2/$(tenant_id)s' },
    },
  ],
};

type Sections = Readonly<Record<string, Readonly<Record<string, PlainValue>>>>;

/** @param url of an empty database; in memory unless given */
export async function startTestCloud(settings: Sections = {}, url = 'sqlite://'): Promise<TestCloud> {
  let now = Date.parse('2026-11-23T01:03:16.000Z');
  const clock = {
    now: () => new Date(now),
    advance: (milliseconds: number) => void (now += milliseconds),
  };
  const base = {
    DEFAULT: { admin_token: adminToken },
    identity: { password_hash_rounds: 4 },
    token: { provider: 'uuid' },
  };
  const source = { values: [...fromObject(base, 'test').values, ...fromObject(settings, 'test').values] };
  const config = loadConfig(keystoneOptions, source);
  const db = await openDatabase<KeystoneTables>(url, { log: silentLogger });
  await db.migrate(keystoneMigrations);
  const enforcer = createEnforcer(keystonePolicies);
  const identity = await createIdentity({ db, config, enforcer, clock, ids: randomIds, log: silentLogger });
  const ids = await carryOut(plan, identity);
  const apps = {
    public: createKeystoneApp('public', { identity, enforcer, log: silentLogger }),
    admin: createKeystoneApp('admin', { identity, enforcer, log: silentLogger }),
  };
  const call: TestCloud['call'] = async (
    method,
    path,
    body,
    { token, subject, port = 'public', headers = {} } = {},
  ) => {
    const answer = await apps[port].fastify.inject({
      method: method as 'GET',
      url: path,
      headers: {
        host: 'controller:5000',
        ...headers,
        ...(token !== undefined && { 'x-auth-token': token }),
        ...(subject !== undefined && { 'x-subject-token': subject }),
      },
      ...(body !== undefined && { payload: body as object }),
    });
    const json = String(answer.headers['content-type']).startsWith('application/json');
    return {
      status: answer.statusCode,
      headers: answer.headers as Record<string, string | undefined>,
      text: answer.payload,
      body: json && answer.payload !== '' ? (JSON.parse(answer.payload) as unknown) : undefined,
    };
  };
  return {
    db,
    identity,
    ids,
    apps,
    clock,
    call,
    token: async (user, project = user === 'glance' ? 'service' : user) => {
      const answer = await call('POST', '/v3/auth/tokens', passwordAuth(user, `${user}pass`, project));
      return answer.headers['x-subject-token'] ?? '';
    },
    close: async () => {
      await apps.public.fastify.close();
      await apps.admin.fastify.close();
      await db.close();
    },
  };
}

/** A v3 sign-in by name and password, in the default domain. */
export const passwordAuth = (name: string, password: string, project?: string | null) => ({
  auth: {
    identity: { methods: ['password'], password: { user: { name, domain: { id: 'default' }, password } } },
    ...(project != null && { scope: { project: { name: project, domain: { id: 'default' } } } }),
  },
});
