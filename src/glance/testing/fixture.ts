import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { HttpApp } from '#common/api/app.ts';
import { unauthorized } from '#common/api/errors.ts';
import { createHttpTransport } from '#common/api/http.ts';
import type { HttpTransport } from '#common/api/transport.ts';
import { adminContext, type RequestContext } from '#common/auth/context.ts';
import { createEnforcer } from '#common/auth/policy.ts';
import type { Clock } from '#common/clock.ts';
import type { Database } from '#common/db/database.ts';
import { openDatabase } from '#common/db/open.ts';
import { randomIds } from '#common/ids.ts';
import { createOperationRunner, type OperationRunner } from '#common/operations/runner.ts';
import { silentLogger } from '#common/telemetry/log.ts';
import { createGlanceApp, createRegistryApp } from '../api.ts';
import { DigestFactory } from '../data/digests.ts';
import { createDataService, type DataService } from '../images/data-service.ts';
import { importMethods, importOperation } from '../images/import.ts';
import { createImportService } from '../images/import-service.ts';
import { createMetadefService } from '../metadefs/service.ts';
import { fixtureSettings } from './store-settings.ts';
import { createStaging } from '../stores/staging.ts';
import { createImageService, type ImageService } from '../images/service.ts';
import { createMemberService } from '../members/service.ts';
import { glanceMigrations } from '../migrations/index.ts';
import { glancePolicies } from '../policies.ts';
import { openStores, type Stores } from '../stores/stores.ts';
import type { GlanceTables } from '../tables.ts';

/** Contexts of the tokens `alice`, `bob` and `admin`; each is a member of the project of the same name. */
export function contextOf(token: string | undefined, requestId: string): RequestContext {
  if (token === undefined || !['alice', 'bob', 'admin'].includes(token))
    throw unauthorized('The request you have made requires authentication.');
  const isAdmin = token === 'admin';
  return {
    ...adminContext(requestId),
    isAdmin,
    roles: isAdmin ? ['admin'] : ['member'],
    userId: `user-${token}`,
    projectId: token,
    token,
  };
}

export interface GlanceFixture {
  readonly app: HttpApp;
  readonly registry: HttpApp;
  readonly db: Database<GlanceTables>;
  readonly images: ImageService;
  readonly data: DataService;
  readonly stores: Stores;
  readonly operations: OperationRunner;
  readonly folder: string;
  readonly transport: HttpTransport;
  close(): Promise<void>;
}

export interface FixtureOptions {
  /** The database's URL; SQLite unless given. */
  readonly database?: string;
  /** Keeps data and database here, across runs; a new folder, and a database in memory, unless given. */
  readonly folder?: string;
  readonly storageQuota?: number;
  readonly sizeCap?: number;
  readonly strictFormat?: boolean;
  /** Names of file stores beside `file`. */
  readonly moreStores?: readonly string[];
  readonly quotas?: { readonly properties: number; readonly tags: number };
}

/** No two readings are the same, so that rows have an order in time. */
function tickingClock(): Clock {
  let last = 0;
  return { now: () => new Date((last = Math.max(Date.now(), last + 1))) };
}

/** A whole Glance over SQLite in memory and a folder of its own, for tests. */
export async function glanceFixture(options: FixtureOptions = {}): Promise<GlanceFixture> {
  const kept = options.folder;
  const folder = kept === undefined ? await mkdtemp(join(tmpdir(), 'igloo-glance-')) : join(kept, 'images');
  const log = silentLogger;
  const ids = randomIds;
  const clock = tickingClock();
  const url = options.database ?? (kept === undefined ? 'sqlite://' : `sqlite:///${join(kept, 'glance.sqlite')}`);
  const db = await openDatabase<GlanceTables>(url, { log });
  await db.migrate(glanceMigrations);
  const transport = createHttpTransport();
  const urlFilter = { schemes: ['http', 'https'], ports: [], deniedHosts: ['169.254.169.254'] };
  const specs = ['file', ...(options.moreStores ?? [])].map((name) => ({
    name,
    driver: 'file',
    settings: { ...fixtureSettings, filesystem_store_datadir: name === 'file' ? folder : join(folder, `.${name}`) },
  }));
  const http = { name: 'http', driver: 'http', settings: fixtureSettings };
  const stores = await openStores([...specs, http], 'file', { host: 'here', transport, clock, urlFilter });
  const staging = createStaging(join(folder, '.staging'), 'here');
  const enforcer = createEnforcer(glancePolicies);
  const quotas = options.quotas ?? { properties: 128, tags: 128 };
  const images = createImageService({ db, enforcer, clock, ids, log, quotas, stores, staging });
  const members = createMemberService({ db, enforcer, clock, images, quota: 128 });
  const digests = new DigestFactory();
  const data = createDataService({
    db,
    enforcer,
    clock,
    log,
    images,
    stores,
    staging,
    digests,
    host: 'here',
    sizeCap: options.sizeCap ?? 2 ** 40,
    storageQuota: options.storageQuota ?? 0,
    strictFormat: options.strictFormat ?? true,
  });
  const operations = createOperationRunner({
    db: db,
    owner: 'glance-api@here',
    definitions: [importOperation({ db, clock, stores, staging, data, taskLifeMs: 3_600_000 })],
    clock,
    ids,
    log,
  });
  const limits = { default: 25, max: 1000 };
  const imports = createImportService({ db, clock, ids, stores, operations, enforcer, methods: importMethods });
  const metadefs = createMetadefService({ db, clock });
  const glance = { images, data, members, stores, imports, metadefs, db, enforcer, limits, clock, ids };
  const app = createGlanceApp({ glance, authenticate: contextOf, v1: true, v2: true, log });
  const registry = createRegistryApp({ registry: { images, members, limits }, enforcer, authenticate: contextOf, log });
  return {
    app,
    registry,
    db,
    images,
    data,
    stores,
    operations,
    folder,
    transport,
    async close() {
      await operations.stop();
      await digests.stop();
      await app.fastify.close();
      await registry.fastify.close();
      await db.close();
      if (kept === undefined) await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Requests as one of the fixture's people. */
export const as =
  (app: HttpApp, token: string) =>
  (
    method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE',
    url: string,
    payload?: object | string | Buffer,
    headers: Record<string, string> = {},
  ) =>
    app.fastify.inject({
      method,
      url,
      headers: { 'x-auth-token': token, ...headers },
      ...(payload !== undefined && { payload }),
    });

export const octets = { 'content-type': 'application/octet-stream' };
