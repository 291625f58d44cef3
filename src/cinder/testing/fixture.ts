import type { HttpApp } from '#common/api/app.ts';
import { unauthorized } from '#common/api/errors.ts';
import type { RequestContext } from '#common/auth/context.ts';
import { createEnforcer } from '#common/auth/policy.ts';
import type { Bus } from '#common/bus/bus.ts';
import { createMemoryBus } from '#common/bus/memory.ts';
import { systemClock } from '#common/clock.ts';
import { fromObject, loadConfig } from '#common/config/load.ts';
import type { Database } from '#common/db/database.ts';
import { openDatabase } from '#common/db/open.ts';
import { randomIds } from '#common/ids.ts';
import { silentLogger } from '#common/telemetry/log.ts';
import { createVolumeClient, type VolumeClient } from '#clients/volume.ts';
import type { ImageClient } from '#clients/image.ts';
import { createVolumeApp, type CinderServices } from '../api/app.ts';
import { createCinderServices } from '../api/services.ts';
import { cinderOptions } from '../config.ts';
import { cinderMigrations } from '../migrations/index.ts';
import { cinderPolicies } from '../policies.ts';
import type { CinderTables } from '../tables.ts';
import { FakeDaemons } from './fake-daemons.ts';
import { FakeImages } from './fake-images.ts';

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
interface Ask {
  /** Null sends none; the project demo's unless given. */
  readonly token?: string | null;
  readonly body?: unknown;
  readonly version?: string;
  readonly headers?: Record<string, string>;
}

/** Cinder's API over SQLite, its daemons simulated, in this process. */
export interface CinderFixture {
  readonly app: HttpApp;
  readonly db: Database<CinderTables>;
  readonly services: CinderServices;
  readonly bus: Bus;
  readonly daemons: FakeDaemons;
  readonly images: FakeImages;
  /** Event types, in order. */
  readonly notifications: string[];
  /** @param url below `/v3/demo` unless it begins with `/v` */
  request(method: string, url: string, ask?: Ask): Promise<Answer>;
  /** A volume that is available. */
  volume(over?: Record<string, unknown>, token?: string): Promise<{ id: string } & Record<string, unknown>>;
  snapshot(volumeId: string, over?: Record<string, unknown>): Promise<{ id: string } & Record<string, unknown>>;
  /** What other services use, as that token. */
  client(token: string): VolumeClient;
  settled(): Promise<void>;
  close(): Promise<void>;
}

export async function cinderFixture(
  options: {
    readonly conf?: Record<string, string | number | boolean>;
    readonly url?: string;
    readonly backends?: readonly string[];
    readonly daemons?: boolean;
  } = {},
): Promise<CinderFixture> {
  const clock = systemClock;
  const ids = randomIds;
  const log = silentLogger;
  const conf = loadConfig(cinderOptions, fromObject({ DEFAULT: options.conf ?? {} }, 'test'));
  const db = await openDatabase<CinderTables>(options.url ?? 'sqlite://', { log });
  await db.migrate(cinderMigrations(db.dialect, clock));
  const bus = createMemoryBus({ log });
  const images = new FakeImages();
  const notifications: string[] = [];
  await bus.subscribe('volume.', ({ eventType }) => notifications.push(eventType));
  const services = createCinderServices({
    db,
    conf,
    clock,
    ids,
    log,
    bus,
    host: 'controller',
    enforcer: createEnforcer(cinderPolicies),
    imageAs: () => images.client() as ImageClient,
  });
  const app = createVolumeApp(
    services,
    {
      authenticate: (token, requestId) => {
        if (!token) throw unauthorized('The request you have made requires authentication.');
        return contextOf(token, requestId);
      },
    },
    { log },
  );
  const daemons = new FakeDaemons({ db, bus, clock, ids, log, journal: services.kit.journal });
  if (options.daemons ?? true)
    await daemons.start({ host: 'controller', backends: options.backends ?? ['stor1@lvm', 'stor2@lvm'] });

  const request = async (
    method: string,
    url: string,
    { token = 'demo', body, version, headers = {} }: Ask = {},
  ): Promise<Answer> => {
    const project = (token ?? 'demo').split('/')[0];
    const answer = await app.fastify.inject({
      method: method as 'GET',
      url: /^\/(v\d|$)/.test(url) ? url : `/v3/${project}${url}`,
      headers: {
        host: '127.0.0.1:8776',
        ...(token !== null && { 'x-auth-token': token }),
        ...(version !== undefined && { 'openstack-api-version': `volume ${version}` }),
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
  };
  const made = async (method: string, url: string, key: string, ask: Ask) => {
    const answer = await request(method, url, ask);
    if (answer.status >= 300) throw new Error(`${url}: ${answer.status} ${JSON.stringify(answer.body)}`);
    await daemons.settled();
    const { id } = answer.body[key] as { id: string };
    const shown = await request('GET', `${url}/${id}`, { token: ask.token ?? 'demo', version: '3.70' });
    return shown.body[key] as { id: string } & Record<string, unknown>;
  };
  return {
    app,
    db,
    services,
    bus,
    daemons,
    images,
    notifications,
    request,
    volume: (over = {}, token = 'demo') =>
      made('POST', '/volumes', 'volume', { token, version: '3.70', body: { volume: { size: 1, ...over } } }),
    snapshot: (volumeId, over = {}) =>
      made('POST', '/snapshots', 'snapshot', { body: { snapshot: { volume_id: volumeId, ...over } } }),
    client: (token) =>
      createVolumeClient('http://cinder:8776', async ({ method, url, headers = {}, body }) => {
        const answer = await app.fastify.inject({
          method: method as 'GET',
          url: url.replace('http://cinder:8776', ''),
          headers: { ...headers, 'x-auth-token': token },
          ...(typeof body === 'string' && { payload: body }),
        });
        return new Response(answer.body === '' ? null : answer.body, {
          status: answer.statusCode,
          headers: { 'content-type': String(answer.headers['content-type'] ?? '') },
        }) as never;
      }),
    settled: () => daemons.settled(),
    async close() {
      await daemons.stop();
      await bus.close();
      await app.fastify.close();
      await db.close();
    },
  };
}
