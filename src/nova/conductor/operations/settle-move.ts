import { isServiceAway } from '#clients/rest.ts';
import type { OperationDefinition, StepContext } from '#common/operations/operation.ts';
import type { OperationInputs } from '../../operations/kinds.ts';
import { releaseRoom, unparkClaim } from '../../scheduler/claims-rows.ts';
import { flavorColumns } from '../../server-migrations/flavors.ts';
import { getMigration, updateMigration } from '../../server-migrations/rows.ts';
import { findServer } from '../../servers/rows.ts';
import { vmStateOfPower } from '../../servers/states.ts';
import { ComputeDown } from '../compute-calls.ts';
import { liveServer, nowOf, type ConductorDeps } from '../deps.ts';
import {
  actualPower,
  bindPorts,
  bringBack,
  muchPatience,
  patience,
  placedServer,
  saveIfWanted,
  saveWith,
} from '../guest-work.ts';
import { faultOf } from './create.ts';

type Input = OperationInputs['server.confirm_resize'];
type Definition = OperationDefinition<Input, Record<string, never>>;
type Op = StepContext<Input, Record<string, never>>;

/** A host that is restarting comes back within this time, ms. */
const hostPatience = 600_000;
const mayPass = (error: unknown): boolean => isServiceAway(error) || error instanceof ComputeDown;

/** The new guest stays: what was set aside goes, and the old claim. */
export function confirmResizeOperation(deps: ConductorDeps): Definition {
  const { db } = deps;
  return {
    kind: 'server.confirm_resize',
    action: 'confirmResize',
    steps: [
      {
        name: 'compute_confirm_resize',
        async run(op) {
          const server = await placedServer(deps, op.input.serverId);
          const migration = await getMigration(db.query, op.input.migrationId);
          const { uuid, sourceCompute, newFlavor } = migration;
          if (migration.status === 'confirmed') return undefined;
          await deps.notify('compute.instance.resize.confirm.start', server);
          await deps.compute
            .call(
              sourceCompute,
              'discardAside',
              { id: server.id, tag: uuid },
              { ...patience(op.signal), downMs: 5_000 },
            )
            .catch((error: unknown) => {
              op.signal.throwIfAborted();
              op.log.warn(
                `What ${sourceCompute} has set aside of server ${server.id} could not be removed; that host removes it when it compares itself with the database`,
                error,
              );
            });
          const power = (await actualPower(deps, server)) ?? server.powerState;
          const now = nowOf(deps);
          await saveWith(
            deps,
            server.id,
            {
              ...flavorColumns(newFlavor, server),
              vm_state: vmStateOfPower(power),
              power_state: power,
              task_state: null,
            },
            async (trx) => {
              await releaseRoom(trx, uuid, now);
              await updateMigration(trx, uuid, { status: 'confirmed', updated_at: now });
            },
          );
          return undefined;
        },
      },
    ],
    async succeeded(op) {
      const server = await findServer(db.query, op.input.serverId);
      if (server) await deps.notify('compute.instance.resize.confirm.end', server);
    },
    async failed(op, error) {
      const { serverId, migrationId } = op.input;
      await updateMigration(db.query, migrationId, { status: 'finished', updated_at: nowOf(deps) });
      await saveIfWanted(deps, serverId, {
        task_state: null,
        fault: JSON.stringify(faultOf(error, nowOf(deps))),
      });
    },
  };
}

/** The new guest goes, and what was set aside comes back as it was. */
export function revertResizeOperation(deps: ConductorDeps): Definition {
  const { db, compute } = deps;
  const migrationOf = (op: Op) => getMigration(db.query, op.input.migrationId);
  return {
    kind: 'server.revert_resize',
    action: 'revertResize',
    steps: [
      {
        name: 'compute_revert_resize',
        transient: mayPass,
        patienceMs: hostPatience,
        async run(op) {
          const server = await placedServer(deps, op.input.serverId);
          const { uuid, destCompute, sourceCompute, sourceNode, oldFlavor } = await migrationOf(op);
          await deps.notify('compute.instance.resize.revert.start', server);
          const dest = destCompute ?? server.host;
          await compute.call(dest, 'destroy', { id: server.id }, muchPatience(op.signal));
          if (dest !== sourceCompute) await bindPorts(deps, server, sourceCompute);
          await saveWith(
            deps,
            server.id,
            {
              ...flavorColumns(oldFlavor, server),
              host: sourceCompute,
              node: sourceNode,
              power_state: 'shutdown',
            },
            (trx) => unparkClaim(trx, server.id, uuid, nowOf(deps)),
          );
          return undefined;
        },
      },
      {
        name: 'compute_finish_revert_resize',
        transient: mayPass,
        patienceMs: hostPatience,
        async run(op) {
          const server = await placedServer(deps, op.input.serverId);
          const { uuid, oldVmState, status } = await migrationOf(op);
          if (status === 'reverted') return undefined;
          const start = oldVmState === 'active';
          await bringBack(deps, server, uuid, start, op.signal, op.log);
          await saveWith(
            deps,
            server.id,
            {
              vm_state: oldVmState,
              task_state: null,
              power_state: start ? 'running' : 'shutdown',
              launched_at: nowOf(deps),
            },
            (trx) => updateMigration(trx, uuid, { status: 'reverted', updated_at: nowOf(deps) }),
          );
          return undefined;
        },
      },
    ],
    async succeeded(op) {
      const server = await findServer(db.query, op.input.serverId);
      if (server) await deps.notify('compute.instance.resize.revert.end', server);
    },
    async failed(op, error) {
      // What was set aside stays: the move is not over.
      await saveIfWanted(deps, op.input.serverId, {
        vm_state: 'error',
        task_state: null,
        fault: JSON.stringify(faultOf(error, nowOf(deps))),
      });
      const server = await liveServer(deps, op.input.serverId).catch(() => null);
      if (server) await deps.notify('compute.instance.resize.revert.error', server, { message: error.message });
    },
  };
}
