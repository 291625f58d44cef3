import type { OperationDefinition } from '#common/operations/operation.ts';
import type { OperationInputs } from '../../operations/kinds.ts';
import { findVolume, updateVolume } from '../../volumes/rows.ts';
import type { VolumeStatus } from '../../volumes/states.ts';
import { volumeSpec } from '../backend.ts';
import { liveVolume, nowOf, tellProject, type VolumeDeps } from '../deps.ts';
import { bringExport, exportOf } from '../exports.ts';

/** Makes a volume larger. What has grown does not shrink again, so there is nothing to undo. */
export function extendVolumeOperation(
  deps: VolumeDeps,
): OperationDefinition<OperationInputs['volume.extend'], Record<string, never>> {
  const { db, backend, notify } = deps;
  const from = { status: ['extending'] as readonly VolumeStatus[] };
  return {
    kind: 'volume.extend',
    action: 'extend_volume',
    steps: [
      {
        name: 'extend_volume',
        async run({ input, signal }) {
          const volume = await liveVolume(deps, input.volumeId);
          await notify.volume('resize.start', volume);
          await backend.locks.run([volume.id], () =>
            backend.driver.extend(volumeSpec(backend, { ...volume, sizeGb: input.newSizeGb }), signal),
          );
          return undefined;
        },
      },
      {
        // Hosts that connect from now on see the new size.
        name: 'renew_export',
        async run({ input, signal }) {
          await backend.locks.run([input.volumeId], async () => {
            const volume = await liveVolume(deps, input.volumeId);
            if (exportOf(volume)) await bringExport(deps, { ...volume, sizeGb: input.newSizeGb }, signal);
          });
          return undefined;
        },
      },
    ],
    async succeeded({ input }) {
      const { volumeId, newSizeGb, oldStatus } = input;
      const change = { size_gb: newSizeGb, status: oldStatus, fault: null, updated_at: nowOf(deps) };
      await updateVolume(db.query, volumeId, change, from);
      const volume = await findVolume(db.query, volumeId);
      if (volume) await notify.volume('resize.end', volume);
    },
    async failed({ input, requestId }, { message }) {
      const volume = await findVolume(db.query, input.volumeId);
      if (!volume) return;
      await db.transaction(async (trx) => {
        const change = { status: 'error_extending', fault: message, updated_at: nowOf(deps) };
        if (!(await updateVolume(trx, volume.id, change, from))) return;
        await tellProject(deps, trx, {
          ...{ projectId: volume.projectId, requestId, resourceType: 'VOLUME', resourceId: volume.id },
          action: 'extendVolume',
          detail: 'driverFailedExtend',
        });
      });
    },
  };
}
