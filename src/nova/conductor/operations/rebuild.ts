import { isServiceAway } from '#clients/rest.ts';
import type { OperationDefinition } from '#common/operations/operation.ts';
import type { OperationInputs } from '../../operations/kinds.ts';
import { findServer } from '../../servers/rows.ts';
import { devicesOf } from '../../volumes/rows.ts';
import { nowOf, type ConductorDeps } from '../deps.ts';
import { rootDeviceName } from '../guest-spec.ts';
import { graceOf, muchPatience, placedServer, save, saveIfWanted, spawnGuest } from '../guest-work.ts';
import { completeVolumes } from '../volumes.ts';
import { faultOf } from './create.ts';

type Input = OperationInputs['server.rebuild'];

/**
 * Gives a server new disks from the image that its row names now; id, host, ports, addresses and volumes stay. Once the old
 * disks are gone there is no way back: what fails then leaves the server in ERROR, to be rebuilt again.
 */
export function rebuildOperation(deps: ConductorDeps): OperationDefinition<Input, Record<string, never>> {
  const { db } = deps;
  return {
    kind: 'server.rebuild',
    action: 'rebuild',
    steps: [
      {
        name: 'rebuild_server',
        async run(op) {
          const server = await placedServer(deps, op.input.serverId);
          await deps.notify('compute.instance.rebuild.start', server);
          const timeoutSeconds = graceOf(deps, server);
          await deps.compute.call(
            server.host,
            'wipe',
            { id: server.id, keepEphemeral: op.input.preserveEphemeral, timeoutSeconds },
            muchPatience(op.signal),
          );
          await save(deps, server.id, { task_state: 'rebuild_block_device_mapping', power_state: 'shutdown' });
          return undefined;
        },
      },
      {
        name: 'compute_rebuild_instance',
        transient: isServiceAway,
        async run(op) {
          const server = await placedServer(deps, op.input.serverId);
          // A crash between the last write and the journal: it is done.
          if (!server.taskState?.startsWith('rebuild')) return undefined;
          await save(deps, server.id, { task_state: 'rebuild_spawning' });
          const { start } = op.input;
          await spawnGuest(deps, server, { start }, op.signal);
          await completeVolumes(deps, server);
          await save(deps, server.id, {
            vm_state: start ? 'active' : 'stopped',
            task_state: null,
            power_state: start ? 'running' : 'shutdown',
            root_device_name: rootDeviceName(server, await devicesOf(db.query, server.id)),
            admin_password: null,
            fault: null,
            launched_at: nowOf(deps),
          });
          return undefined;
        },
      },
    ],
    async succeeded(op) {
      const server = await findServer(db.query, op.input.serverId);
      if (server) await deps.notify('compute.instance.rebuild.end', server);
    },
    async failed(op, error) {
      await saveIfWanted(deps, op.input.serverId, {
        vm_state: 'error',
        task_state: null,
        power_state: 'shutdown',
        admin_password: null,
        fault: JSON.stringify(faultOf(error, nowOf(deps))),
      });
      const server = await findServer(db.query, op.input.serverId);
      if (server) await deps.notify('compute.instance.rebuild.error', server, { message: error.message });
    },
  };
}
