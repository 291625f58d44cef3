import { ApiError } from '#common/api/errors.ts';
import { isServiceAway } from '#clients/rest.ts';
import type { OperationDefinition } from '#common/operations/operation.ts';
import type { OperationInputs } from '../../operations/kinds.ts';
import { findServer } from '../../servers/rows.ts';
import { connectionOf } from '../../volumes/connection.ts';
import { findVolume, findVolumeOf, updateDevice } from '../../volumes/rows.ts';
import { ComputeDown } from '../compute-calls.ts';
import { liveServer, type ConductorDeps } from '../deps.ts';
import { releaseVolume, volumeDisk } from '../volumes.ts';

type Nothing = Record<string, never>;
type Swap = OperationInputs['server.swap_volume'];
type Extend = OperationInputs['server.extend_volume'];

/** A copy of a volume may take as long as it likes. */
const day = 86_400_000;
const gibibyte = 1024 ** 3;

/** Puts another volume, with the same content, in the place of one that the guest goes on using meanwhile. */
export function swapVolume(deps: ConductorDeps): OperationDefinition<Swap, { attachmentId: string; volumeId: string }> {
  const { db, compute } = deps;
  return {
    kind: 'server.swap_volume',
    action: 'swap_volume',
    steps: [
      {
        name: 'volume_reserve',
        transient: isServiceAway,
        async run({ input }) {
          await liveServer(deps, input.serverId);
          const tie = { volume_id: input.newVolumeId, instance_id: input.serverId };
          const [made] = (await deps.volume.attachments.list(tie)).filter((one) => one.status !== 'detached');
          const { id } =
            made ?? (await deps.volume.attachments.create({ volumeId: input.newVolumeId, serverId: input.serverId }));
          return { attachmentId: id };
        },
        undo: ({ input }) => releaseVolume(deps, input.serverId, input.newVolumeId),
      },
      {
        name: 'compute_swap_volume',
        transient: isServiceAway,
        async run({ input, state, signal, log }) {
          const server = await liveServer(deps, input.serverId);
          const device = await findVolume(deps.db.query, input.deviceId);
          if (!device || server.host === null || state.attachmentId === undefined)
            throw new Error(`Volume ${input.newVolumeId} cannot be given to instance ${input.serverId}`);
          const { connector } = await compute.call(server.host, 'volumeConnector', {}, { signal });
          const { connection_info: info } = await deps.volume.attachments.connect(state.attachmentId, {
            ...connector,
            mountpoint: device.deviceName,
          });
          const disk = volumeDisk(server, { ...device, volumeId: input.newVolumeId }, connectionOf(info));
          await compute.call(
            server.host,
            'swapVolume',
            { id: server.id, volumeId: device.volumeId, disk },
            { signal, totalMs: day },
          );
          const { size } = await deps.volume.show(input.newVolumeId);
          if (size > (device.volumeSize ?? size))
            await compute
              .call(
                server.host,
                'growVolume',
                { id: server.id, volumeId: input.newVolumeId, bytes: size * gibibyte },
                { signal },
              )
              .catch((error: unknown) =>
                log.warn(`The guest ${server.id} sees that its volume is larger at its next start`, error),
              );
          return { volumeId: device.volumeId };
        },
      },
      {
        name: 'volume_swapped',
        // The guest uses the new one: there is no way back.
        transient: () => true,
        patienceMs: day,
        async run({ input, state }) {
          const device = await findVolume(deps.db.query, input.deviceId);
          const server = await findServer(db.query, input.serverId);
          if (!device || !server || state.attachmentId === undefined || state.volumeId === undefined) return undefined;
          await deps.volume.attachments.complete(state.attachmentId);
          if (device.volumeId !== input.newVolumeId) {
            const { size } = await deps.volume.show(input.newVolumeId);
            await updateDevice(db.query, device.id, {
              volume_id: input.newVolumeId,
              attachment_id: state.attachmentId,
              connected_host: server.host,
              volume_size: size,
            });
          }
          await releaseVolume(deps, server.id, state.volumeId);
          await completeMigration(deps, state.volumeId, input.newVolumeId, device.id);
          return undefined;
        },
      },
    ],
  };
}

/** A swap that Cinder asked for (retype, migration) ends there: the old volume's id may stay, with the new one's content. */
async function completeMigration(deps: ConductorDeps, from: string, to: string, deviceId: string): Promise<void> {
  const old = await deps.volume.show(from).catch((error: unknown) => {
    if (error instanceof ApiError && error.status === 404) return null;
    throw error;
  });
  const status = old?.['migration_status'] ?? null;
  if (status === null || ['success', 'error', 'none'].includes(String(status))) return;
  const answer = await deps.volume.action<{ save_volume_id?: string } | undefined>(
    from,
    'os-migrate_volume_completion',
    { new_volume: to, error: false },
  );
  if (answer?.save_volume_id === from) await updateDevice(deps.db.query, deviceId, { volume_id: from });
}

/** A volume has grown while a guest uses it: the guest is told. */
export function extendVolume(deps: ConductorDeps): OperationDefinition<Extend, Nothing> {
  const { db, compute } = deps;
  return {
    kind: 'server.extend_volume',
    action: 'extend_volume',
    steps: [
      {
        name: 'compute_extend_volume',
        transient: (error) => isServiceAway(error) || error instanceof ComputeDown,
        async run({ input, signal }) {
          const { serverId, volumeId } = input;
          const server = await liveServer(deps, serverId);
          const device = await findVolumeOf(db.query, serverId, volumeId);
          if (!device) return undefined;
          const { size } = await deps.volume.show(volumeId);
          await updateDevice(db.query, device.id, { volume_size: size });
          if (server.host !== null)
            await compute.call(
              server.host,
              'growVolume',
              { id: server.id, volumeId, bytes: size * gibibyte },
              { signal },
            );
          return undefined;
        },
      },
    ],
  };
}
