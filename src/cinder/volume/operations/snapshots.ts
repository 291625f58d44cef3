import type { OperationDefinition } from '#common/operations/operation.ts';
import type { OperationInputs } from '../../operations/kinds.ts';
import { findSnapshot, markSnapshotDeleted, updateSnapshot, type Snapshot } from '../../snapshots/rows.ts';
import { findVolume, updateVolume } from '../../volumes/rows.ts';
import { snapshotSpec } from '../backend.ts';
import type { SnapshotSpec } from '../../drivers/driver.ts';
import { liveVolume, nowOf, tellProject, type VolumeDeps } from '../deps.ts';

type Input = OperationInputs['snapshot.create'];

/** A snapshot as the driver knows it, when it is to be in the back end. */
async function specOf(deps: VolumeDeps, { volumeId, snapshotId }: Input): Promise<SnapshotSpec | null> {
  const volume = await findVolume(deps.db.query, volumeId);
  const snapshot = await findSnapshot(deps.db.query, snapshotId);
  if (!volume || !snapshot || snapshot.deleted) return null;
  return snapshotSpec(deps.backend, snapshot.id, volume);
}

const failSnapshot = (
  deps: VolumeDeps,
  snapshot: Snapshot,
  requestId: string,
  {
    status,
    fault,
    action,
  }: { status: 'error' | 'error_deleting'; fault: string; action: 'snapshotCreate' | 'snapshotDelete' },
): Promise<void> =>
  deps.db.transaction(async (trx) => {
    const from = action === 'snapshotCreate' ? (['creating'] as const) : (['deleting'] as const);
    if (!(await updateSnapshot(trx, snapshot.id, { status, fault, updated_at: nowOf(deps) }, { status: from }))) return;
    await tellProject(deps, trx, {
      ...{ projectId: snapshot.projectId, requestId, resourceType: 'VOLUME_SNAPSHOT', resourceId: snapshot.id },
      action,
      detail: action === 'snapshotCreate' ? 'snapshotCreateError' : 'snapshotDeleteError',
    });
  });

export function createSnapshotOperation(deps: VolumeDeps): OperationDefinition<Input, Record<string, never>> {
  const { db, backend, notify } = deps;
  return {
    kind: 'snapshot.create',
    action: 'create_snapshot',
    steps: [
      {
        name: 'create_snapshot',
        async run({ input, signal }) {
          await liveVolume(deps, input.volumeId);
          const spec = await specOf(deps, input);
          const snapshot = await findSnapshot(db.query, input.snapshotId);
          if (!spec || !snapshot) return undefined;
          await notify.snapshot('create.start', snapshot);
          await backend.locks.run([input.volumeId], () => backend.driver.createSnapshot(spec, signal));
          return undefined;
        },
        async undo({ input, signal }) {
          const volume = await findVolume(db.query, input.volumeId);
          if (!volume) return;
          const spec = snapshotSpec(backend, input.snapshotId, volume);
          await backend.locks.run([input.volumeId], () => backend.driver.deleteSnapshot(spec, signal));
        },
      },
    ],
    async succeeded({ input }) {
      const change = { status: 'available', progress: '100%', fault: null, updated_at: nowOf(deps) };
      await updateSnapshot(db.query, input.snapshotId, change, { status: ['creating'] });
      const snapshot = await findSnapshot(db.query, input.snapshotId);
      if (snapshot) await notify.snapshot('create.end', snapshot);
    },
    async failed({ input, requestId }, { message }) {
      const snapshot = await findSnapshot(db.query, input.snapshotId);
      if (snapshot)
        await failSnapshot(deps, snapshot, requestId, { status: 'error', fault: message, action: 'snapshotCreate' });
    },
  };
}

export function deleteSnapshotOperation(deps: VolumeDeps): OperationDefinition<Input, Record<string, never>> {
  const { db, backend, notify } = deps;
  return {
    kind: 'snapshot.delete',
    action: 'delete_snapshot',
    cancellable: false,
    steps: [
      {
        name: 'delete_snapshot',
        async run({ input, signal }) {
          const spec = await specOf(deps, input);
          const snapshot = await findSnapshot(db.query, input.snapshotId);
          if (!spec || !snapshot) return undefined;
          await notify.snapshot('delete.start', snapshot);
          await backend.locks.run([input.volumeId], () => backend.driver.deleteSnapshot(spec, signal));
          await markSnapshotDeleted(db.query, snapshot.id, nowOf(deps));
          await notify.snapshot('delete.end', snapshot);
          return undefined;
        },
      },
    ],
    async failed({ input, requestId }, { message }) {
      const snapshot = await findSnapshot(db.query, input.snapshotId);
      if (snapshot)
        await failSnapshot(deps, snapshot, requestId, {
          status: 'error_deleting',
          fault: message,
          action: 'snapshotDelete',
        });
    },
  };
}

/** A volume becomes again what its snapshot is. Interrupted, it is done again: half of it is of no use to anybody. */
export function revertVolumeOperation(
  deps: VolumeDeps,
): OperationDefinition<OperationInputs['volume.revert'], Record<string, never>> {
  const { db, backend } = deps;
  const settle = (input: Input, status: 'available' | 'error', fault: string | null): Promise<void> =>
    db.transaction(async (trx) => {
      const now = nowOf(deps);
      await updateVolume(trx, input.volumeId, { status, fault, updated_at: now }, { status: ['reverting'] });
      await updateSnapshot(trx, input.snapshotId, { status: 'available', updated_at: now }, { status: ['restoring'] });
    });
  return {
    kind: 'volume.revert',
    action: 'revert_to_snapshot',
    steps: [
      {
        name: 'revert_to_snapshot',
        async run({ input, signal }) {
          await liveVolume(deps, input.volumeId);
          const spec = await specOf(deps, input);
          if (!spec) throw new Error(`Snapshot ${input.snapshotId} is not there any more.`);
          await backend.locks.run([input.volumeId], () => backend.driver.revertToSnapshot(spec, signal));
          return undefined;
        },
      },
    ],
    succeeded: ({ input }) => settle(input, 'available', null),
    failed: ({ input }, { message }) => settle(input, 'error', message),
  };
}
