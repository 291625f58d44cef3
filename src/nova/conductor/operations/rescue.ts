import type { OperationDefinition } from '#common/operations/operation.ts';
import { configDriveFiles } from '../../metadata/documents.ts';
import type { OperationInputs } from '../../operations/kinds.ts';
import { findServer } from '../../servers/rows.ts';
import { devicesOf } from '../../volumes/rows.ts';
import { nowOf, type ConductorDeps } from '../deps.ts';
import { graceOf, muchPatience, patience, placedServer, save, saveIfWanted } from '../guest-work.ts';
import { faultOf, metadataOf } from './create.ts';

type Input = OperationInputs['server.rescue'];

/** Starts a server from another system, with its own root disk beside it. What fails leaves the server as it was. */
export function rescueOperation(deps: ConductorDeps): OperationDefinition<Input, Record<string, never>> {
  const { db, compute } = deps;
  return {
    kind: 'server.rescue',
    action: 'rescue',
    steps: [
      {
        name: 'compute_rescue_instance',
        async run(op) {
          const server = await placedServer(deps, op.input.serverId);
          if (server.vmState === 'rescued') return undefined;
          await deps.notify('compute.instance.rescue.start', server);
          const { id: imageId, kernelId, ramdiskId, properties } = op.input.image;
          const timeoutSeconds = graceOf(deps, server);
          const rescue = {
            imageId,
            kernelId,
            ramdiskId,
            kernelCommandLine: properties['os_command_line'] ?? null,
            configDrive: server.configDrive
              ? configDriveFiles(await metadataOf(deps, server, await devicesOf(db.query, server.id)))
              : null,
          };
          await compute.call(server.host, 'rescue', { id: server.id, rescue, timeoutSeconds }, muchPatience(op.signal));
          await save(deps, server.id, {
            vm_state: 'rescued',
            task_state: null,
            power_state: 'running',
            admin_password: null,
            launched_at: nowOf(deps),
          });
          return undefined;
        },
        async undo(op) {
          const server = await findServer(db.query, op.input.serverId);
          if (!server?.host || server.deleted || server.vmState === 'rescued') return;
          const { host, id } = server;
          // Where nothing of it had been made this changes nothing but that the guest runs.
          if ((await compute.call(host, 'state', { id }, patience(op.signal))).power === null) return;
          await compute.call(host, 'unrescue', { id }, patience(op.signal));
          if (server.vmState === 'stopped')
            await compute.call(host, 'powerOff', { id, timeoutSeconds: 0 }, patience(op.signal));
        },
      },
    ],
    async succeeded(op) {
      const server = await findServer(db.query, op.input.serverId);
      if (server) await deps.notify('compute.instance.rescue.end', server);
    },
    async failed(op, error) {
      await saveIfWanted(deps, op.input.serverId, {
        task_state: null,
        admin_password: null,
        fault: JSON.stringify(faultOf(error, nowOf(deps))),
      });
    },
  };
}
