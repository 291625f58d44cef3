import { isServiceAway } from '#clients/rest.ts';
import type { OperationDefinition } from '#common/operations/operation.ts';
import type { OperationInputs } from '../../operations/kinds.ts';
import { findVolume, updateVolume } from '../../volumes/rows.ts';
import type { VolumeStatus } from '../../volumes/states.ts';
import { volumeSpec } from '../backend.ts';
import { liveVolume, nowOf, tellProject, type VolumeDeps } from '../deps.ts';
import { ImageBusy } from '../images.ts';

/** Fills an image with a volume's bytes. An image that gets none is taken away again. */
export function uploadVolumeOperation(
  deps: VolumeDeps,
): OperationDefinition<OperationInputs['volume.upload'], Record<string, never>> {
  const { db, backend, images } = deps;
  const from = { status: ['uploading'] as readonly VolumeStatus[] };
  return {
    kind: 'volume.upload',
    action: 'upload_volume_to_image',
    steps: [
      {
        name: 'copy_volume_to_image',
        transient: (error) => error instanceof ImageBusy || isServiceAway(error),
        patienceMs: 120_000,
        async run({ input, signal }) {
          const volume = await liveVolume(deps, input.volumeId);
          const local = await backend.driver.open(volumeSpec(backend, volume), signal);
          await images.toImage(local, input.imageId, signal);
          return undefined;
        },
        undo: ({ input }) => images.discardImage(input.imageId),
      },
    ],
    async succeeded({ input }) {
      await updateVolume(db.query, input.volumeId, { status: input.oldStatus, updated_at: nowOf(deps) }, from);
    },
    async failed({ input, requestId }, { message }) {
      const volume = await findVolume(db.query, input.volumeId);
      if (!volume) return;
      await db.transaction(async (trx) => {
        const change = { status: input.oldStatus, fault: message, updated_at: nowOf(deps) };
        if (!(await updateVolume(trx, volume.id, change, from))) return;
        await tellProject(deps, trx, {
          ...{ projectId: volume.projectId, requestId, resourceType: 'VOLUME', resourceId: volume.id },
          action: 'copyVolumeToImage',
          detail: 'failedToUpload',
        });
      });
    },
  };
}
