import { existsSync } from 'node:fs';
import type { Daemon } from '#common/daemon.ts';
import type { Health } from '#common/telemetry/health.ts';
import { healthOf, novaConfig, novaConfigFiles } from '../daemon-kit.ts';
import { consoleAuthRpc } from '../rpc.ts';
import { listenOn } from './listen.ts';
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
    await listenOn(server, conf.novncproxy_host, conf.novncproxy_port, 'novncproxy_port');
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
