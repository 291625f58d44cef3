import { join } from 'node:path';
import { serviceSession } from '#common/auth/service-account.ts';
import type { Subscription } from '#common/bus/bus.ts';
import type { DaemonEnv } from '#common/daemon.ts';
import type { Database } from '#common/db/database.ts';
import { ensureFolder } from '#common/host/files.ts';
import { createOperationRunner, type OperationRunner } from '#common/operations/runner.ts';
import { callerOfSession } from '#clients/rest.ts';
import type { CinderConfig } from '../config.ts';
import { beatOnce, glanceUrlOf, repeat, type Repeating } from '../daemon-kit.ts';
import { createNotify } from '../notifications.ts';
import { createJournal } from '../operations/journal.ts';
import { ownerOf } from '../operations/kinds.ts';
import { schedulerRpc, volumeRpc, type BackendReport } from '../rpc.ts';
import { Chooser } from '../scheduler/choose.ts';
import { createServiceDirectory } from '../services/directory.ts';
import type { CinderTables } from '../tables.ts';
import { allocatedByHost } from '../volumes/rows.ts';
import { createCopier, noCopier } from './copy.ts';
import { definitionsOf } from './definitions.ts';
import type { VolumeDeps } from './deps.ts';
import { volumeHandlers } from './handlers.ts';
import { createImageTransfer, notingTransfer } from './images.ts';
import type { Opened } from './open-backend.ts';
import { Reconciler } from './reconciler.ts';

/** Operations of one back end at once: copies keep disks busy. */
const CONCURRENCY = 8;

/** A back end at work. */
export interface BackendProcess {
  readonly host: string;
  /** Exports are to be made again: tgtd was restarted. */
  reconcile(): void;
  /** What is the matter with it; null when nothing is. */
  trouble(): string | null;
  stop(): Promise<void>;
}

/** Serves, reports and keeps right one back end. */
export async function startBackend(
  env: DaemonEnv,
  conf: CinderConfig,
  db: Database<CinderTables>,
  opened: Opened,
): Promise<BackendProcess> {
  const { bus, log } = env;
  const { backend } = opened;
  const stopping = new AbortController();
  const deps = await depsOf(env, conf, db, opened);
  await deps.images.sweep();
  const runner: OperationRunner = createOperationRunner({
    db,
    owner: ownerOf('cinder-volume', backend.host),
    definitions: definitionsOf(deps),
    clock: env.clock,
    ids: env.ids,
    log,
    concurrency: CONCURRENCY,
  });
  const scheduler = bus.client(schedulerRpc);
  const { host, availabilityZone } = backend;
  const beat = { binary: 'cinder-volume', host, topic: volumeRpc.topic, availabilityZone };
  const report = async (): Promise<void> => {
    const told = await reportOf(deps);
    await beatOnce(env, db, beat, told);
    await scheduler.fanout('reportBackend', told);
  };
  // Before anything is heard: schedulers choose among the back ends that they find in the table.
  await report();
  const subscription: Subscription = await bus.serve(volumeRpc, host, volumeHandlers(deps, runner, stopping.signal));

  const reconciler = new Reconciler(deps);
  let trouble: string | null = null;
  let thorough = true;
  const look = async (): Promise<void> => {
    const full = thorough;
    thorough = false;
    try {
      await reconciler.run(full, stopping.signal);
      trouble = null;
    } catch (error) {
      // What is asked for meanwhile is not forgotten, nor what has failed.
      thorough ||= full;
      if (stopping.signal.aborted) return;
      trouble = (error as Error).message;
      throw error;
    }
  };
  let looking: Promise<unknown> = Promise.resolve();
  const lookInTurn = (): Promise<void> => {
    const turn = looking.then(look);
    looking = turn.catch(() => undefined);
    return turn;
  };
  const repeating: Repeating[] = [
    repeat(`The heartbeat of ${host}`, conf.DEFAULT.report_interval, log, async () => {
      await report();
      // Also what was journalled while nobody listened, and what a lost message should have told us of.
      await runner.resume();
    }),
    repeat(`Comparing ${host} with the database`, conf.DEFAULT.periodic_interval, log, lookInTurn),
  ];
  return {
    host,
    reconcile() {
      thorough = true;
      void lookInTurn().catch((error: unknown) => log.warn(`Exports of ${host} are not all made again yet`, error));
    },
    trouble: () => trouble,
    async stop() {
      stopping.abort();
      await Promise.all(repeating.map((one) => one.stop()));
      await looking;
      await runner.stop();
      await subscription.close();
    },
  };
}

async function depsOf(
  env: DaemonEnv,
  conf: CinderConfig,
  db: Database<CinderTables>,
  { backend, real }: Opened,
): Promise<VolumeDeps> {
  const { bus, clock, ids, log, host, run } = env;
  await ensureFolder(conf.DEFAULT.state_path);
  const glance = {
    glanceUrl: glanceUrlOf(conf),
    call: callerOfSession(serviceSession(conf.keystone_authtoken, env)),
  };
  const folder = conf.DEFAULT.image_conversion_dir || join(conf.DEFAULT.state_path, 'conversion');
  return {
    ...{ db, conf, clock, ids, log, host, backend },
    images: real ? createImageTransfer({ ...glance, run, folder, owner: backend.host }) : notingTransfer(glance),
    copier: real ? createCopier(run) : noCopier,
    notify: createNotify(bus, 'volume', backend.host, log),
    journal: createJournal({ ids, clock, bus }),
    directory: createServiceDirectory({ db, clock, conf, host }),
    chooser: new Chooser({ db, clock, conf }),
    volumeDaemon: bus.client(volumeRpc),
  };
}

/** What schedulers are told of a back end. */
export async function reportOf({ db, backend }: Pick<VolumeDeps, 'db' | 'backend'>): Promise<BackendReport> {
  const { host, name, availabilityZone, conf, driver } = backend;
  const allocated = (await allocatedByHost(db.query)).get(host);
  return {
    ...{ host, backendName: name, availabilityZone },
    stats: await driver.stats(),
    allocatedGb: allocated?.gb ?? 0,
    volumes: allocated?.volumes ?? 0,
    reservedPercentage: conf.reserved_percentage,
    maxOverSubscriptionRatio: conf.max_over_subscription_ratio,
  };
}
