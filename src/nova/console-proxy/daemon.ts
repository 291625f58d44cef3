import type { Daemon } from '#common/daemon.ts';
import type { Health } from '#common/telemetry/health.ts';
import type { Logger } from '#common/telemetry/log.ts';
import type { NovaConfig } from '../config.ts';
import { healthOf, novaConfig, novaConfigFiles } from '../daemon-kit.ts';
import { consoleTokens } from './check.ts';
import { listenOn } from './listen.ts';
import { createConsoleProxy, type ProxyOptions } from './proxy.ts';

/** What one console proxy has of its own. */
export interface ConsoleProxyKind extends Pick<ProxyOptions, 'page' | 'line'> {
  /** Tokens of this type are taken. */
  readonly type: 'novnc' | 'serial';
  readonly host: string;
  readonly port: number;
  /** The option that names the port. */
  readonly portOption: string;
  /** More lines for `/healthcheck`. */
  readonly detail: readonly string[];
}

/** A daemon that carries consoles of one type to WebSockets. */
export function consoleProxyDaemon(name: string, kindOf: (conf: NovaConfig, log: Logger) => ConsoleProxyKind): Daemon {
  return {
    name,
    configFiles: novaConfigFiles,
    async start(env) {
      const { bus, log } = env;
      const conf = novaConfig(env);
      const { type, host, port, portOption, detail, ...rest } = kindOf(conf, log);
      const health = async (): Promise<Health> => {
        const heard = await healthOf({ bus });
        return { ...heard, detail: [...heard.detail, ...detail] };
      };
      const { server, endAll } = createConsoleProxy({
        ...rest,
        allowedOrigins: conf.DEFAULT.console_allowed_origins,
        log,
        health,
        check: consoleTokens(bus, type),
      });
      await listenOn(server, host, port, portOption);
      log.info(`Listening on ${host}:${port}`);
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
}
