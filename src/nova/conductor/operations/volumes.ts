import { ApiError } from '#common/api/errors.ts';
import { isServiceAway } from '#clients/rest.ts';
import type { OperationDefinition } from '#common/operations/operation.ts';
import { anyOperation } from '#common/operations/operation.ts';
import type { OperationInputs } from '../../operations/kinds.ts';
import { findServer } from '../../servers/rows.ts';
import { findVolume, removeDevice } from '../../volumes/rows.ts';
import { ComputeDown } from '../compute-calls.ts';
import { liveServer, type ConductorDeps } from '../deps.ts';
import { connectVolume, ensureAttachment, releaseVolume, volumeDisk } from '../volumes.ts';
import { extendVolume, swapVolume } from './volume-changes.ts';

type Attach = OperationInputs['server.attach_volume'];
type Detach = OperationInputs['server.detach_volume'];

/** The guest has let go: Cinder hears of it, however long it is away. */
const day = 86_400_000;
/** Everything that is done to the volumes of a server that is there. */
export const volumeOperations = (deps: ConductorDeps): OperationDefinition<never, never>[] => [
  anyOperation(attachVolume(deps)),
  anyOperation(detachVolume(deps)),
  anyOperation(swapVolume(deps)),
  anyOperation(extendVolume(deps)),
];

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
          const device = await findVolume(deps.db.query, input.deviceId);
          if (device) await ensureAttachment(deps, device);
          return { reserved: true };
        },
        async undo({ input }) {
          const device = await findVolume(deps.db.query, input.deviceId);
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
          const device = await findVolume(deps.db.query, input.deviceId);
          // A server that is nowhere (shelved) has it reserved, and gets it when it is somewhere.
          if (!device || server.host === null) return undefined;
          await deps.notify('compute.instance.volume.attach.start', server, { volume_id: device.volumeId });
          const { connector } = await compute.call(server.host, 'volumeConnector', {}, { signal });
          const connection = await connectVolume(deps, device, server.host, connector);
          const disk = volumeDisk(server, device, connection);
          await compute.call(server.host, 'attachVolume', { id: server.id, disk }, { signal });
          const attached = await findVolume(deps.db.query, device.id);
          if (attached?.attachmentId) await deps.volume.attachments.complete(attached.attachmentId);
          return undefined;
        },
        async undo({ input, signal, log }) {
          const server = await findServer(db.query, input.serverId);
          const device = await findVolume(deps.db.query, input.deviceId);
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
          const device = await findVolume(deps.db.query, input.deviceId);
          if (device) await beginDetaching(deps, device.volumeId);
          return { begun: true };
        },
        async undo({ input }) {
          const device = await findVolume(deps.db.query, input.deviceId);
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
          const device = await findVolume(deps.db.query, input.deviceId);
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
          const device = await findVolume(deps.db.query, input.deviceId);
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
