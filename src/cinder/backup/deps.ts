import type { Connector } from '#clients/volume.ts';
import type { RpcClient } from '#common/bus/bus.ts';
import type { Clock } from '#common/clock.ts';
import type { Database } from '#common/db/database.ts';
import type { Ids } from '#common/ids.ts';
import type { Logger } from '#common/telemetry/log.ts';
import type { Backup } from '../backups/rows.ts';
import type { CinderConfig } from '../config.ts';
import type { Notify } from '../notifications.ts';
import type { volumeRpc } from '../rpc.ts';
import type { CinderTables } from '../tables.ts';
import type { Copier } from '../volume/copy.ts';
import type { BackupStore } from './store.ts';

/** What operations on backups work with. */
export interface BackupDeps {
  readonly db: Database<CinderTables>;
  readonly conf: CinderConfig;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Logger;
  readonly host: string;
  readonly store: BackupStore;
  readonly copier: Copier;
  readonly notify: Notify;
  readonly volumeDaemon: RpcClient<(typeof volumeRpc)['methods']>;
  /** Folder of files that are being put together. */
  readonly workFolder: string;
}

/** Who reads and writes volumes here, as a compute host would say it of itself. */
export const connectorOf = ({ host, conf }: Pick<BackupDeps, 'host' | 'conf'>): Connector => ({
  initiator: 'iqn.2010-10.org.openstack:cinder-backup',
  ip: conf.DEFAULT.my_ip,
  host,
  multipath: false,
  platform: process.arch,
  os_type: process.platform,
});

/** Where a backup's files are: in the container that was asked for, else spread by its id. */
export const folderOf = ({ id, container }: Pick<Backup, 'id' | 'container'>): string =>
  `${container ?? `${id.slice(0, 2)}/${id.slice(2, 4)}`}/backup_${id}`;
