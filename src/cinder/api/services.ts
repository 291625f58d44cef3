import type { RequestContext } from '#common/auth/context.ts';
import type { Enforcer } from '#common/auth/policy.ts';
import type { Bus } from '#common/bus/bus.ts';
import type { Clock } from '#common/clock.ts';
import type { Database } from '#common/db/database.ts';
import type { Ids } from '#common/ids.ts';
import type { Logger } from '#common/telemetry/log.ts';
import type { ImageClient } from '#clients/image.ts';
import { AttachmentService } from '../attachments/service.ts';
import { BackupService } from '../backups/service.ts';
import type { CinderConfig } from '../config.ts';
import { GroupService } from '../groups/service.ts';
import { createNotify } from '../notifications.ts';
import { createJournal } from '../operations/journal.ts';
import { namesOf } from '../operations/rows.ts';
import { backendWords } from '../operations/words.ts';
import { createQuotas } from '../quotas/quotas.ts';
import { schedulerRpc, volumeRpc } from '../rpc.ts';
import { createServiceDirectory } from '../services/directory.ts';
import { SnapshotService } from '../snapshots/service.ts';
import type { CinderTables } from '../tables.ts';
import { TransferService } from '../transfers/service.ts';
import { TypeService } from '../types/service.ts';
import { VolumeService } from '../volumes/service.ts';
import type { CinderServices } from './app.ts';
import { createKit } from './kit.ts';

export interface ServicesDeps {
  readonly db: Database<CinderTables>;
  readonly conf: CinderConfig;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Logger;
  readonly bus: Bus;
  readonly host: string;
  readonly enforcer: Enforcer;
  readonly imageAs: (ctx: RequestContext) => ImageClient;
}

/** The rules behind the volume API, wired together. */
export function createCinderServices(deps: ServicesDeps): CinderServices {
  const { db, conf, clock, ids, log, bus, host } = deps;
  const kit = createKit({
    ...deps,
    quotas: createQuotas(db, conf),
    directory: createServiceDirectory({ db, clock, conf, host }),
    journal: createJournal({ ids, clock, bus }),
    notify: createNotify(bus, 'volume', host, log),
    volumeDaemon: bus.client(volumeRpc),
    schedulerDaemon: bus.client(schedulerRpc),
  });
  const volumes = new VolumeService(kit);
  const snapshots = new SnapshotService(kit);
  return {
    kit,
    operations: {
      db,
      enforcer: deps.enforcer,
      maxLimit: conf.DEFAULT.osapi_max_limit,
      words: backendWords,
      namesOf: (list) => namesOf(db.query, [...new Set(list.map((one) => one.resourceId))]),
    },
    volumes,
    snapshots,
    attachments: new AttachmentService(volumes),
    backups: new BackupService(volumes),
    transfers: new TransferService(volumes),
    types: new TypeService(kit),
    groups: new GroupService(volumes, snapshots),
  };
}
