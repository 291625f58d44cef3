import type { OperationDefinition, StepContext } from '#common/operations/operation.ts';
import type { ServerInput } from '../../operations/kinds.ts';
import { leaveGroups } from '../../server-groups/rows.ts';
import { releaseRoom } from '../../scheduler/claims-rows.ts';
import { openMigrations, updateMigration, type ServerMigration } from '../../server-migrations/rows.ts';
import type { Server } from '../../servers/model.ts';
import { findServer, forgetPlugged, updateServer } from '../../servers/rows.ts';
import { nowOf, type ConductorDeps } from '../deps.ts';
import { deleteImage } from '../images.ts';
import { destroyGuest } from '../placement.ts';
import { removePorts } from '../ports.ts';
import { abandonVolumes } from '../made-volumes.ts';
import { faultOf } from './create.ts';

const day = 86_400_000;

/** Deletes a server, whatever state it is in. It has no undo: a delete that has begun ends in deleted. */
export function deleteServerOperation(deps: ConductorDeps): OperationDefinition<ServerInput, Record<string, never>> {
  const { db } = deps;
  return {
    kind: 'server.delete',
    action: 'delete',
    cancellable: false,
    steps: [
      {
        name: 'compute_terminate_instance',
        async run(op) {
          const server = await findServer(db.query, op.input.serverId);
          if (!server || server.deleted) return undefined;
          await deps.notify('compute.instance.delete.start', server);
          await destroyGuest(deps, server, op.signal, op.log);
          for (const move of await openMigrations(db.query, server.id)) await forgetMove(deps, server, move, op);
          return undefined;
        },
      },
      {
        name: 'network_deallocate_for_instance',
        // Ports that are left behind keep addresses: better to wait for Neutron, however long it takes.
        transient: () => true,
        patienceMs: day,
        async run(op) {
          const server = await findServer(db.query, op.input.serverId);
          if (server) await removePorts(deps.network, server);
          return undefined;
        },
      },
      {
        name: 'volumes_release',
        // As with ports: a volume that is left behind is nobody's.
        transient: () => true,
        patienceMs: day,
        async run(op) {
          const server = await findServer(db.query, op.input.serverId);
          if (server) await abandonVolumes(deps, server, op.log);
          return undefined;
        },
      },
      {
        name: 'compute_forget_instance',
        transient: () => true,
        patienceMs: day,
        async run(op) {
          const { serverId } = op.input;
          const now = nowOf(deps);
          await db.transaction(async (trx) => {
            await releaseRoom(trx, serverId, now);
            for (const { uuid, status } of await openMigrations(trx, serverId)) {
              await releaseRoom(trx, uuid, now);
              const confirmed = status === 'finished' || status === 'confirming';
              await updateMigration(trx, uuid, { status: confirmed ? 'confirmed' : 'error', updated_at: now });
            }
            await leaveGroups(trx, serverId);
            await forgetPlugged(trx, serverId);
            await updateServer(
              trx,
              serverId,
              {
                vm_state: 'deleted',
                task_state: null,
                power_state: 'nostate',
                network_info: '[]',
                network_stale: 0,
                admin_password: null,
                locked_by: null,
                terminated_at: now,
                deleted: 1,
                deleted_at: now,
                updated_at: now,
              },
              { alive: true },
            );
          });
          return undefined;
        },
      },
    ],
    async succeeded(op) {
      const { serverId } = op.input;
      await deps.consoleAuth
        .fanout('forget', { serverId })
        .catch((error: unknown) => op.log.warn(`Console tokens of ${serverId} were not withdrawn; they expire`, error));
      const server = await findServer(db.query, serverId);
      const shelved = server?.systemMetadata['shelved_image_id'];
      if (shelved !== undefined)
        await deleteImage(deps, shelved).catch((error: unknown) =>
          op.log.warn(`The image ${shelved} of the shelved server ${serverId} was not deleted`, error),
        );
      if (server) await deps.notify('compute.instance.delete.end', server);
    },
    async failed(op, error) {
      await updateServer(
        db.query,
        op.input.serverId,
        {
          vm_state: 'error',
          task_state: null,
          fault: JSON.stringify(faultOf(error, nowOf(deps))),
          updated_at: nowOf(deps),
        },
        { alive: true },
      );
    },
  };
}

/** What both hosts of an open move have of a server that is no more, as far as they can be reached. */
async function forgetMove(
  deps: ConductorDeps,
  server: Server,
  { uuid, sourceCompute, destCompute }: ServerMigration,
  { signal, log }: StepContext<ServerInput, Record<string, never>>,
): Promise<void> {
  const patience = { signal, totalMs: 180_000, downMs: 0 };
  const { compute } = deps;
  try {
    await compute.call(sourceCompute, 'discardAside', { id: server.id, tag: uuid }, patience);
  } catch (error) {
    signal.throwIfAborted();
    log.warn(`What ${sourceCompute} has set aside of server ${server.id} is removed when that host returns`, error);
  }
  if (destCompute !== null && destCompute !== server.host)
    await destroyGuest(deps, { ...server, host: destCompute }, signal, log);
}
