import { ApiError } from '#common/api/errors.ts';
import { isServiceAway } from '#clients/rest.ts';
import type { OperationDefinition } from '#common/operations/operation.ts';
import { anyOperation } from '#common/operations/operation.ts';
import type { OperationInputs } from '../../operations/kinds.ts';
import { findServer } from '../../servers/rows.ts';
import type { VolumeDevice } from '../../volumes/model.ts';
import { findDevice, findVolumeOf, removeDevice, updateDevice } from '../../volumes/rows.ts';
import { ComputeDown } from '../compute-calls.ts';
import { liveServer, type ConductorDeps } from '../deps.ts';
import { connectionOf } from '../../volumes/connection.ts';
import { connectVolume, ensureAttachment, releaseVolume, volumeDisk } from '../volumes.ts';

type Nothing = Record<string, never>;
type Attach = OperationInputs['server.attach_volume'];
type Detach = OperationInputs['server.detach_volume'];
type Swap = OperationInputs['server.swap_volume'];
type Extend = OperationInputs['server.extend_volume'];

/** A copy of a volume may take as long as it likes. */
const day = 86_400_000;
const gibibyte = 1024 ** 3;

/** Everything that is done to the volumes of a server that is there. */
export const volumeOperations = (deps: ConductorDeps): OperationDefinition<never, never>[] => [
  anyOperation(attachVolume(deps)),
  anyOperation(detachVolume(deps)),
  anyOperation(swapVolume(deps)),
  anyOperation(extendVolume(deps)),
];

const deviceOf = async (deps: ConductorDeps, id: string): Promise<VolumeDevice | null> =>
  (await findDevice(deps.db.query, id)) as VolumeDevice | null;

/** Attaches a volume: reserved → connected to the host → in the guest → in use. */
function attachVolume(deps: ConductorDeps): OperationDefinition<Attach, { reserved: true }> {
  const { db, compute } = deps;
  return {
    kind: 'server.attach_volume',
    action: 'attach_volume',
    steps: [
      {
        name: 'volume_reserve',
        transient: isServiceAway,
        async run({ input }) {
          await liveServer(deps, input.serverId);
          const device = await deviceOf(deps, input.deviceId);
          if (device) await ensureAttachment(deps, device);
          return { reserved: true };
        },
        async undo({ input }) {
          const device = await deviceOf(deps, input.deviceId);
          if (!device) return;
          await releaseVolume(deps, input.serverId, device.volumeId);
          await removeDevice(db.query, device.id);
        },
      },
      {
        name: 'compute_attach_volume',
        transient: isServiceAway,
        async run({ input, signal }) {
          const server = await liveServer(deps, input.serverId);
          const device = await deviceOf(deps, input.deviceId);
          // A server that is nowhere (shelved) has it reserved, and gets it when it is somewhere.
          if (!device || server.host === null) return undefined;
          await deps.notify('compute.instance.volume.attach.start', server, { volume_id: device.volumeId });
          const { connector } = await compute.call(server.host, 'volumeConnector', {}, { signal });
          const connection = await connectVolume(deps, device, server.host, connector);
          const disk = volumeDisk(server, device, connection);
          await compute.call(server.host, 'attachVolume', { id: server.id, disk }, { signal });
          const attached = await deviceOf(deps, device.id);
          if (attached?.attachmentId) await deps.volume.attachments.complete(attached.attachmentId);
          return undefined;
        },
        async undo({ input, signal, log }) {
          const server = await findServer(db.query, input.serverId);
          const device = await deviceOf(deps, input.deviceId);
          if (!device || !server?.host) return;
          const { volumeId } = device;
          await compute
            .call(server.host, 'detachVolume', { id: server.id, volumeId }, { signal, downMs: 0 })
            .catch((error: unknown) =>
              log.warn(
                `Volume ${volumeId} may still be in the guest ${server.id}; it leaves it when the guest is started anew`,
                error,
              ),
            );
        },
      },
    ],
    async succeeded({ input }) {
      const server = await findServer(db.query, input.serverId);
      if (server) await deps.notify('compute.instance.volume.attach', server);
    },
  };
}

/** Cinder knows that the volume is let go (`detaching`). One that is only reserved, or no more, has nothing to be let go of. */
async function beginDetaching(deps: ConductorDeps, volumeId: string): Promise<void> {
  try {
    const { status } = await deps.volume.show(volumeId);
    if (status === 'in-use') await deps.volume.action(volumeId, 'os-begin_detaching', {});
  } catch (error) {
    if (!(error instanceof ApiError && error.status === 404)) throw error;
  }
}

/** Detaches a volume: out of the guest first; what fails before that leaves it attached. */
function detachVolume(deps: ConductorDeps): OperationDefinition<Detach, { begun: true }> {
  const { db, compute } = deps;
  return {
    kind: 'server.detach_volume',
    action: 'detach_volume',
    steps: [
      {
        name: 'volume_begin_detaching',
        transient: isServiceAway,
        async run({ input }) {
          await liveServer(deps, input.serverId);
          const device = await deviceOf(deps, input.deviceId);
          if (device) await beginDetaching(deps, device.volumeId);
          return { begun: true };
        },
        async undo({ input }) {
          const device = await deviceOf(deps, input.deviceId);
          if (!device) return;
          const volume = await deps.volume.show(device.volumeId).catch((error: unknown) => {
            if (error instanceof ApiError && error.status === 404) return null;
            throw error;
          });
          if (volume?.status === 'detaching') await deps.volume.action(device.volumeId, 'os-roll_detaching', {});
        },
      },
      {
        name: 'compute_detach_volume',
        transient: (error) => error instanceof ComputeDown,
        async run({ input, signal }) {
          const server = await liveServer(deps, input.serverId);
          const device = await deviceOf(deps, input.deviceId);
          if (!device || server.host === null) return undefined;
          await deps.notify('compute.instance.volume.detach.start', server, { volume_id: device.volumeId });
          await compute.call(
            server.host,
            'detachVolume',
            { id: server.id, volumeId: device.volumeId },
            { signal, totalMs: 180_000 },
          );
          return undefined;
        },
      },
      {
        name: 'volume_detach',
        // The guest has let go: there is no way back.
        transient: () => true,
        patienceMs: day,
        async run({ input }) {
          const device = await deviceOf(deps, input.deviceId);
          if (!device) return undefined;
          await releaseVolume(deps, input.serverId, device.volumeId);
          await removeDevice(db.query, device.id);
          return undefined;
        },
      },
    ],
    async succeeded({ input }) {
      const server = await findServer(db.query, input.serverId);
      if (server) await deps.notify('compute.instance.volume.detach', server);
    },
  };
}

/** Puts another volume, with the same content, in the place of one that the guest goes on using meanwhile. */
function swapVolume(deps: ConductorDeps): OperationDefinition<Swap, { attachmentId: string; volumeId: string }> {
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
          const device = await deviceOf(deps, input.deviceId);
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
          const device = await deviceOf(deps, input.deviceId);
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
function extendVolume(deps: ConductorDeps): OperationDefinition<Extend, Nothing> {
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
