import { chmod, rm } from 'node:fs/promises';
import type { Server } from 'node:http';
import { createConnection } from 'node:net';
import { dirname } from 'node:path';
import { loadConfig } from '#common/config/load.ts';
import { StartupError, type Daemon, type DaemonEnv, type RunningDaemon } from '#common/daemon.ts';
import { ensureFolder } from '#common/host/files.ts';
import { pluginRpc } from '../../rpc.ts';
import { metadataAgentOptions } from '../config.ts';
import { startHeartbeat } from '../heartbeat.ts';
import { createMetadataServer } from './agent.ts';

const BINARY = 'neutron-metadata-agent';

/** neutron-metadata-agent: brings guests' metadata requests, signed, to Nova. */
export const createMetadataAgentDaemon = (): Daemon => ({
  name: BINARY,
  configFiles: ['/usr/share/neutron/neutron-dist.conf', '/etc/neutron/neutron.conf', '/etc/neutron/metadata_agent.ini'],
  start: startMetadataAgent,
});

async function startMetadataAgent(env: DaemonEnv): Promise<RunningDaemon> {
  const { bus, host, transport, clock } = env;
  const log = env.log.child('agent.metadata.agent');
  const config = loadConfig(metadataAgentOptions, env.config, (line) => log.warn(line));
  const options = config.DEFAULT;
  const socket = options.metadata_proxy_socket;
  const plugin = bus.client(pluginRpc);
  const server = createMetadataServer({
    ...{ plugin, transport, log },
    novaUrl: `${options.nova_metadata_protocol}://${options.nova_metadata_ip}:${options.nova_metadata_port}`,
    secret: options.metadata_proxy_shared_secret,
    now: () => clock.now().getTime(),
  });
  await listen(server, socket);
  const stopHeartbeat = startHeartbeat({
    plugin,
    log,
    intervalMs: config.agent.report_interval * 1_000,
    report: () => ({
      binary: BINARY,
      agentType: 'Metadata agent',
      host,
      topic: 'N/A',
      configurations: {
        metadata_proxy_socket: socket,
        nova_metadata_ip: options.nova_metadata_ip,
        nova_metadata_port: options.nova_metadata_port,
      },
    }),
  });
  return {
    health: () => ({
      ok: server.listening,
      detail: [`metadata socket: ${server.listening ? 'listening' : 'closed'} at ${socket}`],
    }),
    stop: async () => {
      stopHeartbeat();
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeIdleConnections();
      await closed;
    },
  };
}

async function listen(server: Server, socket: string): Promise<void> {
  await ensureFolder(dirname(socket));
  if (await answers(socket))
    throw new StartupError(`Another process listens at ${socket}. Stop it, or set another metadata_proxy_socket.`);
  await rm(socket, { force: true }); // left by one that was killed
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) =>
      reject(new StartupError(`Cannot listen at ${socket}: ${cause.message}`, { cause })),
    );
    server.listen(socket, resolve);
  });
  await chmod(socket, 0o600); // whoever may connect may claim to be any guest
}

const answers = (path: string): Promise<boolean> =>
  new Promise((resolve) => {
    const connection = createConnection({ path });
    connection.on('error', () => resolve(false));
    connection.on('connect', () => {
      connection.destroy();
      resolve(true);
    });
  });
