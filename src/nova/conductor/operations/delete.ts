import type { OperationDefinition } from '#common/operations/operation.ts';
import type { ServerInput } from '../../operations/kinds.ts';
import { leaveGroups } from '../../server-groups/rows.ts';
import { releaseRoom } from '../../scheduler/claims-rows.ts';
import { findServer, forgetPlugged, updateServer } from '../../servers/rows.ts';
import { nowOf, type ConductorDeps } from '../deps.ts';
import { destroyGuest } from '../placement.ts';
import { removePorts } from '../ports.ts';
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
        name: 'compute_forget_instance',
        transient: () => true,
        patienceMs: day,
        async run(op) {
          const { serverId } = op.input;
          const now = nowOf(deps);
          await db.transaction(async (trx) => {
            await releaseRoom(trx, serverId, now);
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
