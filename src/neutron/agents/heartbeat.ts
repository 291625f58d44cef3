import type { RpcClient } from '#common/bus/bus.ts';
import type { Logger } from '#common/telemetry/log.ts';
import type { AgentReport, pluginRpc } from '../rpc.ts';

export type PluginClient = RpcClient<(typeof pluginRpc)['methods']>;

export interface HeartbeatDeps {
  readonly plugin: PluginClient;
  readonly log: Logger;
  /** Milliseconds. */
  readonly intervalMs: number;
  readonly report: () => Omit<AgentReport, 'startup'>;
}

/** Tells neutron-server that the agent lives: at once, and then from time to time. The answer ends it. */
export function startHeartbeat({ plugin, log, intervalMs, report }: HeartbeatDeps): () => void {
  let startup = true;
  const beat = async (): Promise<void> => {
    try {
      await plugin.cast('reportState', { ...report(), startup });
      startup = false;
    } catch (error) {
      log.warn('The state of this agent could not be reported to neutron-server', error);
    }
  };
  void beat();
  const timer = setInterval(() => void beat(), intervalMs);
  return () => clearInterval(timer);
}
