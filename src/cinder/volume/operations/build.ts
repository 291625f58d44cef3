import { isServiceAway } from '#clients/rest.ts';
import type { OperationDefinition, OperationFailure, StepContext } from '#common/operations/operation.ts';
import type { OperationInputs } from '../../operations/kinds.ts';
import type { Owner } from '../../operations/journal.ts';
import { findSnapshot } from '../../snapshots/rows.ts';
import type { Volume } from '../../volumes/model.ts';
import { findVolume, updateVolume } from '../../volumes/rows.ts';
import { snapshotSpec, volumeSpec } from '../backend.ts';
import { liveVolume, nowOf, tellProject, type VolumeDeps } from '../deps.ts';

type Input = OperationInputs['volume.build'];

/** Makes a volume: blank, of an image, a snapshot or another volume. */
export function buildVolumeOperation(deps: VolumeDeps): OperationDefinition<Input, Record<string, never>> {
  const { db, backend, notify } = deps;
  const { driver, locks } = backend;
  return {
    kind: 'volume.build',
    action: 'build_volume',
    steps: [
      {
        name: 'create_volume',
        async run({ input, signal }) {
          const volume = await liveVolume(deps, input.volumeId);
          await notify.volume('create.start', volume);
          const spec = volumeSpec(backend, volume);
          const { snapshotId, sourceVolumeId } = volume;
          const snapshot = snapshotId === null ? null : await findSnapshot(db.query, snapshotId);
          const original = await findVolume(db.query, snapshot?.volumeId ?? sourceVolumeId ?? '');
          await locks.run([volume.id, ...(original ? [original.id] : [])], async () => {
            if (snapshot && original)
              await driver.createFromSnapshot(
                spec,
                snapshotSpec(backend, snapshot.id, sized(original, snapshot)),
                signal,
              );
            else if (sourceVolumeId !== null && original)
              await driver.createFromVolume(spec, volumeSpec(backend, original), signal);
            else if (snapshotId !== null || sourceVolumeId !== null)
              throw new Error(
                `What the volume was to be made of (${snapshotId ?? sourceVolumeId}) is not there any more.`,
              );
            else await driver.create(spec, signal);
          });
          return undefined;
        },
        undo: async ({ input, signal }) => removeBytes(deps, input.volumeId, signal),
      },
      {
        name: 'copy_image_to_volume',
        transient: isServiceAway,
        patienceMs: 60_000,
        async run({ input, signal }) {
          const volume = await liveVolume(deps, input.volumeId);
          if (volume.imageId === null || volume.snapshotId !== null || volume.sourceVolumeId !== null) return undefined;
          await updateVolume(
            db.query,
            volume.id,
            { status: 'downloading', updated_at: nowOf(deps) },
            { status: ['creating'] },
          );
          const spec = volumeSpec(backend, volume);
          const { imageId } = volume;
          await locks.run([volume.id], async () =>
            deps.images.toVolume(imageId, spec, await driver.open(spec, signal), signal),
          );
          return undefined;
        },
      },
    ],
    async succeeded({ input }) {
      const volume = await findVolume(db.query, input.volumeId);
      if (!volume) return;
      const change = {
        status: 'available',
        fault: null,
        ...(volume.imageId !== null && { bootable: 1 }),
        launched_at: nowOf(deps),
        updated_at: nowOf(deps),
      };
      const done = await updateVolume(db.query, volume.id, change, { status: ['creating', 'downloading'] });
      if (done) await notify.volume('create.end', { ...volume, status: 'available' });
    },
    failed: (op, error) => buildFailed(deps, op, error),
  };
}

/** What a snapshot is of had the snapshot's size then. */
const sized = (volume: Volume, { sizeGb }: { readonly sizeGb: number }): Volume => ({ ...volume, sizeGb });

async function removeBytes(deps: VolumeDeps, volumeId: string, signal: AbortSignal): Promise<void> {
  const volume = await findVolume(deps.db.query, volumeId);
  if (volume)
    await deps.backend.locks.run([volumeId], () =>
      deps.backend.driver.delete(volumeSpec(deps.backend, volume), signal),
    );
}

/** Back to a scheduler where another back end may do better; else the volume is in error, with why. */
async function buildFailed(
  deps: VolumeDeps,
  { input, requestId, log }: StepContext<Input, unknown>,
  error: OperationFailure,
): Promise<void> {
  const { db, backend, journal, directory, notify } = deps;
  const { volumeId, hints, tried = [] } = input;
  const failures = [...tried, { host: backend.host, reason: error.message }];
  const imageFailed = error.step === 'copy_image_to_volume';
  const again = hints !== undefined && !imageFailed && failures.length < deps.conf.DEFAULT.scheduler_max_attempts;
  const scheduler: Owner | null = again ? await directory.scheduler() : null;
  const volume = await db.transaction(async (trx) => {
    const current = await findVolume(trx, volumeId, true);
    // Deleted meanwhile, or handed back already, before a crash.
    if (!current || current.deleted || current.host !== backend.host) return null;
    const from = { status: ['creating', 'downloading'] } as const;
    const now = nowOf(deps);
    if (scheduler) {
      if (!(await updateVolume(trx, volumeId, { status: 'creating', host: null, updated_at: now }, from))) return null;
      const { projectId, userId } = current;
      const what = { volumeId, hints: hints ?? {}, tried: failures };
      await journal.add(trx, { requestId, userId }, 'volume.create', { input: what, projectId, owner: scheduler });
      return null;
    }
    const fault = tried.length === 0 ? error.message : faultOf(failures);
    if (!(await updateVolume(trx, volumeId, { status: 'error', fault, updated_at: now }, from))) return null;
    await tellProject(deps, trx, {
      ...{ projectId: current.projectId, requestId, resourceType: 'VOLUME', resourceId: volumeId },
      ...(imageFailed
        ? {
            action: 'copyImageToVolume',
            detail: error.message.includes("doesn't fit") ? 'notEnoughSpaceForImage' : 'unknown',
          }
        : { action: 'createVolumeFromBackend', detail: 'driverFailedCreate' }),
    });
    return current;
  });
  if (volume) await notify.volume('create.error', { ...volume, status: 'error' }, { reason: error.message });
  if (scheduler)
    await journal
      .launch(scheduler, requestId)
      .catch((cause: unknown) =>
        log.warn(`${scheduler.host} was not told of volume ${volumeId}; it looks itself`, cause),
      );
}

const faultOf = (failures: readonly { readonly host: string; readonly reason: string }[]): string =>
  `No back end could make the volume. ${failures.map(({ host, reason }) => `${host}: ${reason}`).join('; ')}`;
