import type { RpcHandlers } from '#common/bus/bus.ts';
import type { OperationRunner } from '#common/operations/runner.ts';
import type { volumeRpc } from '../rpc.ts';
import type { VolumeDeps } from './deps.ts';
import * as exports from './exports.ts';
import { checkReceive, discard, receive } from './receive.ts';

/** cinder-volume's remote interface for one back end. */
export function volumeHandlers(
  deps: VolumeDeps,
  runner: OperationRunner,
  stopping: AbortSignal,
): RpcHandlers<(typeof volumeRpc)['methods']> {
  return {
    launch() {
      runner.launch();
      return undefined;
    },
    cancel({ resourceId, reason }) {
      runner.cancel(resourceId, reason);
      return undefined;
    },
    initializeConnection: async (args) => ({
      connection: await exports.initializeConnection(deps, args, stopping),
    }),
    async terminateConnection(args) {
      await exports.terminateConnection(deps, args, stopping);
      return {};
    },
    expose: async (args) => ({ connection: await exports.expose(deps, args, stopping) }),
    exposeForWriting: async (args) => ({ connection: await exports.exposeForWriting(deps, args, stopping) }),
    async unexpose(args) {
      await exports.unexpose(deps, args, stopping);
      return {};
    },
    async checkReceive({ volumeId }) {
      await checkReceive(deps, volumeId, stopping);
      return {};
    },
    async receive(args) {
      await receive(deps, args, stopping);
      return {};
    },
    async discard({ volumeId }) {
      await discard(deps, volumeId, stopping);
      return {};
    },
  };
}
