import { isServiceAway } from '#clients/rest.ts';
import { RpcTimeout } from '#common/bus/bus.ts';
import type { OperationDefinition, Step } from '#common/operations/operation.ts';
import type { OperationInputs, ServerInput } from '../../operations/kinds.ts';
import { releaseRoom } from '../../scheduler/claims-rows.ts';
import { findServer } from '../../servers/rows.ts';
import { ComputeDown } from '../compute-calls.ts';
import { liveServer, nowOf, type ConductorDeps } from '../deps.ts';
import {
  bindPorts,
  graceOf,
  patience,
  placedServer,
  save,
  saveIfWanted,
  saveWith,
  spawnGuest,
  updateAlways,
  withSystemMetadata,
} from '../guest-work.ts';
import {
  awaitImage,
  awaitMs,
  copyDisk,
  deleteImage,
  discardCopy,
  isAwaited,
  uploadCopy,
  type Copy,
} from '../images.ts';
import { destroyGuest, onSomeHost, place, unplace } from '../placement.ts';
import { unbindPorts } from '../ports.ts';
import { completeVolumes, disconnectVolumes, refreshVolumes } from '../volumes.ts';
import { faultOf } from './create.ts';

type Nothing = Record<string, never>;
type ShelveInput = OperationInputs['server.shelve'];
type UnshelveInput = OperationInputs['server.unshelve'];

const hostPatience = 600_000;
const mayPass = (error: unknown): boolean => isServiceAway(error) || error instanceof ComputeDown;

const copyOf = ({ imageId, format }: ShelveInput): Copy | null =>
  imageId === undefined ? null : { imageId, format: format ?? 'qcow2' };

/** A shelved server leaves its host: guest, wiring, claim. What it is stays in its image, its ports and its volumes. */
function offloadStep<I extends ServerInput>(deps: ConductorDeps, name: string): Step<I, Nothing> {
  return {
    name,
    transient: mayPass,
    patienceMs: hostPatience,
    async run(op) {
      const server = await liveServer(deps, op.input.serverId);
      // Kept on its host for now; or offloaded already.
      if (server.taskState !== 'shelving_offloading') return undefined;
      await deps.notify('compute.instance.shelve_offload.start', server);
      await destroyGuest(deps, server, op.signal, op.log);
      await disconnectVolumes(deps, server);
      await unbindPorts(deps, server);
      await saveWith(
        deps,
        server.id,
        {
          vm_state: 'shelved_offloaded',
          task_state: null,
          power_state: 'shutdown',
          host: null,
          node: null,
        },
        (trx) => releaseRoom(trx, server.id, nowOf(deps)),
      );
      await deps.notify('compute.instance.shelve_offload.end', server);
      return undefined;
    },
  };
}

/** Switches a server off and keeps its disk as an image; then it leaves its host, at once or later (`shelved_offload_time`). */
export function shelveOperation(deps: ConductorDeps): OperationDefinition<ShelveInput, Nothing> {
  const { db, compute, conf } = deps;
  const isShelved = async (serverId: string): Promise<boolean> =>
    (await findServer(db.query, serverId))?.vmState.startsWith('shelved') ?? false;
  return {
    kind: 'server.shelve',
    action: 'shelve',
    steps: [
      {
        name: 'glance_create_image',
        transient: (error) => isAwaited(error) || isServiceAway(error),
        patienceMs: awaitMs,
        async run({ input }) {
          const server = await placedServer(deps, input.serverId);
          await deps.notify('compute.instance.shelve.start', server);
          const copy = copyOf(input);
          if (copy) await awaitImage(deps, copy.imageId);
          return undefined;
        },
        async undo({ input }) {
          const copy = copyOf(input);
          // What is shelved stays shelved: the image is all that there is of its disk.
          if (copy && !(await isShelved(input.serverId))) await deleteImage(deps, copy.imageId);
        },
      },
      {
        name: 'compute_shelve_instance',
        transient: isServiceAway,
        async run({ input, signal }) {
          const server = await placedServer(deps, input.serverId);
          // A crash between the last write and the journal: it is done.
          if (server.vmState === 'shelved') return undefined;
          const timeoutSeconds = graceOf(deps, server);
          await compute.call(
            server.host,
            'powerOff',
            { id: server.id, timeoutSeconds },
            patience(signal, timeoutSeconds),
          );
          const copy = copyOf(input);
          if (copy) {
            await save(deps, server.id, { task_state: 'shelving_image_pending_upload', power_state: 'shutdown' });
            await copyDisk(deps, server, copy, signal);
            await save(deps, server.id, { task_state: 'shelving_image_uploading' });
            await uploadCopy(deps, server, copy, signal);
          }
          const offload = copy === null || conf.DEFAULT.shelved_offload_time === 0;
          await save(deps, server.id, {
            vm_state: 'shelved',
            task_state: offload ? 'shelving_offloading' : null,
            power_state: 'shutdown',
            system_metadata: withSystemMetadata(server, {
              shelved_at: nowOf(deps),
              shelved_host: server.host,
              shelved_image_id: copy?.imageId ?? null,
            }),
          });
          return undefined;
        },
        async undo({ input, signal, log }) {
          const server = await findServer(db.query, input.serverId);
          if (!server?.host || server.deleted || (await isShelved(server.id))) return;
          const copy = copyOf(input);
          if (copy) await discardCopy(deps, server.host, copy.imageId, log);
          if (server.vmState !== 'active' || server.taskState === 'deleting') return;
          await compute.call(server.host, 'powerOn', { id: server.id }, patience(signal));
          await updateAlways(deps, server.id, { power_state: 'running' });
        },
      },
      offloadStep(deps, 'compute_shelve_offload_instance'),
    ],
    async succeeded(op) {
      const server = await findServer(db.query, op.input.serverId);
      if (server) await deps.notify('compute.instance.shelve.end', server);
    },
    async failed(op, error) {
      await saveIfWanted(deps, op.input.serverId, {
        task_state: null,
        fault: JSON.stringify(faultOf(error, nowOf(deps))),
      });
    },
  };
}

export function shelveOffloadOperation(deps: ConductorDeps): OperationDefinition<ServerInput, Nothing> {
  return {
    kind: 'server.shelve_offload',
    action: 'shelveOffload',
    steps: [offloadStep(deps, 'compute_shelve_offload_instance')],
    async failed(op, error) {
      await saveIfWanted(deps, op.input.serverId, {
        task_state: null,
        fault: JSON.stringify(faultOf(error, nowOf(deps))),
      });
    },
  };
}

/** Starts a shelved server again: where it is, or anew from its image on any host. Its image has served then. */
export function unshelveOperation(
  deps: ConductorDeps,
): OperationDefinition<UnshelveInput, { readonly imageId: string | null; readonly offloaded: boolean }> {
  const { db, compute } = deps;
  const task = 'unshelving' as const;
  return {
    kind: 'server.unshelve',
    action: 'unshelve',
    steps: [
      {
        name: 'conductor_unshelve_instance',
        transient: (error) => error instanceof RpcTimeout,
        async run({ input, signal }) {
          const server = await liveServer(deps, input.serverId);
          await deps.notify('compute.instance.unshelve.start', server);
          const imageId = server.systemMetadata['shelved_image_id'] ?? null;
          const offloaded = server.vmState === 'shelved_offloaded';
          if (offloaded) await place(deps, server, signal, { task, forceHost: input.host });
          return { imageId, offloaded };
        },
        async undo({ input }) {
          const server = await findServer(db.query, input.serverId);
          if (server?.vmState === 'shelved_offloaded') await unplace(deps, server.id, []);
        },
      },
      {
        name: 'compute_unshelve_instance',
        transient: mayPass,
        async run({ input, state, signal, log }) {
          const server = await liveServer(deps, input.serverId);
          // A crash between the last write and the journal: it is done.
          if (server.vmState === 'active') return undefined;
          if (server.vmState === 'shelved') {
            const placed = await placedServer(deps, server.id);
            await refreshVolumes(deps, placed, signal, log);
            await compute.call(placed.host, 'powerOn', { id: server.id }, patience(signal));
          } else
            await onSomeHost(
              deps,
              server.id,
              signal,
              log,
              async (placed) => {
                await save(deps, placed.id, { task_state: 'spawning' });
                await bindPorts(deps, placed, placed.host);
                const current = await placedServer(deps, placed.id);
                await spawnGuest(deps, { ...current, imageId: state.imageId ?? current.imageId }, {}, signal);
              },
              { task, forceHost: input.host },
            );
          await completeVolumes(deps, server);
          await save(deps, server.id, {
            vm_state: 'active',
            task_state: null,
            power_state: 'running',
            failed_hosts: '[]',
            launched_at: nowOf(deps),
            system_metadata: withSystemMetadata(server, {
              shelved_at: null,
              shelved_host: null,
              shelved_image_id: null,
            }),
          });
          return undefined;
        },
        async undo({ input, signal, log }) {
          const server = await findServer(db.query, input.serverId);
          if (!server || server.deleted || server.vmState !== 'shelved_offloaded') return;
          await destroyGuest(deps, server, signal, log);
          await disconnectVolumes(deps, server);
          await unbindPorts(deps, server);
        },
      },
    ],
    async succeeded({ input, state, log }) {
      const server = await findServer(db.query, input.serverId);
      if (server) await deps.notify('compute.instance.unshelve.end', server);
      if (state.imageId)
        await deleteImage(deps, state.imageId).catch((error: unknown) =>
          log.warn(`The image ${state.imageId} of the shelved server ${input.serverId} was not deleted`, error),
        );
    },
    async failed(op, error) {
      await saveIfWanted(deps, op.input.serverId, {
        task_state: null,
        fault: JSON.stringify(faultOf(error, nowOf(deps))),
      });
    },
  };
}
