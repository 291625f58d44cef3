import { createServer } from 'node:net';
import type { Daemon } from '#common/daemon.ts';
import { consoleTokens } from '../console-proxy/check.ts';
import { listenOn } from '../console-proxy/listen.ts';
import { healthOf, novaConfig, novaConfigFiles } from '../daemon-kit.ts';
import { createXvpProxy } from './proxy.ts';

/** nova-xvpvncproxy: the screen of a server for the Java viewer. It has no row in `services`, as in Icehouse. */
export const novaXvpvncproxy: Daemon = {
  name: 'nova-xvpvncproxy',
  configFiles: novaConfigFiles,
  async start(env) {
    const { bus, log } = env;
    const conf = novaConfig(env).DEFAULT;
    const proxy = createXvpProxy({ log, check: consoleTokens(bus, 'xvpvnc') });
    const server = createServer({ allowHalfOpen: true }, proxy.accept);
    await listenOn(server, conf.xvpvncproxy_host, conf.xvpvncproxy_port, 'xvpvncproxy_port');
    log.info(`Listening on ${conf.xvpvncproxy_host}:${conf.xvpvncproxy_port}`);
    return {
      health: () => healthOf({ bus }),
      async stop() {
        proxy.endAll();
        await new Promise<void>((resolve) => {
          server.close(() => resolve());
        });
      },
    };
  },
};
