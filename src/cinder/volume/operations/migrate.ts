import type { OperationDefinition, Step } from '#common/operations/operation.ts';
import type { OperationInputs } from '../../operations/kinds.ts';
import { findType } from '../../types/rows.ts';
import type { Volume } from '../../volumes/model.ts';
import { findVolume, updateVolume, type VolumeChange } from '../../volumes/rows.ts';
import type { VolumeStatus } from '../../volumes/states.ts';
import { COPY_TIMEOUT_MS } from '../../drivers/kit.ts';
import { volumeSpec } from '../backend.ts';
import { liveVolume, nowOf, type VolumeDeps } from '../deps.ts';
import { dropExport, expose, unexpose } from '../exports.ts';

interface MoveState {
  /** Null: it stays where it is. */
  destination: string | null;
}
type MoveStep<Input> = Step<Input, MoveState>;

/** Who reads the volume during its move, as a compute host would say it of itself. */
const readerOn = (backendHost: string) => ({
  initiator: 'iqn.2010-10.org.openstack:cinder',
  ip: '',
  host: backendHost.split('@')[0] as string,
  multipath: false,
  platform: process.arch,
  os_type: process.platform,
});

/**
 * Copies the volume into another back end and makes that the volume: in one statement, so that there is always exactly one.
 * @param landed what the row becomes besides its new back end
 */
function moveSteps<Input extends { readonly volumeId: string }>(
  deps: VolumeDeps,
  landed: (volume: Volume, input: Input) => Omit<VolumeChange, 'updated_at'>,
): readonly MoveStep<Input>[] {
  const { db, backend, volumeDaemon } = deps;
  const isHere = (volume: Volume): boolean => volume.host?.split('#')[0] === backend.host;
  return [
    {
      name: 'check_destination',
      async run({ input, state }) {
        if (state.destination == null) return undefined;
        const { volumeId } = input;
        await volumeDaemon.call('checkReceive', { volumeId }, { host: state.destination });
        await updateVolume(db.query, volumeId, { migration_status: 'migrating', updated_at: nowOf(deps) });
        return undefined;
      },
    },
    {
      name: 'copy_volume',
      async run({ input, state, operationId, signal }) {
        const volume = await liveVolume(deps, input.volumeId);
        // After a crash between the change of the row and its note in the journal it is somebody else's already.
        if (state.destination == null || !isHere(volume)) return undefined;
        const { destination } = state;
        const what = { volumeId: volume.id, purpose: operationId };
        const reader = readerOn(destination);
        const connection = await expose(deps, { ...what, snapshotId: null, connector: reader }, signal);
        try {
          const options = { host: destination, timeoutMs: COPY_TIMEOUT_MS, signal };
          await volumeDaemon.call('receive', { volumeId: volume.id, connection }, options);
        } finally {
          await unexpose(deps, what, new AbortController().signal);
        }
        return undefined;
      },
      async undo({ input, state, operationId, signal }) {
        await unexpose(deps, { volumeId: input.volumeId, purpose: operationId }, signal);
        if (state.destination == null) return;
        // Should the volume be there by now, it is left.
        await volumeDaemon.call('discard', { volumeId: input.volumeId }, { host: state.destination });
      },
    },
    {
      name: 'switch_volume',
      async run({ input, state, signal }) {
        const volume = await liveVolume(deps, input.volumeId);
        const { destination } = state;
        if (destination == null) {
          await updateVolume(db.query, volume.id, { ...landed(volume, input), updated_at: nowOf(deps) });
          return undefined;
        }
        if (!isHere(volume)) return undefined;
        await backend.locks.run([volume.id], () => dropExport(deps, volume, signal));
        await updateVolume(db.query, volume.id, {
          ...landed(volume, input),
          host: destination,
          migration_status: 'success',
          updated_at: nowOf(deps),
        });
        return undefined;
      },
    },
    {
      name: 'remove_original',
      async run({ input, state, signal }) {
        const volume = await findVolume(db.query, input.volumeId);
        if (state.destination == null || !volume || isHere(volume)) return undefined;
        await backend.locks.run([volume.id], () => backend.driver.delete(volumeSpec(backend, volume), signal));
        return undefined;
      },
      // The volume is elsewhere, and well: what is left here is only in the way.
      transient: () => true,
      patienceMs: 86_400_000,
    },
  ];
}

const resting = (volume: Volume): VolumeStatus => volume.previousStatus ?? 'available';

function refuseInUse(volume: Volume): void {
  if (resting(volume) === 'in-use' || volume.status === 'in-use')
    throw new Error(
      `Volume ${volume.id} is in use, and the server that has it would lose it. Detach it, or move it by Nova: nova volume-update.`,
    );
}

export function migrateVolumeOperation(
  deps: VolumeDeps,
): OperationDefinition<OperationInputs['volume.migrate'], MoveState> {
  const { db } = deps;
  return {
    kind: 'volume.migrate',
    action: 'migrate_volume',
    steps: [
      {
        name: 'begin_migration',
        async run({ input }) {
          const volume = await liveVolume(deps, input.volumeId);
          refuseInUse(volume);
          return { destination: input.host };
        },
      },
      ...moveSteps<OperationInputs['volume.migrate']>(deps, () => ({})),
    ],
    async succeeded({ input }) {
      const volume = await findVolume(db.query, input.volumeId);
      if (volume)
        await updateVolume(
          db.query,
          volume.id,
          { status: resting(volume), updated_at: nowOf(deps) },
          { status: ['maintenance'] },
        );
    },
    async failed({ input }, { message }) {
      const volume = await findVolume(db.query, input.volumeId);
      if (!volume) return;
      const change = { migration_status: 'error', fault: message, updated_at: nowOf(deps) };
      await updateVolume(db.query, volume.id, change);
      await updateVolume(
        db.query,
        volume.id,
        { status: resting(volume), updated_at: nowOf(deps) },
        { status: ['maintenance'] },
      );
    },
  };
}

/** Gives a volume another type; where its back end is not what that type wants, it moves, if that is allowed. */
export function retypeVolumeOperation(
  deps: VolumeDeps,
): OperationDefinition<OperationInputs['volume.retype'], MoveState> {
  const { db, backend, chooser } = deps;
  const from = { status: ['retyping'] as readonly VolumeStatus[] };
  return {
    kind: 'volume.retype',
    action: 'retype_volume',
    steps: [
      {
        name: 'choose_backend',
        async run({ input }) {
          const volume = await liveVolume(deps, input.volumeId);
          const type = await findType(db.query, input.newTypeId);
          if (!type) throw new Error(`Volume type ${input.newTypeId} is not there any more.`);
          const wish = { volume: { ...volume, sizeGb: 0 }, typeId: type.id, hints: {}, tried: [] };
          const verdict = await chooser.verdict(backend.host, wish);
          if (verdict === null) return { destination: null };
          if (input.migration === 'never')
            throw new Error(
              `The volume would have to move, which was not allowed (--migration-policy on-demand): ${verdict.reason}.`,
            );
          refuseInUse(volume);
          const { host } = await chooser.choose({
            ...wish,
            volume,
            tried: [{ host: backend.host, reason: verdict.reason }],
          });
          return { destination: host };
        },
      },
      ...moveSteps<OperationInputs['volume.retype']>(deps, (_volume, { newTypeId }) => ({ volume_type_id: newTypeId })),
    ],
    async succeeded({ input }) {
      const volume = await findVolume(db.query, input.volumeId);
      if (volume)
        await updateVolume(
          db.query,
          volume.id,
          { status: resting(volume), fault: null, updated_at: nowOf(deps) },
          from,
        );
    },
    async failed({ input }, { message }) {
      const volume = await findVolume(db.query, input.volumeId);
      if (!volume) return;
      const change = {
        status: resting(volume),
        fault: message,
        ...(volume.migrationStatus === 'migrating' && { migration_status: 'error' }),
        updated_at: nowOf(deps),
      };
      await updateVolume(db.query, volume.id, change, from);
    },
  };
}
