import type { Clock } from '../clock.ts';
import { StartupError } from '../daemon.ts';
import type { Ids } from '../ids.ts';
import type { Logger } from '../telemetry/log.ts';
import type { Bus } from './bus.ts';
import type { BusConfig } from './options.ts';

export interface BusDeps {
  /** `nova`, `neutron` …: the control exchange unless the configuration names one. */
  readonly service: string;
  readonly log: Logger;
  readonly clock: Clock;
  readonly ids: Ids;
}

/**
 * The bus that `rpc_backend` asks for. Nothing is connected until the bus is first used, so a daemon that needs no bus
 * needs no broker. A transport's library is loaded only when it is chosen.
 * @throws StartupError for a transport that is not there
 */
export async function createBus(config: BusConfig, deps: BusDeps): Promise<Bus> {
  const conf = config.DEFAULT;
  const rpcResponseTimeoutMs = conf.rpc_response_timeout * 1000;
  const { log, clock, ids, service } = deps;
  switch (conf.rpc_backend) {
    case 'memory': {
      const { createMemoryBus } = await import('./memory.ts');
      return createMemoryBus({ log, clock, ids, rpcResponseTimeoutMs });
    }
    case 'rabbit': {
      const { createRabbitBus } = await import('./rabbit/rabbit-bus.ts');
      return createRabbitBus(
        {
          host: conf.rabbit_host,
          port: conf.rabbit_port,
          hosts: conf.rabbit_hosts,
          userid: conf.rabbit_userid,
          password: conf.rabbit_password,
          virtualHost: conf.rabbit_virtual_host,
          rpcResponseTimeoutMs,
          controlExchange: conf.control_exchange ?? service,
          ...(conf.rabbit_use_ssl && {
            ssl: { ca: conf.kombu_ssl_ca_certs, cert: conf.kombu_ssl_certfile, key: conf.kombu_ssl_keyfile },
          }),
        },
        { log, clock, ids },
      );
    }
    case 'qpid':
    case 'zmq':
      throw new StartupError(
        `rpc_backend = ${conf.rpc_backend} is not supported by this version. Use rpc_backend = rabbit with a RabbitMQ server (rabbit_host, rabbit_userid, rabbit_password).`,
      );
  }
}
