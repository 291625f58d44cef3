import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Subscription } from '#common/bus/bus.ts';
import { isoMicros, systemClock } from '#common/clock.ts';
import { fromObject, loadConfig } from '#common/config/load.ts';
import type { Database } from '#common/db/database.ts';
import { randomIds } from '#common/ids.ts';
import { anyOperation } from '#common/operations/operation.ts';
import { createOperationRunner, type OperationRunner } from '#common/operations/runner.ts';
import { silentLogger } from '#common/telemetry/log.ts';
import { ApiError } from '#common/api/errors.ts';
import { folderStore } from '../backup/store.ts';
import { createBackupOperation, deleteBackupOperation, restoreBackupOperation } from '../backup/operations.ts';
import { backendOptions } from '../config.ts';
import { FakeVolumeDriver } from '../drivers/fake/fake-driver.ts';
import { createNotify } from '../notifications.ts';
import { createJournal } from '../operations/journal.ts';
import { ownerOf } from '../operations/kinds.ts';
import { backupRpc, schedulerRpc, volumeRpc } from '../rpc.ts';
import { Chooser } from '../scheduler/choose.ts';
import { createVolumeOperation } from '../scheduler/create-volume.ts';
import { createServiceDirectory } from '../services/directory.ts';
import { seeService } from '../services/rows.ts';
import type { CinderTables } from '../tables.ts';
import { FakeTarget } from '../targets/fake-target.ts';
import type { OpenBackend } from '../volume/backend.ts';
import { reportOf } from '../volume/backend-process.ts';
import { noCopier } from '../volume/copy.ts';
import { definitionsOf } from '../volume/definitions.ts';
import type { VolumeDeps } from '../volume/deps.ts';
import { volumeHandlers } from '../volume/handlers.ts';
import type { ImageTransfer } from '../volume/images.ts';
import { createLocks } from '../volume/locks.ts';
import { Reconciler } from '../volume/reconciler.ts';
import type { FakeImages } from './fake-images.ts';
import { cinderFixture, type CinderFixture } from './fixture.ts';

/** What outlives a daemon: the bytes of a back end, and what its target program offers. */
export interface Machine {
  readonly driver: FakeVolumeDriver;
  readonly target: FakeTarget;
}

/** Cinder's API with the real scheduler, back ends and cinder-backup, over a store that only notes. */
export interface CinderWorld extends CinderFixture {
  readonly machines: ReadonlyMap<string, Machine>;
  /** Folders of backups that are there. */
  backupFolders(): Promise<string[]>;
  /** Called before everything that daemons do outside the database, with what: a test fails or stops the world here. */
  before: (what: string) => Promise<void> | void;
  readonly reconcilers: ReadonlyMap<string, Reconciler>;
  /** Daemons are started anew; those that run are not asked. @param db as the new ones see it */
  restart(db?: Database<CinderTables>): Promise<void>;
  runners(): readonly OperationRunner[];
  /** Until nothing is left to do. */
  done(): Promise<void>;
}

const never = new AbortController().signal;

export async function cinderWorld(
  options: { readonly backends?: readonly string[]; readonly conf?: Record<string, string | number | boolean> } = {},
): Promise<CinderWorld> {
  const { backends = ['stor1@a', 'stor1@b'], conf: values = {} } = options;
  const cinder = await cinderFixture({ daemons: false, conf: values });
  const folder = await mkdtemp(join(tmpdir(), 'igloo-cinder-'));
  const machines = new Map<string, Machine>();
  for (const host of backends)
    machines.set(host, { driver: await FakeVolumeDriver.create(null), target: new FakeTarget() });
  const { conf } = cinder.services.kit;
  const reconcilers = new Map<string, Reconciler>();
  let runners: OperationRunner[] = [];
  let subscriptions: Subscription[] = [];
  let stopping = new AbortController();

  /** Everything that it does asks first. @param free members that are only told */
  const asking = <T extends object>(what: string, thing: T, free: readonly string[] = []): T =>
    new Proxy(thing, {
      get(_, name) {
        const member = Reflect.get(thing, name) as unknown;
        if (typeof member !== 'function') return member;
        const bound = (member as (...args: unknown[]) => unknown).bind(thing);
        if (free.includes(String(name))) return bound;
        return async (...args: unknown[]) => {
          await world.before(`${what}.${String(name)}`);
          return bound(...args);
        };
      },
    });

  const start = async (db: Database<CinderTables>): Promise<void> => {
    const { bus } = cinder;
    const [clock, ids, log, host] = [systemClock, randomIds, silentLogger, 'stor1'];
    const shared = { db, conf, clock, ids, log };
    const journal = createJournal({ ids, clock, bus });
    const volumeDaemon = bus.client(volumeRpc);
    const see = (binary: string, at: string, topic: string, report?: Awaited<ReturnType<typeof reportOf>>) =>
      seeService(cinder.db.query, {
        ...{ id: ids.uuid(), binary, host: at, topic, availabilityZone: 'nova', now: isoMicros(clock.now()) },
        ...(report && { report }),
      });
    stopping = new AbortController();
    const runner = (
      binary: Parameters<typeof ownerOf>[0],
      at: string,
      definitions: ReturnType<typeof definitionsOf>,
    ) => {
      const made = createOperationRunner({ ...shared, owner: ownerOf(binary, at), definitions });
      runners.push(made);
      return made;
    };

    const chooser = new Chooser({ db, clock, conf });
    const notify = createNotify(bus, 'volume', host, log);
    const scheduling = runner('cinder-scheduler', host, [
      anyOperation(createVolumeOperation({ ...shared, journal, chooser, notify })),
    ]);
    await see('cinder-scheduler', host, schedulerRpc.topic);
    subscriptions.push(
      await bus.serve(schedulerRpc, host, {
        launch: () => scheduling.launch(),
        reportBackend: () => chooser.view.stale(),
        pools: () => ({ pools: [] }),
      }),
    );
    for (const [at, machine] of machines) {
      const backend: OpenBackend = {
        section: null,
        host: at,
        name: at.split('@')[1] ?? at,
        availabilityZone: 'nova',
        conf: loadConfig(
          { DEFAULT: backendOptions },
          fromObject({ DEFAULT: { state_path: folder, my_ip: '', ...values } }, 't'),
        ).DEFAULT,
        driver: asking('driver', machine.driver),
        target: asking('target', machine.target, ['connection']),
        locks: createLocks(),
      };
      const deps: VolumeDeps = {
        ...{ ...shared, host, backend, notify, journal, volumeDaemon, chooser },
        images: asking('images', transferOf(cinder.images)),
        copier: asking('copier', noCopier),
        directory: createServiceDirectory({ db, clock, conf, host }),
      };
      const working = runner('cinder-volume', at, definitionsOf(deps));
      reconcilers.set(at, new Reconciler(deps));
      await see(
        'cinder-volume',
        at,
        volumeRpc.topic,
        await reportOf({ db: cinder.db, backend: { ...backend, ...machine } }),
      );
      subscriptions.push(await bus.serve(volumeRpc, at, volumeHandlers(deps, working, stopping.signal)));
    }
    const store = folderStore('cinder.backup.drivers.posix.PosixBackupDriver', async () => join(folder, 'backups'));
    await store.check(never);
    const deps = {
      ...{ ...shared, host, notify, volumeDaemon },
      store: asking('store', store),
      copier: noCopier,
      workFolder: join(folder, 'work'),
    };
    const backing = runner('cinder-backup', host, [
      anyOperation(createBackupOperation(deps)),
      anyOperation(restoreBackupOperation(deps)),
      anyOperation(deleteBackupOperation(deps)),
    ]);
    await see('cinder-backup', host, backupRpc.topic);
    subscriptions.push(await bus.serve(backupRpc, host, { launch: () => backing.launch() }));
  };

  const world: CinderWorld = {
    ...cinder,
    machines,
    reconcilers,
    before: () => undefined,
    runners: () => runners,
    async backupFolders() {
      const all = await readdir(join(folder, 'backups'), { recursive: true });
      return all.map((name) => /backup_([^/]+)$/.exec(name)?.[1]).filter((id) => id !== undefined);
    },
    async restart(db = cinder.db) {
      stopping.abort();
      for (const runner of runners) void runner.stop();
      for (const subscription of subscriptions) void subscription.close();
      [runners, subscriptions] = [[], []];
      await start(db);
    },
    async done() {
      for (let quiet = 0; quiet < 2;) {
        for (const runner of runners) {
          await runner.resume();
          await runner.idle();
        }
        const open = await openOperations(cinder.db);
        quiet = open === 0 ? quiet + 1 : 0;
      }
    },
    async close() {
      world.before = () => undefined;
      await Promise.all(runners.map((runner) => runner.stop()));
      await cinder.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
  await world.restart();
  return world;
}

export async function openOperations(db: Database<CinderTables>): Promise<number> {
  const rows = await db.query
    .selectFrom('operations')
    .select('id')
    .where('status', 'in', ['pending', 'running', 'undoing'])
    .execute();
  return rows.length;
}

/** Glance, as far as volumes fill its images and are filled by them. */
function transferOf(glance: FakeImages): ImageTransfer {
  const find = (id: string) => {
    const image = glance.images.get(id);
    if (!image) throw new ApiError(404, `Failed to find image ${id}`);
    return image;
  };
  return {
    async toVolume(imageId) {
      find(imageId);
    },
    async toImage(_local, imageId) {
      glance.images.set(imageId, { ...find(imageId), status: 'active', size: 1 });
    },
    async discardImage(imageId) {
      if (glance.images.get(imageId)?.status !== 'active') glance.images.delete(imageId);
    },
    sweep: async () => undefined,
  };
}
