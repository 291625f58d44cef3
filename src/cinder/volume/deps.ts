import type { RpcClient } from '#common/bus/bus.ts';
import { isoMicros, type Clock } from '#common/clock.ts';
import type { Database } from '#common/db/database.ts';
import type { Ids } from '#common/ids.ts';
import type { Logger } from '#common/telemetry/log.ts';
import type { CinderConfig } from '../config.ts';
import { insertMessage } from '../messages/rows.ts';
import type { MessageAction, MessageDetail } from '../messages/texts.ts';
import type { Notify } from '../notifications.ts';
import type { Journal } from '../operations/journal.ts';
import type { volumeRpc } from '../rpc.ts';
import type { Chooser } from '../scheduler/choose.ts';
import type { ServiceDirectory } from '../services/directory.ts';
import type { CinderTables } from '../tables.ts';
import type { Volume } from '../volumes/model.ts';
import { findVolume, type Db } from '../volumes/rows.ts';
import type { OpenBackend } from './backend.ts';
import type { Copier } from './copy.ts';
import type { ImageTransfer } from './images.ts';

/** What one back end's operations work with. */
export interface VolumeDeps {
  readonly db: Database<CinderTables>;
  readonly conf: CinderConfig;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Logger;
  /** This host, as compute hosts and cinder-backups are named. */
  readonly host: string;
  readonly backend: OpenBackend;
  readonly images: ImageTransfer;
  readonly copier: Copier;
  readonly notify: Notify;
  readonly journal: Journal;
  readonly directory: ServiceDirectory;
  readonly chooser: Chooser;
  readonly volumeDaemon: RpcClient<(typeof volumeRpc)['methods']>;
}

export const nowOf = (deps: { readonly clock: Clock }): string => isoMicros(deps.clock.now());

/** Somebody has asked for the volume's deletion, or it is gone: whatever is being done to it ends here. */
export class NoLongerWanted extends Error {
  override readonly name = 'NoLongerWanted';
  readonly status = 409;
}

/** A volume that is to live on. @throws NoLongerWanted */
export async function liveVolume(deps: VolumeDeps, id: string): Promise<Volume> {
  const volume = await findVolume(deps.db.query, id);
  if (!volume || volume.deleted || volume.status === 'deleting')
    throw new NoLongerWanted(`Volume ${id} is being deleted`);
  return volume;
}

/** Tells the project why something failed. */
export const tellProject = (
  deps: Pick<VolumeDeps, 'ids' | 'clock' | 'conf'>,
  trx: Db,
  about: {
    readonly projectId: string;
    readonly requestId: string;
    readonly resourceType: 'VOLUME' | 'VOLUME_SNAPSHOT' | 'VOLUME_BACKUP';
    readonly resourceId: string;
    readonly action: MessageAction;
    readonly detail: MessageDetail;
  },
): Promise<void> =>
  insertMessage(trx, { ...about, id: deps.ids.uuid(), now: deps.clock.now(), ttl: deps.conf.DEFAULT.message_ttl });
