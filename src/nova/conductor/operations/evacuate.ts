import { isServiceAway } from '#clients/rest.ts';
import { RpcTimeout } from '#common/bus/bus.ts';
import type { OperationDefinition, StepContext } from '#common/operations/operation.ts';
import type { OperationInputs } from '../../operations/kinds.ts';
import { parkClaim, releaseRoom, unparkClaim } from '../../scheduler/claims-rows.ts';
import { getMigration, updateMigration } from '../../server-migrations/rows.ts';
import { findServer } from '../../servers/rows.ts';
import { liveServer, nowOf, type ConductorDeps } from '../deps.ts';
import { bindPorts, muchPatience, save, saveIfWanted, saveWith, spawnGuest, updateAlways } from '../guest-work.ts';
import { chooseHost, type Destination } from '../placement.ts';
import { completeVolumes } from '../volumes.ts';
import { faultOf } from './create.ts';

type Input = OperationInputs['server.evacuate'];
type Op = StepContext<Input, Destination>;

/**
 * Makes a server's guest anew on another host, because its own is down. That one removes what it has of it when it returns:
 * the server no longer belongs there.
 */
export function evacuateOperation(deps: ConductorDeps): OperationDefinition<Input, Destination> {
  const { db } = deps;
  const destination = (op: Op): Destination => op.state as Destination;
  return {
    kind: 'server.evacuate',
    action: 'evacuate',
    steps: [
      {
        name: 'rebuild_server',
        transient: (error) => error instanceof RpcTimeout,
        async run(op) {
          const server = await liveServer(deps, op.input.serverId);
          const { migrationId, host } = op.input;
          const { sourceCompute } = await getMigration(db.query, migrationId);
          await deps.notify('compute.instance.evacuate.start', server);
          await db.transaction((trx) => parkClaim(trx, server.id, migrationId));
          const chosen = await chooseHost(
            deps,
            server,
            { forceHost: host, ignoreHosts: [sourceCompute] },
            'There are not enough hosts available.',
            op.signal,
          );
          await updateMigration(db.query, migrationId, {
            status: 'pre-migrating',
            dest_compute: chosen.host,
            dest_node: chosen.node,
            dest_host: deps.conf.DEFAULT.my_ip,
            updated_at: nowOf(deps),
          });
          return chosen;
        },
        async undo(op) {
          const { serverId, migrationId } = op.input;
          await db.transaction(async (trx) => {
            await unparkClaim(trx, serverId, migrationId, nowOf(deps));
            await updateMigration(trx, migrationId, { status: 'error', updated_at: nowOf(deps) });
          });
        },
      },
      {
        name: 'compute_rebuild_instance',
        transient: isServiceAway,
        async run(op) {
          const { migrationId, serverId } = op.input;
          const { oldVmState, status } = await getMigration(db.query, migrationId);
          if (status === 'done') return undefined;
          const { host, node } = destination(op);
          const server = await liveServer(deps, serverId);
          await save(deps, serverId, { host, node, task_state: 'rebuild_spawning' });
          await bindPorts(deps, server, host);
          const start = oldVmState !== 'stopped';
          await spawnGuest(deps, { ...(await liveServer(deps, serverId)), host }, { start }, op.signal);
          await completeVolumes(deps, server);
          const now = nowOf(deps);
          await saveWith(
            deps,
            serverId,
            {
              vm_state: start ? 'active' : 'stopped',
              task_state: null,
              power_state: start ? 'running' : 'shutdown',
              admin_password: null,
              fault: null,
              launched_at: now,
            },
            async (trx) => {
              await releaseRoom(trx, migrationId, now);
              await updateMigration(trx, migrationId, { status: 'done', updated_at: now });
            },
          );
          return undefined;
        },
        async undo(op) {
          const server = await findServer(db.query, op.input.serverId);
          if (!server || server.deleted) return;
          const { sourceCompute, sourceNode } = await getMigration(db.query, op.input.migrationId);
          await deps.compute.call(destination(op).host, 'destroy', { id: server.id }, muchPatience(op.signal));
          await bindPorts(deps, server, sourceCompute);
          await updateAlways(deps, server.id, { host: sourceCompute, node: sourceNode });
        },
      },
    ],
    async succeeded(op) {
      const server = await findServer(db.query, op.input.serverId);
      if (server) await deps.notify('compute.instance.evacuate.end', server);
    },
    async failed(op, error) {
      await saveIfWanted(deps, op.input.serverId, {
        vm_state: 'error',
        task_state: null,
        admin_password: null,
        fault: JSON.stringify(faultOf(error, nowOf(deps))),
      });
    },
  };
}

/** A live migration that cannot be; the API of before 2.34 waits for the word. */
class MigrationRefused extends Error {
  override readonly name = 'MigrationRefused';
  readonly status = 400;
  readonly details: unknown;

  constructor(message: string, details?: unknown) {
    super(message);
    this.details = details;
  }
}

/**
 * Looks for a host to which a running guest can be moved. No driver carries a guest's memory and disks to another host, so
 * whatever is found is refused before anything of the guest changes.
 */
export function liveMigrateOperation(
  deps: ConductorDeps,
): OperationDefinition<OperationInputs['server.live_migrate'], Record<string, never>> {
  const { db } = deps;
  return {
    kind: 'server.live_migrate',
    action: 'live-migration',
    steps: [
      {
        name: 'conductor_live_migrate_instance',
        transient: (error) => error instanceof RpcTimeout,
        async run(op) {
          const server = await liveServer(deps, op.input.serverId);
          const { migrationId, host } = op.input;
          const { sourceCompute } = await getMigration(db.query, migrationId);
          if (host === sourceCompute)
            throw new MigrationRefused(`Unable to migrate instance (${server.id}) to current host (${host}).`);
          if (host !== null && !(await deps.directory.computeIsUp(host)))
            throw new MigrationRefused(`Compute service of ${host} is unavailable at this time.`);
          await db.transaction((trx) => parkClaim(trx, server.id, migrationId));
          const chosen = await chooseHost(
            deps,
            server,
            { forceHost: host, ignoreHosts: [sourceCompute] },
            'There are not enough hosts available.',
            op.signal,
          ).catch((error: unknown) => {
            if (error instanceof RpcTimeout) throw error;
            throw new MigrationRefused((error as Error).message, (error as { details?: unknown }).details);
          });
          throw new MigrationRefused(
            `Migration pre-check error: the hypervisor drivers of ${sourceCompute} and ${chosen.host} do not move guests that run. Stop the server, or use a cold migration.`,
          );
        },
        async undo(op) {
          const { serverId, migrationId } = op.input;
          await db.transaction(async (trx) => {
            await unparkClaim(trx, serverId, migrationId, nowOf(deps));
            await updateMigration(trx, migrationId, { status: 'error', updated_at: nowOf(deps) });
          });
        },
      },
    ],
    async failed(op, error) {
      await saveIfWanted(deps, op.input.serverId, {
        task_state: null,
        fault: JSON.stringify(faultOf(error, nowOf(deps))),
      });
    },
  };
}
