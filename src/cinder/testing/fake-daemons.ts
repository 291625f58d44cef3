import { rpcContract, type Bus, type Subscription } from '#common/bus/bus.ts';
import { isoMicros, type Clock } from '#common/clock.ts';
import type { Database } from '#common/db/database.ts';
import type { Ids } from '#common/ids.ts';
import { anyOperation, type AnyOperation } from '#common/operations/operation.ts';
import { createOperationRunner, type OperationRunner } from '#common/operations/runner.ts';
import type { Logger } from '#common/telemetry/log.ts';
import type { ConnectionInfo } from '#clients/volume.ts';
import { markBackupDeleted, updateBackup } from '../backups/rows.ts';
import { insertMessage } from '../messages/rows.ts';
import { backendOf, type Journal } from '../operations/journal.ts';
import { operationActions, ownerOf, type OperationInputs, type OperationKind } from '../operations/kinds.ts';
import { backupRpc, schedulerRpc, volumeRpc, type BackendReport } from '../rpc.ts';
import { seeService } from '../services/rows.ts';
import { findSnapshot, markSnapshotDeleted, snapshotsOfVolume, updateSnapshot } from '../snapshots/rows.ts';
import type { CinderTables } from '../tables.ts';
import { findType } from '../types/rows.ts';
import { findVolume, markVolumeDeleted, updateVolume } from '../volumes/rows.ts';

/** What the API asks of a back end; what back ends ask of one another is none of its business. */
const { launch, cancel, initializeConnection, terminateConnection } = volumeRpc.methods;
const asked = rpcContract(volumeRpc.topic, { launch, cancel, initializeConnection, terminateConnection });

interface Deps {
  readonly db: Database<CinderTables>;
  readonly bus: Bus;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Logger;
  readonly journal: Journal;
}

/** cinder-scheduler, cinder-volume and cinder-backup as the API sees them: what they leave in the rows. They work when they are told (`settled`). */
export class FakeDaemons {
  readonly #deps: Deps;
  readonly #runners: OperationRunner[] = [];
  readonly #subscriptions: Subscription[] = [];
  /** What was exported to whom. */
  readonly connected: { readonly volumeId: string; readonly attachmentId: string | null }[] = [];

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  /** A scheduler, a back end and a cinder-backup. */
  async start({ host, backends }: { readonly host: string; readonly backends: readonly string[] }): Promise<void> {
    const { bus } = this.#deps;
    const [first = host] = backends;
    this.#runner('cinder-scheduler', host, this.#scheduling(first));
    await this.#see('cinder-scheduler', host, 'cinder-scheduler');
    this.#subscriptions.push(
      await bus.serve(schedulerRpc, host, {
        launch: () => undefined,
        reportBackend: () => undefined,
        pools: () => ({ pools: backends.map(report) }),
      }),
    );
    for (const backend of backends) {
      const runner = this.#runner('cinder-volume', backend, this.#building());
      await this.#see('cinder-volume', backend, 'cinder-volume', report(backend));
      this.#subscriptions.push(
        await bus.serve(asked, backend, {
          launch: () => undefined,
          cancel: ({ resourceId, reason }) => runner.cancel(resourceId, reason),
          initializeConnection: ({ volumeId, attachmentId, mode }) => {
            const known = this.connected.some((one) => one.volumeId === volumeId && one.attachmentId === attachmentId);
            if (!known) this.connected.push({ volumeId, attachmentId });
            return { connection: connectionTo(volumeId, mode) };
          },
          terminateConnection: ({ volumeId }) => {
            const at = this.connected.findIndex((one) => one.volumeId === volumeId);
            if (at >= 0) this.connected.splice(at, 1);
            return {};
          },
        }),
      );
    }
    this.#runner('cinder-backup', host, this.#backing());
    await this.#see('cinder-backup', host, 'cinder-backup');
    this.#subscriptions.push(await bus.serve(backupRpc, host, { launch: () => undefined }));
  }

  /** Until nothing is left to do. */
  async settled(): Promise<void> {
    for (let round = 0; round < 3; round++)
      for (const runner of this.#runners) {
        await runner.resume();
        await runner.idle();
      }
  }

  async stop(): Promise<void> {
    await Promise.all(this.#runners.map((runner) => runner.stop()));
  }

  #see(binary: string, host: string, topic: string, reported?: BackendReport): Promise<void> {
    const { db, ids, clock } = this.#deps;
    return seeService(db.query, {
      id: ids.uuid(),
      binary,
      host,
      topic,
      availabilityZone: 'nova',
      now: isoMicros(clock.now()),
      ...(reported && { report: reported }),
    });
  }

  #runner(
    binary: 'cinder-scheduler' | 'cinder-volume' | 'cinder-backup',
    host: string,
    definitions: readonly AnyOperation[],
  ): OperationRunner {
    const { db, clock, ids, log } = this.#deps;
    const runner = createOperationRunner({ db, owner: ownerOf(binary, host), definitions, clock, ids, log });
    this.#runners.push(runner);
    return runner;
  }

  #operation<K extends OperationKind>(kind: K, run: (input: OperationInputs[K], now: string) => Promise<void>) {
    return anyOperation<OperationInputs[K], Record<string, never>>({
      kind,
      action: operationActions[kind],
      steps: [
        {
          name: 'all',
          run: async ({ input }) => {
            await run(input, isoMicros(this.#deps.clock.now()));
            return undefined;
          },
        },
      ],
    });
  }

  #scheduling(host: string): AnyOperation[] {
    const { db, journal, ids, clock } = this.#deps;
    return [
      this.#operation('volume.create', async ({ volumeId }, now) => {
        const volume = await findVolume(db.query, volumeId);
        if (!volume || volume.deleted) return;
        const type = volume.typeId === null ? null : await findType(db.query, volume.typeId);
        if (type?.extraSpecs['vendor_name'] !== undefined) {
          await updateVolume(db.query, volumeId, { status: 'error', updated_at: now });
          await insertMessage(db.query, {
            id: ids.uuid(),
            projectId: volume.projectId,
            requestId: 'req-1',
            resourceType: 'VOLUME',
            resourceId: volumeId,
            action: 'scheduleAllocateVolume',
            detail: 'noBackendAvailable',
            now: clock.now(),
            ttl: 3600,
          });
          return;
        }
        await updateVolume(db.query, volumeId, { host, updated_at: now });
        const who = { requestId: 'req-1', userId: volume.userId };
        const owner = backendOf(host);
        await journal.add(db.query, who, 'volume.build', {
          input: { volumeId },
          projectId: volume.projectId,
          owner,
        });
      }),
    ];
  }

  #building(): AnyOperation[] {
    const { db } = this.#deps;
    const resting = async (id: string, now: string, change: Parameters<typeof updateVolume>[2] | object = {}) => {
      const volume = await findVolume(db.query, id);
      await updateVolume(db.query, id, {
        status: volume?.previousStatus ?? 'available',
        previous_status: null,
        ...change,
        updated_at: now,
      });
    };
    return [
      this.#operation('volume.build', async ({ volumeId }, now) => {
        const volume = await findVolume(db.query, volumeId);
        await updateVolume(db.query, volumeId, {
          status: 'available',
          launched_at: now,
          ...(volume?.imageId && { bootable: 1 }),
          updated_at: now,
        });
      }),
      this.#operation('volume.delete', async ({ volumeId }, now) => {
        await db.transaction(async (trx) => {
          for (const snapshot of await snapshotsOfVolume(trx, volumeId))
            await markSnapshotDeleted(trx, snapshot.id, now);
          await markVolumeDeleted(trx, volumeId, now);
        });
      }),
      this.#operation('volume.extend', ({ volumeId, newSizeGb }, now) =>
        resting(volumeId, now, { size_gb: newSizeGb }),
      ),
      this.#operation('volume.upload', ({ volumeId }, now) => resting(volumeId, now)),
      this.#operation('volume.retype', ({ volumeId, newTypeId }, now) =>
        resting(volumeId, now, { volume_type_id: newTypeId }),
      ),
      this.#operation('volume.migrate', ({ volumeId, host }, now) =>
        resting(volumeId, now, { host, migration_status: 'success' }),
      ),
      this.#operation('volume.revert', async ({ volumeId, snapshotId }, now) => {
        await updateVolume(db.query, volumeId, { status: 'available', updated_at: now });
        await updateSnapshot(db.query, snapshotId, { status: 'available', updated_at: now });
      }),
      this.#operation('volume.manage', async ({ volumeId }, now) => {
        await updateVolume(db.query, volumeId, { status: 'available', size_gb: 2, updated_at: now });
      }),
      this.#operation('volume.unmanage', ({ volumeId }, now) => markVolumeDeleted(db.query, volumeId, now)),
      this.#operation('snapshot.create', async ({ snapshotId }, now) => {
        await updateSnapshot(db.query, snapshotId, { status: 'available', progress: '100%', updated_at: now });
      }),
      this.#operation('snapshot.delete', ({ snapshotId }, now) => markSnapshotDeleted(db.query, snapshotId, now)),
    ];
  }

  #backing(): AnyOperation[] {
    const { db } = this.#deps;
    return [
      this.#operation('backup.create', async ({ backupId, volumeId }, now) => {
        await updateBackup(db.query, backupId, { status: 'available', object_count: 2, updated_at: now });
        await updateVolume(db.query, volumeId, { status: 'available', updated_at: now }, { status: ['backing-up'] });
        for (const { id } of await snapshotsOfVolume(db.query, volumeId))
          if ((await findSnapshot(db.query, id))?.status === 'backing-up')
            await updateSnapshot(db.query, id, { status: 'available', updated_at: now });
      }),
      this.#operation('backup.restore', async ({ backupId, volumeId }, now) => {
        await updateBackup(db.query, backupId, { status: 'available', updated_at: now });
        await updateVolume(db.query, volumeId, { status: 'available', updated_at: now });
      }),
      this.#operation('backup.delete', ({ backupId }, now) => markBackupDeleted(db.query, backupId, now)),
    ];
  }
}

const connectionTo = (volumeId: string, mode: 'rw' | 'ro'): ConnectionInfo => ({
  driver_volume_type: 'iscsi',
  data: {
    target_portal: '127.0.0.1:3260',
    target_iqn: `iqn.2010-10.org.openstack:volume-${volumeId}`,
    target_lun: 1,
    volume_id: volumeId,
    target_discovered: false,
    auth_method: 'CHAP',
    auth_username: 'user',
    auth_password: 'secret',
    access_mode: mode,
    encrypted: false,
    qos_specs: null,
  },
});

const report = (host: string): BackendReport => ({
  host,
  backendName: host.split('@')[1] ?? host,
  availabilityZone: 'nova',
  stats: {
    vendorName: 'Open Source',
    driverVersion: '1.0.0',
    storageProtocol: 'iSCSI',
    totalGb: 1000,
    freeGb: 900,
    thin: true,
  },
  allocatedGb: 0,
});
