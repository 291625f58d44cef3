import { isServiceAway } from '#clients/rest.ts';
import { RpcTimeout } from '#common/bus/bus.ts';
import type { OperationDefinition, StepContext } from '#common/operations/operation.ts';
import { operationActions, type MoveInput } from '../../operations/kinds.ts';
import { parkClaim, unparkClaim } from '../../scheduler/claims-rows.ts';
import { flavorColumns, heldColumns } from '../../server-migrations/flavors.ts';
import { getMigration, updateMigration, type ServerMigration } from '../../server-migrations/rows.ts';
import { findServer } from '../../servers/rows.ts';
import { ComputeDown } from '../compute-calls.ts';
import { liveServer, nowOf, type ConductorDeps } from '../deps.ts';
import {
  bindPorts,
  bringBack,
  graceOf,
  muchPatience,
  patience,
  placedServer,
  save,
  saveIfWanted,
  saveWith,
  spawnGuest,
  updateAlways,
} from '../guest-work.ts';
import { chooseHost, type Destination } from '../placement.ts';
import { completeVolumes } from '../volumes.ts';
import { faultOf } from './create.ts';

type Op = StepContext<MoveInput, Destination>;

/** The disks of the new flavor are smaller than what is on them. */
class ResizeError extends Error {
  override readonly name = 'ResizeError';
  readonly status = 400;
}

/**
 * Resize and cold migration. The guest is set aside whole; another one is made from copies of its disks, on the host that the
 * scheduler has chosen. Both hosts' room is held until the user confirms or reverts, and whatever fails gives back the guest
 * that was.
 */
export function moveOperation(
  deps: ConductorDeps,
  kind: 'server.resize' | 'server.migrate',
): OperationDefinition<MoveInput, Destination> {
  const { db, compute, conf } = deps;
  const event = kind === 'server.resize' ? 'resize' : 'migrate';
  const mark = (op: Op, status: string): Promise<void> =>
    updateMigration(db.query, op.input.migrationId, { status, updated_at: nowOf(deps) });
  const migrationOf = (op: Op): Promise<ServerMigration> => getMigration(db.query, op.input.migrationId);
  const destination = (op: Op): Destination => op.state as Destination;

  return {
    kind,
    action: operationActions[kind],
    steps: [
      {
        name: 'conductor_migrate_server',
        transient: (error) => error instanceof RpcTimeout,
        async run(op) {
          const server = await liveServer(deps, op.input.serverId);
          const { sourceCompute } = await migrationOf(op);
          const { flavor, host, migrationId } = op.input;
          await deps.notify(`compute.instance.${event}.prep.start`, server);
          await db.transaction((trx) => parkClaim(trx, server.id, migrationId));
          const stay = kind === 'server.resize' && conf.DEFAULT.allow_resize_to_same_host;
          const chosen = await chooseHost(
            deps,
            { ...server, flavor },
            { forceHost: host, ignoreHosts: stay ? [] : [sourceCompute] },
            `No valid host found for ${kind === 'server.resize' ? 'resize' : 'cold migrate'}`,
            op.signal,
          );
          await updateMigration(db.query, migrationId, {
            dest_compute: chosen.host,
            dest_node: chosen.node,
            dest_host: conf.DEFAULT.my_ip,
            updated_at: nowOf(deps),
          });
          return chosen;
        },
        async undo(op) {
          const { serverId, migrationId } = op.input;
          await db.transaction((trx) => unparkClaim(trx, serverId, migrationId, nowOf(deps)));
          await mark(op, 'error');
        },
      },
      {
        name: 'compute_prep_resize',
        async run(op) {
          const server = await liveServer(deps, op.input.serverId);
          const { oldFlavor, newFlavor } = await migrationOf(op);
          const smaller =
            (server.imageId !== null && newFlavor.rootGb < oldFlavor.rootGb) ||
            newFlavor.ephemeralGb < oldFlavor.ephemeralGb;
          if (smaller) throw new ResizeError('Resize error: Unable to resize disk down.');
          return undefined;
        },
      },
      {
        name: 'compute_resize_instance',
        transient: (error) => error instanceof ComputeDown,
        async run(op) {
          const server = await liveServer(deps, op.input.serverId);
          const { sourceCompute } = await migrationOf(op);
          const { migrationId: tag } = op.input;
          const { host, node } = destination(op);
          await save(deps, server.id, { task_state: 'resize_migrating' });
          await mark(op, 'migrating');
          const timeoutSeconds = graceOf(deps, server);
          await compute.call(
            sourceCompute,
            'setAside',
            { id: server.id, tag, timeoutSeconds },
            patience(op.signal, timeoutSeconds),
          );
          await save(deps, server.id, { host, node, task_state: 'resize_migrated', power_state: 'shutdown' });
          await mark(op, 'post-migrating');
          return undefined;
        },
        async undo(op) {
          const server = await findServer(db.query, op.input.serverId);
          if (!server || server.deleted) return;
          const { sourceCompute, sourceNode, oldVmState } = await migrationOf(op);
          await updateAlways(deps, server.id, { host: sourceCompute, node: sourceNode });
          const start = oldVmState === 'active' && server.taskState !== 'deleting';
          await bringBack(deps, { ...server, host: sourceCompute }, op.input.migrationId, start, op.signal, op.log);
        },
      },
      {
        name: 'compute_finish_resize',
        transient: isServiceAway,
        async run(op) {
          const migration = await migrationOf(op);
          const { oldFlavor, newFlavor, sourceCompute, oldVmState } = migration;
          // A crash between the last write and the journal: somebody may have confirmed it since.
          if (migration.status !== 'post-migrating') return undefined;
          const { host } = destination(op);
          const server = { ...(await placedServer(deps, op.input.serverId)), flavor: newFlavor };
          await save(deps, server.id, { task_state: 'resize_finish' });
          if (host !== sourceCompute) await bindPorts(deps, server, host);
          const start = oldVmState === 'active';
          await spawnGuest(
            deps,
            { ...(await placedServer(deps, server.id)), flavor: newFlavor },
            { start, fromAside: op.input.migrationId },
            op.signal,
          );
          await completeVolumes(deps, server);
          await saveWith(
            deps,
            server.id,
            {
              ...flavorColumns(newFlavor, server),
              ...heldColumns(oldFlavor, newFlavor),
              vm_state: 'resized',
              task_state: null,
              power_state: start ? 'running' : 'shutdown',
              launched_at: nowOf(deps),
            },
            (trx) => updateMigration(trx, migration.uuid, { status: 'finished', updated_at: nowOf(deps) }),
          );
          return undefined;
        },
        async undo(op) {
          const server = await findServer(db.query, op.input.serverId);
          if (!server || server.deleted) return;
          const { sourceCompute, oldFlavor } = await migrationOf(op);
          const { host } = destination(op);
          await compute.call(host, 'destroy', { id: server.id }, muchPatience(op.signal));
          if (host !== sourceCompute) await bindPorts(deps, server, sourceCompute);
          await updateAlways(deps, server.id, flavorColumns(oldFlavor, server));
        },
      },
    ],
    async succeeded(op) {
      const server = await findServer(db.query, op.input.serverId);
      if (server) await deps.notify('compute.instance.finish_resize.end', server);
    },
    async failed(op, error) {
      const { oldFlavor, oldVmState } = await migrationOf(op);
      const server = await findServer(db.query, op.input.serverId);
      if (!server) return;
      await saveIfWanted(deps, server.id, {
        ...flavorColumns(oldFlavor, server),
        vm_state: oldVmState,
        task_state: null,
        power_state: oldVmState === 'active' ? 'running' : 'shutdown',
        fault: JSON.stringify(faultOf(error, nowOf(deps))),
      });
      await deps.notify(`compute.instance.${event}.error`, server, { message: error.message });
    },
  };
}
