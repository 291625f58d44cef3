import { RpcRemoteError } from '#common/bus/bus.ts';
import type { OperationDefinition } from '#common/operations/operation.ts';
import type { ServerInput } from '../../operations/kinds.ts';
import { findServer } from '../../servers/rows.ts';
import { nowOf, type ConductorDeps } from '../deps.ts';
import { patience, placedServer, saveIfWanted } from '../guest-work.ts';
import { refreshVolumes } from '../volumes.ts';
import { faultOf } from './create.ts';

type Definition = OperationDefinition<ServerInput, Record<string, never>>;

/** A guest that does not do what it was asked for. */
class GuestRefused extends Error {
  override readonly name = 'GuestRefused';
  readonly status = 409;
}

/** Sets the administrator's password inside the guest. The password is in the server's row only while this runs. */
export function changePasswordOperation(deps: ConductorDeps): Definition {
  return {
    kind: 'server.change_password',
    action: 'changePassword',
    steps: [
      {
        name: 'compute_set_admin_password',
        async run(op) {
          const server = await placedServer(deps, op.input.serverId);
          if (server.taskState !== 'updating_password') return undefined;
          const properties = server.image?.properties ?? {};
          const user = properties['os_admin_user'] ?? (properties['os_type'] === 'windows' ? 'Administrator' : 'root');
          await deps.compute
            .call(
              server.host,
              'setPassword',
              { id: server.id, user, password: server.adminPassword ?? '' },
              patience(op.signal),
            )
            .catch((error: unknown) => {
              if (!(error instanceof RpcRemoteError)) throw error;
              throw new GuestRefused(
                error.code === 'GuestAgentMissing'
                  ? error.message
                  : `Failed to set admin password on ${server.id} because ${error.message}`,
              );
            });
          await saveIfWanted(deps, server.id, { task_state: null, admin_password: null });
          return undefined;
        },
      },
    ],
    async failed(op) {
      await saveIfWanted(deps, op.input.serverId, { task_state: null, admin_password: null });
    },
  };
}

export function triggerCrashDumpOperation(deps: ConductorDeps): Definition {
  return {
    kind: 'server.trigger_crash_dump',
    action: 'trigger_crash_dump',
    steps: [
      {
        name: 'compute_trigger_crash_dump',
        async run(op) {
          const server = await placedServer(deps, op.input.serverId);
          await deps.compute.call(server.host, 'injectNmi', { id: server.id }, patience(op.signal));
          return undefined;
        },
      },
    ],
    async failed(op, error) {
      op.log.warn(`Server ${op.input.serverId} could not be told to dump its memory: ${error.message}`);
    },
  };
}

/** Switches a server off that is to be deleted in `reclaim_instance_interval` seconds unless it is restored. */
export function softDeleteOperation(deps: ConductorDeps): Definition {
  return {
    kind: 'server.soft_delete',
    action: 'delete',
    steps: [
      {
        name: 'compute_soft_delete_instance',
        async run(op) {
          const server = await findServer(deps.db.query, op.input.serverId);
          if (server?.taskState !== 'soft-deleting') return undefined;
          await deps.notify('compute.instance.soft_delete.start', server);
          if (server.host !== null)
            await deps.compute
              .call(
                server.host,
                'powerOff',
                { id: server.id, timeoutSeconds: 0 },
                { ...patience(op.signal), downMs: 0 },
              )
              .catch((error: unknown) => {
                op.signal.throwIfAborted();
                op.log.warn(`The guest of server ${server.id} was not switched off; its deletion ends it`, error);
              });
          await saveIfWanted(deps, server.id, {
            vm_state: 'soft-delete',
            task_state: null,
            power_state: 'shutdown',
            deleted_at: nowOf(deps),
          });
          return undefined;
        },
      },
    ],
    async failed(op) {
      await saveIfWanted(deps, op.input.serverId, { task_state: null });
    },
  };
}

export function restoreOperation(deps: ConductorDeps): Definition {
  return {
    kind: 'server.restore',
    action: 'restore',
    steps: [
      {
        name: 'compute_restore_instance',
        async run(op) {
          const server = await findServer(deps.db.query, op.input.serverId);
          if (server?.taskState !== 'restoring') return undefined;
          if (server.host !== null) {
            await refreshVolumes(deps, { ...server, host: server.host }, op.signal, op.log);
            await deps.compute.call(server.host, 'powerOn', { id: server.id }, patience(op.signal));
          }
          await saveIfWanted(deps, server.id, {
            vm_state: 'active',
            task_state: null,
            power_state: server.host === null ? 'nostate' : 'running',
            deleted_at: null,
          });
          return undefined;
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
