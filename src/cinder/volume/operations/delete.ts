import type { OperationDefinition } from '#common/operations/operation.ts';
import type { OperationInputs } from '../../operations/kinds.ts';
import { markSnapshotDeleted, snapshotsOfVolume, updateSnapshot } from '../../snapshots/rows.ts';
import { findVolume, markVolumeDeleted, updateVolume } from '../../volumes/rows.ts';
import { snapshotSpec, volumeSpec } from '../backend.ts';
import { dropExport } from '../exports.ts';
import { nowOf, type VolumeDeps } from '../deps.ts';

/** Deletes a volume, whatever state it is in. It has no undo: what is gone is gone. */
export function deleteVolumeOperation(
  deps: VolumeDeps,
): OperationDefinition<OperationInputs['volume.delete'], Record<string, never>> {
  const { db, backend, notify } = deps;
  const { driver, locks } = backend;
  return {
    kind: 'volume.delete',
    action: 'delete_volume',
    cancellable: false,
    steps: [
      {
        name: 'remove_export',
        async run({ input, signal }) {
          const volume = await findVolume(db.query, input.volumeId);
          if (!volume || volume.deleted) return undefined;
          await notify.volume('delete.start', volume);
          await locks.run([volume.id], () => dropExport(deps, volume, signal));
          return undefined;
        },
      },
      {
        name: 'delete_snapshots',
        async run({ input, signal }) {
          const volume = await findVolume(db.query, input.volumeId);
          if (!volume || volume.deleted) return undefined;
          await locks.run([volume.id], async () => {
            for (const snapshot of await snapshotsOfVolume(db.query, volume.id)) {
              await driver.deleteSnapshot(snapshotSpec(backend, snapshot.id, volume), signal);
              await markSnapshotDeleted(db.query, snapshot.id, nowOf(deps));
              await notify.snapshot('delete.end', snapshot);
            }
          });
          return undefined;
        },
      },
      {
        name: 'delete_volume',
        async run({ input, signal }) {
          const volume = await findVolume(db.query, input.volumeId);
          if (volume && !volume.deleted)
            await locks.run([volume.id], () => driver.delete(volumeSpec(backend, volume), signal));
          return undefined;
        },
      },
      {
        name: 'forget_volume',
        async run({ input }) {
          await db.transaction((trx) => markVolumeDeleted(trx, input.volumeId, nowOf(deps)));
          return undefined;
        },
      },
    ],
    async succeeded({ input }) {
      const volume = await findVolume(db.query, input.volumeId);
      if (volume) await notify.volume('delete.end', volume);
    },
    async failed({ input }, { message }) {
      const now = nowOf(deps);
      await db.transaction(async (trx) => {
        await updateVolume(trx, input.volumeId, { status: 'error_deleting', fault: message, updated_at: now });
        for (const { id } of await snapshotsOfVolume(trx, input.volumeId))
          await updateSnapshot(
            trx,
            id,
            { status: 'error_deleting', fault: message, updated_at: now },
            { status: ['deleting'] },
          );
      });
    },
  };
}
