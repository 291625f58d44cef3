import { join } from 'node:path';
import type { Daemon } from '#common/daemon.ts';
import { ensureFolder } from '#common/host/files.ts';
import { anyOperation } from '#common/operations/operation.ts';
import { createOperationRunner } from '#common/operations/runner.ts';
import { beatOnce, cinderConfig, cinderConfigFiles, healthOf, repeat } from '../daemon-kit.ts';
import { openCinderDatabase } from '../database.ts';
import { createNotify } from '../notifications.ts';
import { ownerOf } from '../operations/kinds.ts';
import { backupRpc, volumeRpc } from '../rpc.ts';
import { createCopier } from '../volume/copy.ts';
import type { BackupDeps } from './deps.ts';
import { createBackupOperation, deleteBackupOperation, restoreBackupOperation } from './operations.ts';
import { createBackupStore } from './store.ts';

/** Backups at once: they keep disks and processors busy. */
const CONCURRENCY = 2;

/** cinder-backup: copies of volumes in another place. */
export const cinderBackup: Daemon = {
  name: 'cinder-backup',
  configFiles: cinderConfigFiles,
  async start(env) {
    const { bus, clock, ids, log, host, run } = env;
    const conf = cinderConfig(env);
    const stopping = new AbortController();
    await ensureFolder(conf.DEFAULT.state_path);
    const store = createBackupStore(conf, env);
    await store.check(stopping.signal);
    if (conf.DEFAULT.backup_compression_algorithm === 'bz2')
      log.warn('backup_compression_algorithm = bz2 is not supported: backups are compressed by zlib');
    const db = await openCinderDatabase(conf, env);
    const deps: BackupDeps = {
      ...{ db, conf, clock, ids, log, host, store },
      copier: createCopier(run),
      notify: createNotify(bus, 'backup', host, log),
      volumeDaemon: bus.client(volumeRpc),
      workFolder: join(conf.DEFAULT.image_conversion_dir, `backup-${host}`),
    };
    const runner = createOperationRunner({
      db,
      owner: ownerOf('cinder-backup', host),
      definitions: [
        anyOperation(createBackupOperation(deps)),
        anyOperation(restoreBackupOperation(deps)),
        anyOperation(deleteBackupOperation(deps)),
      ],
      ...{ clock, ids, log },
      concurrency: CONCURRENCY,
    });
    const availabilityZone = conf.DEFAULT.storage_availability_zone;
    const beat = { binary: 'cinder-backup', host, topic: backupRpc.topic, availabilityZone };
    await beatOnce(env, db, beat);
    const subscription = await bus.serve(backupRpc, host, {
      launch() {
        runner.launch();
        return undefined;
      },
    });
    const beating = repeat('The heartbeat', conf.DEFAULT.report_interval, log, async () => {
      await beatOnce(env, db, beat);
      // Also what was journalled while nobody listened, and what a lost message should have told us of.
      await runner.resume();
    });
    return {
      health: () => healthOf({ db, bus }),
      async stop() {
        stopping.abort();
        await beating.stop();
        await runner.stop();
        await subscription.close();
        await db.close();
      },
    };
  },
};
