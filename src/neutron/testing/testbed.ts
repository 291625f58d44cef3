import type { HttpApp } from '#common/api/app.ts';
import { unauthorized } from '#common/api/errors.ts';
import type { RequestContext } from '#common/auth/context.ts';
import { createEnforcer } from '#common/auth/policy.ts';
import type { Bus, Notification } from '#common/bus/bus.ts';
import { createMemoryBus } from '#common/bus/memory.ts';
import type { Clock } from '#common/clock.ts';
import { fromObject, loadConfig, type PlainValue } from '#common/config/load.ts';
import { openDatabase } from '#common/db/open.ts';
import { randomIds } from '#common/ids.ts';
import { silentLogger } from '#common/telemetry/log.ts';
import { neutronServerOptions } from '../config.ts';
import { migrations } from '../migrations/index.ts';
import { neutronPolicies } from '../policies.ts';
import { dhcpAgentRpc, l2AgentRpc, l3AgentRpc, loadBalancerAgentRpc, type AgentReport } from '../rpc.ts';
import { createNeutronApp } from '../server/app.ts';
import { loadServicePlugins } from '../server/service-plugins.ts';
import { createServices, type Services } from '../server/services.ts';
import type { NeutronTables } from '../tables.ts';

export interface Answer {
  readonly status: number;
  /** Parsed; undefined when there is none. */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  readonly body: any;
  readonly headers: Readonly<Record<string, unknown>>;
}

/** A clock that stands until it is moved. */
export interface TestClock extends Clock {
  advance(seconds: number): void;
}

export interface Testbed {
  readonly app: HttpApp;
  readonly services: Services;
  readonly bus: Bus;
  readonly clock: TestClock;
  readonly notifications: readonly Notification[];
  /** What agents were told, in order: `[method, args]`. */
  readonly hints: (readonly [string, unknown])[];
  readonly novaPokes: () => number;
  /** `token` is `role:project`, or '' for none. */
  request(token: string, method: 'GET' | 'POST' | 'PUT' | 'DELETE', url: string, body?: unknown): Promise<Answer>;
  /** As `request`, for what must succeed: the body. */
  ok(token: string, method: 'GET' | 'POST' | 'PUT' | 'DELETE', url: string, body?: unknown): Promise<Answer['body']>;
  report(agent: Partial<AgentReport> & Pick<AgentReport, 'agentType' | 'host'>): Promise<void>;
  /** Resolves when all hints so far were heard. */
  settled(): Promise<void>;
  /** Runs `work` and counts its database queries. */
  counting<R>(work: () => Promise<R>): Promise<{ readonly result: R; readonly queries: readonly string[] }>;
  close(): Promise<void>;
}

export const admin = 'admin:admin-project';
export const member = 'member:demo';
export const stranger = 'member:other';

function contextOf(token: string | undefined, requestId: string): RequestContext {
  const [role, projectId] = (token ?? '').split(':');
  if (!role || !projectId) throw unauthorized('The request you have made requires authentication.');
  return {
    requestId,
    userId: `user-of-${projectId}`,
    userName: projectId,
    userDomainId: 'default',
    projectId: projectId === 'none' ? null : projectId,
    projectName: projectId,
    projectDomainId: 'default',
    roles: [role],
    isAdmin: role === 'admin',
    token: token ?? null,
  };
}

type Sections = Readonly<Record<string, Readonly<Record<string, PlainValue>>>>;

const usual: Sections = {
  ml2: { tenant_network_types: 'gre', mechanism_drivers: 'openvswitch' },
  ml2_type_gre: { tunnel_id_ranges: '1:1000' },
  ml2_type_vxlan: { vni_ranges: '1001:1100' },
  ml2_type_vlan: { network_vlan_ranges: 'physnet1:100:105,physnet2' },
  ml2_type_flat: { flat_networks: 'physnet1' },
  quotas: { quota_port: -1, quota_network: -1, quota_subnet: -1 },
};

export interface TestbedOptions {
  readonly config?: Sections;
  /** In memory unless given. */
  readonly databaseUrl?: string;
}

/** A neutron-server without sockets: SQLite, the in-process bus, tokens that say who asks. */
export async function createTestbed({ config = {}, databaseUrl = 'sqlite://' }: TestbedOptions = {}): Promise<Testbed> {
  const merged = Object.fromEntries(
    [...new Set([...Object.keys(usual), ...Object.keys(config)])].map((section) => [
      section,
      { ...usual[section], ...config[section] },
    ]),
  );
  const conf = loadConfig(neutronServerOptions, fromObject(merged, 'test'));
  const database = await openDatabase<NeutronTables>(databaseUrl, { log: silentLogger });
  await database.migrate(migrations);
  const queries: string[] = [];
  const bus = createMemoryBus();
  const enforcer = createEnforcer(neutronPolicies);
  let now = Date.parse('2014-09-12T08:00:00Z');
  const clock: TestClock = { now: () => new Date(now), advance: (seconds) => void (now += seconds * 1000) };
  let pokes = 0;
  const counted = counting(database, queries);
  const services = createServices({
    conf,
    database: counted,
    bus,
    log: silentLogger,
    clock,
    ids: randomIds,
    enforcer,
    host: 'controller',
    novaEvents: () => void pokes++,
  });
  await services.types.synchronise(services.store.query);
  const notifications: Notification[] = [];
  await bus.subscribe('', (notification) => notifications.push(notification));
  const hints: (readonly [string, unknown])[] = [];
  const hear = (method: string) => (args: unknown) => void hints.push([method, args]);
  await bus.serve(l2AgentRpc, 'listener', {
    portsChanged: hear('portsChanged'),
    portsDeleted: hear('portsDeleted'),
    networkDeleted: hear('networkDeleted'),
    securityGroupsChanged: hear('securityGroupsChanged'),
    tunnelEndpointsChanged: hear('tunnelEndpointsChanged'),
  });
  await bus.serve(dhcpAgentRpc, 'listener', { networksChanged: hear('networksChanged') });
  await bus.serve(l3AgentRpc, 'listener', {
    routersChanged: hear('routersChanged'),
    firewallsChanged: hear('firewallsChanged'),
  });
  await bus.serve(loadBalancerAgentRpc, 'listener', { poolsChanged: hear('poolsChanged') });
  const plugins = await loadServicePlugins(services.plugins, services.forPlugins);
  for (const plugin of plugins) await plugin.serve(bus, 'controller');
  const app = createNeutronApp({
    api: services.api,
    enforcer,
    authenticate: contextOf,
    withRouters: true,
    plugins,
    log: silentLogger,
  });
  const request: Testbed['request'] = async (token, method, url, body) => {
    const answer = await app.fastify.inject({
      method,
      url,
      headers: { 'content-type': 'application/json', ...(token && { 'x-auth-token': token }) },
      ...(body !== undefined && { payload: JSON.stringify(body) }),
    });
    return {
      status: answer.statusCode,
      body: answer.payload === '' ? undefined : (JSON.parse(answer.payload) as unknown),
      headers: answer.headers,
    };
  };
  const settled = async (): Promise<void> => {
    await services.hints.settled();
    await new Promise((resolve) => setImmediate(resolve));
  };
  return {
    app,
    services,
    bus,
    clock,
    notifications,
    hints,
    novaPokes: () => pokes,
    request,
    async ok(token, method, url, body) {
      const answer = await request(token, method, url, body);
      if (answer.status >= 300) throw new Error(`${method} ${url}: ${answer.status} ${JSON.stringify(answer.body)}`);
      return answer.body as unknown;
    },
    async report(agent) {
      await services.handlers.reportState(
        { binary: 'agent', topic: 'N/A', configurations: {}, startup: false, ...agent },
        {},
      );
      await settled();
    },
    settled,
    async counting(work) {
      queries.length = 0;
      const result = await work();
      return { result, queries: [...queries] };
    },
    async close() {
      await services.hints.close();
      await bus.close();
      await app.fastify.close();
      await database.close();
    },
  };
}

type Db = Awaited<ReturnType<typeof openDatabase<NeutronTables>>>;

/** The same database, writing down every statement. */
function counting(database: Db, queries: string[]): Db {
  const plugin: Parameters<Db['query']['withPlugin']>[0] = {
    transformQuery: ({ node }) => {
      queries.push(node.kind);
      return node;
    },
    transformResult: async ({ result }) => result,
  };
  const query = database.query.withPlugin(plugin);
  return {
    dialect: database.dialect,
    query,
    transaction: (work) => database.transaction((trx) => work(trx.withPlugin(plugin))),
    migrate: (all) => database.migrate(all),
    close: () => database.close(),
  };
}

/** A network with one subnet. */
export async function makeNetwork(
  bed: Testbed,
  token: string,
  {
    cidr = '10.77.0.0/24',
    network = {},
    subnet = {},
  }: {
    readonly cidr?: string;
    readonly network?: object;
    readonly subnet?: object;
  } = {},
): Promise<{ readonly networkId: string; readonly subnetId: string }> {
  const made = await bed.ok(token, 'POST', '/v2.0/networks', { network: { name: 'net', ...network } });
  const networkId = made.network.id as string;
  const sub = await bed.ok(token, 'POST', '/v2.0/subnets', {
    subnet: { network_id: networkId, ip_version: 4, cidr, ...subnet },
  });
  return { networkId, subnetId: sub.subnet.id as string };
}

/** An external network with a pool, and nothing else. */
export const makeExternal = (bed: Testbed, network: object = {}): ReturnType<typeof makeNetwork> =>
  makeNetwork(bed, admin, {
    cidr: '172.16.0.0/16',
    network: { name: 'ext-net', 'router:external': true, ...network },
    subnet: {
      gateway_ip: '172.16.0.1',
      enable_dhcp: false,
      allocation_pools: [{ start: '172.16.200.151', end: '172.16.200.180' }],
    },
  });

export const uuidPattern = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$/;
