import type { RpcHandlers } from '#common/bus/bus.ts';
import { isoMicros, type Clock } from '#common/clock.ts';
import type { Database } from '#common/db/database.ts';
import type { Ids } from '#common/ids.ts';
import type { OperationRunner } from '#common/operations/runner.ts';
import type { Logger } from '#common/telemetry/log.ts';
import { reportNode } from '../hosts/nodes-rows.ts';
import { seeService } from '../hosts/services-rows.ts';
import { openOperations } from '../operations/rows.ts';
import type { conductorRpc } from '../rpc.ts';
import { asidesOn } from '../server-migrations/rows.ts';
import { findServer, serversOnHost, updateServer } from '../servers/rows.ts';
import type { NovaTables } from '../tables.ts';

export interface HandlerDeps {
  readonly db: Database<NovaTables>;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly runner: OperationRunner;
  readonly log: Logger;
}

/** nova-conductor's remote interface: the database for those who have none, and the runner of operations. */
export function conductorHandlers(deps: HandlerDeps): RpcHandlers<(typeof conductorRpc)['methods']> {
  const { db, clock, ids, runner, log } = deps;
  const now = (): string => isoMicros(clock.now());
  return {
    launch() {
      runner.launch();
      return undefined;
    },
    async cancel({ serverId, reason, operationId }) {
      // The message may come late: what runs alone is what was asked for last.
      const open = await openOperations(db.query, serverId);
      if (operationId === undefined ? open.length > 1 : open[0]?.id === operationId) runner.cancel(serverId, reason);
      return undefined;
    },
    async reportService({ binary, host, topic }) {
      await seeService(db.query, { id: ids.uuid(), binary, host, topic, now: now() });
      return undefined;
    },
    async reportResources({ host, resources }) {
      await reportNode(db.query, { id: ids.uuid(), host, resources, now: now() });
      return undefined;
    },
    async lifecycle({ host, id, power }) {
      const server = await findServer(db.query, id);
      // While something is being done to it, whoever does it says how it ends.
      if (!server || server.deleted || server.host !== host || server.taskState !== null) return undefined;
      const died = (power === 'shutdown' || power === 'crashed') && ['active', 'paused'].includes(server.vmState);
      // Somebody has started it at the hypervisor itself.
      const started = power === 'running' && server.vmState === 'stopped';
      if (server.powerState === power && !died && !started) return undefined;
      if (died) log.warn(`The guest of server ${id} ended by itself on ${host} (${power}): the server is SHUTOFF now`);
      await updateServer(
        db.query,
        id,
        {
          power_state: power,
          ...(died && { vm_state: 'stopped' }),
          ...(started && { vm_state: 'active' }),
          updated_at: now(),
        },
        { taskState: null, host, alive: true },
      );
      return undefined;
    },
    async serversOnHost({ host }) {
      const [servers, asides] = [await serversOnHost(db.query, host), await asidesOn(db.query, host)];
      return {
        servers: servers.map(({ id, name, vmState, taskState, powerState }) => ({
          id,
          name,
          vmState,
          taskState,
          powerState,
        })),
        asides,
      };
    },
  };
}
