import type { OperationDefinition } from '#common/operations/operation.ts';
import type { OperationInputs } from '../../operations/kinds.ts';
import { findVolume, markVolumeDeleted, updateVolume } from '../../volumes/rows.ts';
import { idIn, volumeSpec } from '../backend.ts';
import { liveVolume, nowOf, tellProject, type VolumeDeps } from '../deps.ts';
import { dropExport } from '../exports.ts';

/** Takes over what is in the back end under another name. */
export function manageVolumeOperation(
  deps: VolumeDeps,
): OperationDefinition<OperationInputs['volume.manage'], { sizeGb: number }> {
  const { db, backend, notify } = deps;
  return {
    kind: 'volume.manage',
    action: 'manage_volume',
    steps: [
      {
        name: 'manage_existing',
        async run({ input, signal }) {
          const volume = await liveVolume(deps, input.volumeId);
          const known = idIn(backend.conf.volume_name_template, input.existing);
          const managed = known === null ? null : await findVolume(db.query, known);
          if (managed && !managed.deleted && managed.id !== volume.id)
            throw new Error(`${input.existing} is managed already: it is volume ${managed.id}.`);
          const spec = volumeSpec(backend, volume);
          const sizeGb = await backend.locks.run([volume.id], () => backend.driver.adopt(spec, input.existing, signal));
          return { sizeGb };
        },
      },
    ],
    async succeeded({ input, state }) {
      const change = {
        status: 'available',
        fault: null,
        size_gb: state.sizeGb ?? 0,
        launched_at: nowOf(deps),
        updated_at: nowOf(deps),
      };
      await updateVolume(db.query, input.volumeId, change, { status: ['creating', 'managing'] });
      const volume = await findVolume(db.query, input.volumeId);
      if (volume) await notify.volume('manage_existing.end', volume);
    },
    async failed({ input }, { message }) {
      const change = { status: 'error_managing', fault: message, updated_at: nowOf(deps) };
      await updateVolume(db.query, input.volumeId, change, { status: ['creating', 'managing'] });
    },
  };
}

/** Forgets a volume; its bytes stay in the back end, under a name that nobody takes for ours. */
export function unmanageVolumeOperation(
  deps: VolumeDeps,
): OperationDefinition<OperationInputs['volume.unmanage'], Record<string, never>> {
  const { db, backend, notify } = deps;
  return {
    kind: 'volume.unmanage',
    action: 'unmanage_volume',
    cancellable: false,
    steps: [
      {
        name: 'unmanage_volume',
        async run({ input, signal }) {
          const volume = await findVolume(db.query, input.volumeId);
          if (!volume || volume.deleted) return undefined;
          await backend.locks.run([volume.id], async () => {
            await dropExport(deps, volume, signal);
            await backend.driver.release(volumeSpec(backend, volume), signal);
          });
          await db.transaction((trx) => markVolumeDeleted(trx, volume.id, nowOf(deps)));
          await notify.volume('unmanage.end', volume);
          return undefined;
        },
      },
    ],
    async failed({ input, requestId }, { message }) {
      const volume = await findVolume(db.query, input.volumeId);
      if (!volume) return;
      await db.transaction(async (trx) => {
        const change = { status: 'error_unmanaging', fault: message, updated_at: nowOf(deps) };
        if (!(await updateVolume(trx, volume.id, change, { status: ['unmanaging'] }))) return;
        await tellProject(deps, trx, {
          ...{ projectId: volume.projectId, requestId, resourceType: 'VOLUME', resourceId: volume.id },
          action: 'unmanageVolume',
          detail: 'unknown',
        });
      });
    },
  };
}
