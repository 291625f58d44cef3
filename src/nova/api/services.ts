import type { RequestContext } from '#common/auth/context.ts';
import type { Enforcer } from '#common/auth/policy.ts';
import type { Bus } from '#common/bus/bus.ts';
import type { Clock } from '#common/clock.ts';
import type { Database } from '#common/db/database.ts';
import { CommandError, type Run } from '#common/host/run.ts';
import type { Ids } from '#common/ids.ts';
import type { Logger } from '#common/telemetry/log.ts';
import type { ImageClient } from '#clients/image.ts';
import type { NetworkClient } from '#clients/network.ts';
import type { VolumeClient } from '#clients/volume.ts';
import type { NovaConfig } from '../config.ts';
import { FlavorService } from '../flavors/service.ts';
import { AggregateService } from '../hosts/aggregates.ts';
import { createHostDirectory } from '../hosts/directory.ts';
import { KeypairService } from '../keypairs/service.ts';
import { createNetworkCatalog } from '../networks/info.ts';
import { createNetworkRefresher, type NetworkRefresher } from '../networks/refresh.ts';
import { createJournal } from '../operations/journal.ts';
import { hostWords } from '../operations/words.ts';
import { createQuotas } from '../quotas/quotas.ts';
import { certRpc, computeRpc, conductorRpc, consoleAuthRpc, schedulerRpc } from '../rpc.ts';
import { listNames } from '../servers/rows.ts';
import { ServerService } from '../servers/service.ts';
import type { NovaTables } from '../tables.ts';
import type { NovaServices } from './app.ts';
import type { CheckProject } from './check-project.ts';

export interface ServicesDeps {
  readonly db: Database<NovaTables>;
  readonly conf: NovaConfig;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Logger;
  readonly bus: Bus;
  readonly host: string;
  readonly enforcer: Enforcer;
  readonly imageAs: (ctx: RequestContext) => ImageClient;
  readonly networkAs: (ctx: RequestContext) => NetworkClient;
  readonly volumeAs: (ctx: RequestContext) => VolumeClient;
  /** Neutron as our own account. */
  readonly network: NetworkClient;
  readonly glanceUrl: string;
  /** Any project will do unless given. */
  readonly checkProject?: CheckProject;
  /** Runs fping; without it there is none. */
  readonly run?: Run;
}

/** The rules behind the compute API, wired together. */
export function createNovaServices(deps: ServicesDeps): NovaServices & { readonly refresher: NetworkRefresher } {
  const { db, conf, clock, ids, log, bus, enforcer, imageAs, networkAs, volumeAs, network } = deps;
  const maxLimit = conf.DEFAULT.osapi_max_limit;
  const directory = createHostDirectory({ db, clock, conf });
  const compute = bus.client(computeRpc);
  const quotas = createQuotas(db, conf);
  const checkProject = deps.checkProject ?? (async () => undefined);
  const flavors = new FlavorService({ db, clock, ids, maxLimit, checkProject });
  const refresher = createNetworkRefresher({
    db,
    network,
    catalog: createNetworkCatalog(network, clock),
    integrationBridge: conf.DEFAULT.neutron_ovs_bridge,
    log,
  });
  const journal = createJournal({ db, ids, clock, host: deps.host, directory, conductor: bus.client(conductorRpc) });
  const servers = new ServerService({
    db,
    conf,
    clock,
    ids,
    enforcer,
    quotas,
    flavors,
    directory,
    journal,
    imageAs,
    networkAs,
    volumeAs,
    network,
    refresher,
    glanceUrl: deps.glanceUrl,
    compute,
    consoleAuth: bus.client(consoleAuthRpc),
  });
  return {
    servers,
    flavors,
    refresher,
    keypairs: new KeypairService({ db, clock, quotas, maxLimit }),
    aggregates: new AggregateService({
      db,
      clock,
      ids,
      defaultZone: conf.DEFAULT.default_availability_zone,
      directory,
      compute,
    }),
    hosts: { db, clock, conf, directory, compute },
    quotas: { db, quotas, enforcer, checkProject: deps.checkProject ?? (async () => undefined) },
    usage: { db, clock, enforcer, maxLimit },
    serverGroups: { db, ids, quotas, enforcer, maxLimit },
    events: { db, refresher, servers },
    proxies: { db, imageAs, networkAs, volumeAs, refresher, glanceUrl: deps.glanceUrl, maxLimit, quotas },
    agents: { db, clock },
    certificates: { cert: bus.client(certRpc) },
    consoleTokens: { db, clock },
    operations: { db, enforcer, maxLimit, words: hostWords, namesOf: (list) => namesOf(db, list) },
    fit: { db, conf, enforcer, quotas, flavors, directory, imageAs, volumeAs, scheduler: bus.client(schedulerRpc) },
    fping: { servers, run: deps.run ?? noPrograms, program: conf.DEFAULT.fping_path },
  };
}

/** Names of the servers that operations are about. */
const namesOf = async (
  db: Database<NovaTables>,
  operations: readonly { readonly resourceId: string }[],
): Promise<ReadonlyMap<string, string>> =>
  new Map(
    operations.length === 0
      ? []
      : (await listNames(db.query, { ids: [...new Set(operations.map((one) => one.resourceId))] })).map(
          ({ id, name }) => [id, name] as const,
        ),
  );

const noPrograms: Run = (argv) => Promise.reject(new CommandError(argv, null, '', 'No programs are run here'));
