import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { authTokenOf, serviceSession } from '#common/auth/service-account.ts';
import { isoMicros } from '#common/clock.ts';
import { readPolicyFile } from '#common/auth/policy-file.ts';
import { createEnforcer } from '#common/auth/policy.ts';
import { loadConfig } from '#common/config/load.ts';
import { StartupError, type Daemon, type DaemonEnv } from '#common/daemon.ts';
import type { Database } from '#common/db/database.ts';
import { purgeOperations } from '#common/operations/purge.ts';
import { createOperationRunner, type OperationRunner } from '#common/operations/runner.ts';
import { appMetrics } from '#common/telemetry/metrics.ts';
import { createGlanceApp } from './api.ts';
import { glanceApiOptions, parseStorageQuota } from './config.ts';
import { DigestFactory } from './data/digests.ts';
import { openGlanceDatabase } from './database.ts';
import { glanceHealth } from './health.ts';
import { createDataService } from './images/data-service.ts';
import { importMethods, importOperation, type ImportMethod } from './images/import.ts';
import { createImportService } from './images/import-service.ts';
import { createMetadefService } from './metadefs/service.ts';
import { configuredStores } from './stores/configured.ts';
import { createStaging } from './stores/staging.ts';
import { createImageService } from './images/service.ts';
import { createMemberService } from './members/service.ts';
import { glancePolicies } from './policies.ts';
import { openStores, type Stores } from './stores/stores.ts';
import type { GlanceTables } from './tables.ts';
import { purgeTasks } from './tasks/rows.ts';

/** glance-api: versions 1 and 2 of the Image API, and the stores. */
export const glanceApi: Daemon = {
  name: 'glance-api',
  configFiles: ['/usr/share/glance/glance-api-dist.conf', '/etc/glance/glance-api.conf'],
  async start(env) {
    const { log, clock, ids, transport, host } = env;
    const conf = loadConfig(glanceApiOptions, env.config, (line) => log.warn(line));
    requireKeystone(conf.paste_deploy.flavor);
    const storageQuota = quotaOf(conf.DEFAULT.user_storage_quota);
    const methods = methodsOf(conf.DEFAULT.enabled_import_methods);
    const stores = await storesOf(conf, env);
    const staging = createStaging(stagingFolder(conf), host);
    const db = await openGlanceDatabase(conf, env);
    const enforcer = createEnforcer(glancePolicies, readPolicyFile(conf.DEFAULT.policy_file, '/etc/glance'));
    const images = createImageService({
      db,
      enforcer,
      clock,
      ids,
      log,
      stores,
      staging,
      quotas: { properties: conf.DEFAULT.image_property_quota, tags: conf.DEFAULT.image_tag_quota },
    });
    const members = createMemberService({ db, enforcer, clock, images, quota: conf.DEFAULT.image_member_quota });
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
      host,
      storageQuota,
      sizeCap: conf.DEFAULT.image_size_cap,
      strictFormat: conf.image_format.require_image_format_match,
    });
    const operations = createOperationRunner({
      db: db,
      owner: `glance-api@${host}`,
      definitions: [
        importOperation({
          db,
          clock,
          stores,
          staging,
          data,
          taskLifeMs: conf.task.task_time_to_live * 3_600_000,
        }),
      ],
      clock,
      ids,
      log,
      concurrency: 4,
    });
    // Before anything new comes in: what a crash left is undone, and imports that it cut off start again.
    const { requeued, deleted } = await images.recover(host);
    if (requeued + deleted > 0)
      log.warn(`After a crash: ${requeued} interrupted uploads went back to queued, ${deleted} deletes were finished`);
    await operations.resume();
    await purgeTasks(db.query, isoMicros(clock.now()));
    await purgeOperations({ db, clock, log, days: conf.DEFAULT.operation_retention_days });

    const health = glanceHealth(db, env.bus);
    const app = createGlanceApp({
      glance: {
        images,
        data,
        members,
        stores,
        imports: createImportService({ db, clock, ids, stores, operations, enforcer, methods }),
        metadefs: createMetadefService({ db, clock }),
        db,
        enforcer,
        clock,
        ids,
        limits: { default: conf.DEFAULT.limit_param_default, max: conf.DEFAULT.api_limit_max },
      },
      authenticate: authTokenOf(
        conf.keystone_authtoken,
        serviceSession(conf.keystone_authtoken, { transport, clock }),
        { transport, clock },
      ),
      v1: conf.DEFAULT.enable_v1_api,
      v2: conf.DEFAULT.enable_v2_api,
      log,
      health,
      ...appMetrics('glance'),
    });
    const listener = await env.http
      .listen(app, { host: conf.DEFAULT.bind_host, port: conf.DEFAULT.bind_port })
      .catch(async (error: unknown) => {
        await shutDown(operations, digests, db);
        throw error;
      });
    log.info(`Listening on ${listener.host}:${listener.port}`);
    return {
      health,
      async stop() {
        await listener.close();
        await shutDown(operations, digests, db);
      },
    };
  },
};

async function shutDown(
  operations: OperationRunner,
  digests: DigestFactory,
  db: Database<GlanceTables>,
): Promise<void> {
  await operations.stop();
  await digests.stop();
  await db.close();
}

type Config = ReturnType<typeof loadConfig<typeof glanceApiOptions>>;

/** @throws StartupError for a method that there is none of */
function methodsOf(names: readonly string[]): readonly ImportMethod[] {
  const unknown = names.find((name) => !(importMethods as readonly string[]).includes(name));
  if (unknown !== undefined)
    throw new StartupError(`enabled_import_methods: there is no "${unknown}". ${importMethods.join(', ')} are there.`);
  return importMethods.filter((method) => names.includes(method));
}

function stagingFolder({ DEFAULT }: Config): string {
  const { node_staging_uri: uri } = DEFAULT;
  if (uri === '') return join(DEFAULT.filesystem_store_datadir, '.staging');
  return uri.startsWith('file:') ? fileURLToPath(uri) : uri;
}

async function storesOf(conf: Config, { config, log, clock, transport, host }: DaemonEnv): Promise<Stores> {
  try {
    const specs = configuredStores(conf.DEFAULT, config, (line) => log.warn(line));
    // With several stores the first is the default when no other is named.
    const named = conf.DEFAULT.default_store;
    const preset = conf.DEFAULT.enabled_backends.length > 0 && !specs.some(({ name }) => name === named);
    return await openStores(specs, preset ? (specs[0]?.name ?? named) : named, {
      host,
      transport,
      clock,
      urlFilter: {
        schemes: conf.import_filtering_opts.allowed_schemes,
        ports: conf.import_filtering_opts.allowed_ports,
        deniedHosts: conf.import_filtering_opts.disallowed_hosts,
      },
    });
  } catch (cause) {
    if (cause instanceof StartupError) throw cause;
    throw new StartupError(`${(cause as Error).message} Correct default_store.`, { cause });
  }
}

function quotaOf(text: string): number {
  try {
    return parseStorageQuota(text);
  } catch (cause) {
    throw new StartupError((cause as Error).message, { cause });
  }
}

/** @throws StartupError: without Keystone anybody could do anything */
export function requireKeystone(flavor: string): void {
  if (!flavor.split('+').includes('keystone'))
    throw new StartupError(`[paste_deploy] flavor "${flavor}" is not served: set it to keystone.`);
}
