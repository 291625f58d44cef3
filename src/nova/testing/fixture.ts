import type { HttpApp } from '#common/api/app.ts';
import { unauthorized } from '#common/api/errors.ts';
import type { RequestContext } from '#common/auth/context.ts';
import { createEnforcer } from '#common/auth/policy.ts';
import type { Bus, Notification } from '#common/bus/bus.ts';
import { createMemoryBus } from '#common/bus/memory.ts';
import { isoMicros, systemClock } from '#common/clock.ts';
import { fromObject, loadConfig } from '#common/config/load.ts';
import type { Database } from '#common/db/database.ts';
import type { VolumeClient } from '#clients/volume.ts';
import { openDatabase } from '#common/db/open.ts';
import { randomIds } from '#common/ids.ts';
import { createOperationRunner, type OperationRunner } from '#common/operations/runner.ts';
import { silentLogger, type Logger } from '#common/telemetry/log.ts';
import { createComputeApp, type NovaServices } from '../api/app.ts';
import { createNovaServices } from '../api/services.ts';
import { createComputeCalls } from '../conductor/compute-calls.ts';
import { definitionsOf } from '../conductor/definitions.ts';
import { conductorHandlers } from '../conductor/handlers.ts';
import { novaOptions, type NovaConfig } from '../config.ts';
import { consoleAuthHandlers } from '../consoleauth/daemon.ts';
import { createHostDirectory } from '../hosts/directory.ts';
import { reportNode } from '../hosts/nodes-rows.ts';
import { seeService } from '../hosts/services-rows.ts';
import { novaMigrations } from '../migrations/index.ts';
import { createNetworkCatalog } from '../networks/info.ts';
import { createNetworkRefresher } from '../networks/refresh.ts';
import { createNotify } from '../notifications.ts';
import { ownerOf } from '../operations/journal.ts';
import { novaPolicies } from '../policies.ts';
import { certRpc, computeRpc, conductorRpc, consoleAuthRpc, schedulerRpc } from '../rpc.ts';
import { filtersNamed } from '../scheduler/filters/index.ts';
import { Scheduler } from '../scheduler/scheduler.ts';
import type { NovaTables } from '../tables.ts';
import type { HostResources } from '../virt/driver.ts';
import { fakeCert } from './fake-cert.ts';
import { FakeCompute } from './fake-compute.ts';
import { FakeImages } from './fake-image.ts';
import { FakeNetwork } from './fake-network.ts';
import { FakeVolumes } from './fake-volume.ts';

/** A token says who brings it: `project` or `project/admin`. */
export const contextOf = (token: string, requestId: string): RequestContext => {
  const [project = '', role = 'member'] = token.split('/');
  return {
    requestId,
    userId: `user-of-${project}`,
    userName: project,
    userDomainId: 'default',
    projectId: project,
    projectName: project,
    projectDomainId: 'default',
    roles: [role],
    isAdmin: role === 'admin',
    token,
  };
};

export interface Answer {
  readonly status: number;
  readonly headers: Record<string, unknown>;
  // Tests look into bodies of all shapes.
  readonly body: any; // eslint-disable-line @typescript-eslint/no-explicit-any
}

/** Nova with everything around it simulated, in this process. */
export interface NovaFixture {
  readonly app: HttpApp;
  /** What the API stands on; the EC2 API stands on it too. */
  readonly services: NovaServices;
  readonly db: Database<NovaTables>;
  readonly bus: Bus;
  readonly conf: NovaConfig;
  readonly network: FakeNetwork;
  readonly images: FakeImages;
  readonly volumes: FakeVolumes;
  readonly computes: Map<string, FakeCompute>;
  readonly notifications: Notification[];
  runner: OperationRunner;
  /** The demo project's network. */
  readonly demoNet: { readonly id: string };
  readonly imageId: string;
  addHost(host: string, resources?: Partial<HostResources>): Promise<FakeCompute>;
  request(method: string, url: string, options?: RequestOptions): Promise<Answer>;
  /** Starts a conductor on another view of the database, as after a restart. */
  startConductor(db?: Database<NovaTables>): Promise<void>;
  /** Resolves when no operation runs. */
  settled(): Promise<void>;
  close(): Promise<void>;
}
export interface RequestOptions {
  readonly token?: string | null;
  readonly body?: unknown;
  readonly version?: string;
  readonly headers?: Record<string, string>;
}

export const testHost = 'controller';

export async function novaFixture(
  options: {
    readonly conf?: Record<string, string | number | boolean>;
    /** Serial consoles are enabled unless told. */
    readonly serial?: boolean;
    readonly hosts?: readonly string[];
    readonly url?: string;
    readonly log?: Logger;
    /** A Cinder instead of the one in memory, by token. */
    readonly cinder?: (token: string) => VolumeClient;
  } = {},
): Promise<NovaFixture> {
  const clock = systemClock;
  const ids = randomIds;
  const log = options.log ?? silentLogger;
  const conf = loadConfig(
    novaOptions,
    fromObject(
      {
        DEFAULT: { quota_instances: 1000, quota_cores: -1, quota_ram: -1, vif_plugging_timeout: 5, ...options.conf },
        serial_console: { enabled: options.serial ?? true },
      },
      'test',
    ),
  );
  const db = await openDatabase<NovaTables>(options.url ?? 'sqlite://', { log });
  await db.migrate(novaMigrations(db.dialect, clock));
  const bus = createMemoryBus({ log });
  const network = new FakeNetwork();
  const images = new FakeImages();
  const volumes = new FakeVolumes();
  network.addGroup('default', 'demo');
  const demoNet = network.addNetwork('demo-net', 'demo');
  const { id: imageId } = images.add('cirros');
  const enforcer = createEnforcer(novaPolicies);
  const service = network.client(null);
  const notifications: Notification[] = [];
  await bus.subscribe('compute.', (notification) => notifications.push(notification));

  const services = createNovaServices({
    db,
    conf,
    clock,
    ids,
    log,
    bus,
    host: testHost,
    enforcer,
    imageAs: ({ isAdmin, projectId }) => images.client(isAdmin ? null : projectId),
    volumeAs: ({ isAdmin, projectId, token }) =>
      options.cinder?.(token ?? '') ?? volumes.client(isAdmin ? null : projectId),
    networkAs: ({ isAdmin, projectId }) => network.client(isAdmin ? null : projectId),
    network: service,
    glanceUrl: 'http://127.0.0.1:9292',
  });
  const app = createComputeApp(
    services,
    {
      enforcer,
      authenticate: (token, requestId) => {
        if (!token) throw unauthorized('The request you have made requires authentication.');
        return contextOf(token, requestId);
      },
    },
    { log },
  );

  const directory = createHostDirectory({ db, clock, conf });
  const scheduler = new Scheduler({ db, clock, conf, filters: filtersNamed(conf.DEFAULT.scheduler_default_filters) });
  await bus.serve(schedulerRpc, testHost, {
    selectDestinations: ({ request }) => scheduler.select(request),
    tryFlavors: async ({ request }) => ({ flavors: await scheduler.tryFlavors(request) }),
  });
  await bus.serve(
    consoleAuthRpc,
    testHost,
    consoleAuthHandlers({ db, clock, compute: bus.client(computeRpc), ttlSeconds: 600 }),
  );
  await bus.serve(certRpc, testHost, fakeCert);
  const computes = new Map<string, FakeCompute>();
  const addHost = async (host: string, resources: Partial<HostResources> = {}): Promise<FakeCompute> => {
    const now = isoMicros(clock.now());
    const compute = new FakeCompute(host);
    compute.upload = (imageId, content) => images.fill(imageId, content);
    computes.set(host, compute);
    await seeService(db.query, { id: ids.uuid(), binary: 'nova-compute', host, topic: 'compute', now });
    await reportNode(db.query, {
      id: ids.uuid(),
      host,
      resources: FakeCompute.resources({ hypervisorHostname: host, ...resources }),
      now,
    });
    await bus.serve(computeRpc, host, compute.handlers());
    return compute;
  };

  let conductor: { close(): Promise<void> } | undefined;
  const fixture: NovaFixture = {
    app,
    services,
    db,
    bus,
    conf,
    network,
    images,
    volumes,
    computes,
    notifications,
    demoNet,
    imageId,
    runner: undefined as unknown as OperationRunner,
    addHost,
    async request(method, url, { token = 'demo', body, version, headers = {} } = {}) {
      const answer = await app.fastify.inject({
        method: method as 'GET',
        url,
        headers: {
          host: '127.0.0.1:8774',
          ...(token !== null && { 'x-auth-token': token }),
          ...(version !== undefined && { 'openstack-api-version': `compute ${version}` }),
          ...headers,
        },
        ...(body !== undefined && { payload: body as object }),
      });
      const type = String(answer.headers['content-type'] ?? '');
      return {
        status: answer.statusCode,
        headers: answer.headers,
        body: answer.body === '' || !type.includes('json') ? answer.body : answer.json(),
      };
    },
    async startConductor(own = db) {
      await conductor?.close();
      const runner = createOperationRunner({
        db: own,
        owner: ownerOf(testHost),
        definitions: definitionsOf({
          db: own,
          conf,
          clock,
          directory,
          network: service,
          images: images.client(null),
          volume: options.cinder?.('service/admin') ?? volumes.client(null),
          catalog: createNetworkCatalog(service, clock),
          integrationBridge: 'br-int',
          refresher: createNetworkRefresher({
            db: own,
            network: service,
            catalog: createNetworkCatalog(service, clock),
            integrationBridge: 'br-int',
            log,
          }),
          compute: createComputeCalls({ compute: bus.client(computeRpc), directory, clock }),
          scheduler: bus.client(schedulerRpc),
          consoleAuth: bus.client(consoleAuthRpc),
          notify: createNotify(bus, 'compute', testHost, log),
        }),
        clock,
        ids,
        log,
      });
      fixture.runner = runner;
      conductor = await bus.serve(conductorRpc, testHost, conductorHandlers({ db: own, clock, ids, runner, log }));
    },
    async settled() {
      // A launch is on its way as a message: the journal is read here, whether it has come or not.
      await fixture.runner.resume();
      await fixture.runner.idle();
    },
    async close() {
      await fixture.runner.stop();
      await bus.close();
      await app.fastify.close();
      await db.close();
    },
  };
  await fixture.startConductor();
  for (const host of options.hosts ?? ['compute1']) await addHost(host);
  return fixture;
}
