import { Liveness } from '#common/bus/liveness.ts';
import { isoMicros } from '#common/clock.ts';
import { newRequestId } from '#common/ids.ts';
import type { Daemon, DaemonEnv, RunningDaemon } from '#common/daemon.ts';
import type { Database } from '#common/db/database.ts';
import { purgeOperations } from '#common/operations/purge.ts';
import { createOperationRunner } from '#common/operations/runner.ts';
import type { NovaConfig } from '../config.ts';
import {
  cinderOf,
  glanceAsService,
  healthOf,
  neutronAsService,
  novaConfig,
  novaConfigFiles,
  repeat,
} from '../daemon-kit.ts';
import { openNovaDatabase } from '../database.ts';
import { createHostDirectory } from '../hosts/directory.ts';
import { auditUsage } from '../hosts/usage-audit.ts';
import { listServices, seeService } from '../hosts/services-rows.ts';
import { createNetworkCatalog } from '../networks/info.ts';
import { createNetworkRefresher } from '../networks/refresh.ts';
import { createNotify } from '../notifications.ts';
import { ownerOf } from '../operations/journal.ts';
import { adopt, ownersOfOpenOperations } from '../operations/rows.ts';
import { serviceEvent } from '../row-events.ts';
import { computeRpc, conductorRpc, consoleAuthRpc, schedulerRpc } from '../rpc.ts';
import type { NovaTables } from '../tables.ts';
import { createComputeCalls } from './compute-calls.ts';
import { definitionsOf } from './definitions.ts';
import { conductorHandlers } from './handlers.ts';
import { keepUp } from './upkeep.ts';

/** nova-conductor: runs the operations on servers, and is the database of those who have none. */
export const novaConductor: Daemon = {
  name: 'nova-conductor',
  configFiles: novaConfigFiles,
  start: startConductor,
};

async function startConductor(env: DaemonEnv): Promise<RunningDaemon> {
  const { bus, clock, ids, log, host } = env;
  const conf = novaConfig(env);
  const db = await openNovaDatabase(conf, env);
  const directory = createHostDirectory({ db, clock, conf });
  const network = neutronAsService(conf, env);
  const catalog = createNetworkCatalog(network, clock);
  const integrationBridge = conf.DEFAULT.neutron_ovs_bridge;
  const refresher = createNetworkRefresher({ db, network, catalog, integrationBridge, log });
  const runner = createOperationRunner({
    db: db,
    owner: ownerOf(host),
    definitions: definitionsOf({
      db,
      conf,
      clock,
      directory,
      network,
      catalog,
      integrationBridge,
      refresher,
      images: glanceAsService(conf, env),
      volume: cinderOf(conf, env).own,
      compute: createComputeCalls({ compute: bus.client(computeRpc), directory, clock }),
      scheduler: bus.client(schedulerRpc),
      consoleAuth: bus.client(consoleAuthRpc),
      notify: createNotify(bus, 'compute', host, log),
    }),
    clock,
    ids,
    log,
  });
  const see = (): Promise<void> =>
    seeService(db.query, {
      id: ids.uuid(),
      binary: 'nova-conductor',
      host,
      topic: conductorRpc.topic,
      now: isoMicros(clock.now()),
    });
  // Before anything is heard: the API chooses among the conductors that it finds in the table.
  await see();
  const subscription = await bus.serve(conductorRpc, host, conductorHandlers({ db, clock, ids, runner, log }));
  const repeating = [
    repeat('The heartbeat', conf.DEFAULT.report_interval, log, async () => {
      await see();
      await adoptOrphans(env, conf, db);
      // Also what was journalled while nobody listened, and what a lost message should have told us of.
      await runner.resume();
    }),
    repeat('What is due by the clock', 60, log, () =>
      keepUp({ db, conf, clock, runner, log, requestId: newRequestId }),
    ),
    repeat('Removing old operations', 3600, log, () =>
      purgeOperations({ db, clock, log, days: conf.DEFAULT.operation_retention_days }),
    ),
    ...(conf.DEFAULT.instance_usage_audit
      ? [
          repeat('The usage audit', 60, log, () =>
            auditUsage({
              db,
              clock,
              log,
              period: conf.DEFAULT.instance_usage_audit_period,
              notify: createNotify(bus, 'compute', host, log),
            }),
          ),
        ]
      : []),
    repeat('Reading stale addresses again', conf.DEFAULT.heal_instance_info_cache_interval, log, () =>
      refresher.heal(),
    ),
  ];
  const liveness = new Liveness(
    {
      daemons: db.remembered('services'),
      seen: 'last_seen',
      downSeconds: conf.DEFAULT.service_down_time,
      clock,
      event: (row, up) => serviceEvent('service.update', row, up),
    },
    { bus, publisher: `compute.${host}`, log },
  );
  return {
    health: () => healthOf({ db, bus }),
    async stop() {
      liveness.stop();
      await Promise.all(repeating.map((one) => one.stop()));
      await runner.stop();
      await subscription.close();
      await db.close();
    },
  };
}

/** Takes over what conductors have left undone that have been silent for long: they do not come back. */
async function adoptOrphans(
  { host, clock, log }: DaemonEnv,
  conf: NovaConfig,
  db: Database<NovaTables>,
): Promise<void> {
  const own = ownerOf(host);
  const others = (await ownersOfOpenOperations(db.query)).filter((owner) => owner !== own);
  if (others.length === 0) return;
  const silentSince = clock.now().getTime() - 3 * conf.DEFAULT.service_down_time * 1000;
  const alive = new Set(
    (await listServices(db.query, { binary: 'nova-conductor' }))
      .filter((service) => Date.parse(`${service.lastSeen}Z`) >= silentSince)
      .map((service) => ownerOf(service.host)),
  );
  for (const owner of others)
    if (!alive.has(owner)) {
      log.warn(`${owner} has been silent for long: its unfinished operations are taken over`);
      await adopt(db.query, owner, own);
    }
}
