import { existsSync } from 'node:fs';
import type { Server } from 'node:http';
import { StartupError, type Daemon } from '#common/daemon.ts';
import type { Health } from '#common/telemetry/health.ts';
import { healthOf, novaConfig, novaConfigFiles } from '../daemon-kit.ts';
import { consoleAuthRpc } from '../rpc.ts';
import { createConsoleProxy } from './proxy.ts';

/** nova-novncproxy: the screen of a server in a browser. It has no row in `services`, as in Icehouse. */
export const novaNovncproxy: Daemon = {
  name: 'nova-novncproxy',
  configFiles: novaConfigFiles,
  async start(env) {
    const { bus, log } = env;
    const conf = novaConfig(env).DEFAULT;
    const pages = existsSync(conf.web);
    if (!pages)
      log.warn(
        `There are no noVNC pages in ${conf.web}: install the package novnc. Consoles still open for clients that bring their own.`,
      );
    const consoleAuth = bus.client(consoleAuthRpc);
    const health = async (): Promise<Health> => {
      const heard = await healthOf({ bus });
      return { ...heard, detail: [...heard.detail, `noVNC pages: ${pages ? conf.web : `none in ${conf.web}`}`] };
    };
    const { server, endAll } = createConsoleProxy({
      web: conf.web,
      allowedOrigins: conf.console_allowed_origins,
      log,
      health,
      check: (token) => consoleAuth.call('check', { token }, { timeoutMs: 10_000 }),
    });
    await listen(server, conf.novncproxy_host, conf.novncproxy_port);
    log.info(`Listening on ${conf.novncproxy_host}:${conf.novncproxy_port}`);
    return {
      health,
      async stop() {
        endAll();
        await new Promise<void>((resolve) => {
          server.close(() => resolve());
          server.closeAllConnections();
        });
      },
    };
  },
};

/** @throws StartupError when the port is taken */
async function listen(server: Server, host: string, port: number): Promise<void> {
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, host, resolve);
    });
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw cause;
    throw new StartupError(
      `Port ${port} on ${host} is taken. Stop the program that holds it (ss -ltnp 'sport = :${port}' names it), or set novncproxy_port.`,
      { cause },
    );
  }
}
