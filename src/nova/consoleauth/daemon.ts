import { randomUUID } from 'node:crypto';
import { RpcRemoteError, type RpcClient, type RpcHandlers } from '#common/bus/bus.ts';
import type { Clock } from '#common/clock.ts';
import type { Daemon } from '#common/daemon.ts';
import type { Database } from '#common/db/database.ts';
import { healthOf, heartbeat, novaConfig, novaConfigFiles } from '../daemon-kit.ts';
import { openNovaDatabase } from '../database.ts';
import { computeRpc, consoleAuthRpc } from '../rpc.ts';
import type { NovaTables } from '../tables.ts';
import { findToken, forgetExpired, forgetServer, hostOfServer, insertToken } from './rows.ts';

/** Milliseconds that a host gets to say where a console is: less than the proxies wait for us. */
const COMPUTE_MS = 8_000;

/** Tokens of console connections: kept in the database, so any consoleauth knows them, also after a restart. */
export function consoleAuthHandlers(deps: {
  readonly db: Database<NovaTables>;
  readonly clock: Clock;
  readonly compute: RpcClient<(typeof computeRpc)['methods']>;
  readonly ttlSeconds: number;
}): RpcHandlers<(typeof consoleAuthRpc)['methods']> {
  const { db, clock, compute, ttlSeconds } = deps;
  return {
    async authorize({ serverId, type, endpoint }) {
      const now = clock.now().getTime();
      await forgetExpired(db.query, now);
      // Not from the injected ids: who can foretell a token can open a console.
      const token = randomUUID();
      await insertToken(db.query, token, { serverId, type, ...endpoint, expiresAt: now + ttlSeconds * 1000 });
      return { token };
    },
    async check({ token }) {
      const grant = await findToken(db.query, token);
      if (!grant || grant.expiresAt <= clock.now().getTime()) return null;
      const { serverId, type } = grant;
      const host = await hostOfServer(db.query, serverId);
      if (host === null) return null;
      // Asked again: a guest that was restarted is elsewhere, and another one may be where it was.
      const method = type === 'serial' ? 'serialConsole' : 'vncConsole';
      try {
        const endpoint = await compute.call(method, { id: serverId }, { host, timeoutMs: COMPUTE_MS });
        return { serverId, type, endpoint };
      } catch (error) {
        if (error instanceof RpcRemoteError) return null;
        throw error;
      }
    },
    async forget({ serverId }) {
      await forgetServer(db.query, serverId);
      return undefined;
    },
  };
}

/** nova-consoleauth: who may open which console. */
export const novaConsoleauth: Daemon = {
  name: 'nova-consoleauth',
  configFiles: novaConfigFiles,
  async start(env) {
    const { bus, clock, host } = env;
    const conf = novaConfig(env);
    const db = await openNovaDatabase(conf, env);
    const compute = bus.client(computeRpc);
    const handlers = consoleAuthHandlers({ db, clock, compute, ttlSeconds: conf.DEFAULT.console_token_ttl });
    const subscription = await bus.serve(consoleAuthRpc, host, handlers);
    const beat = heartbeat(env, conf, 'nova-consoleauth', consoleAuthRpc.topic);
    return {
      health: () => healthOf({ db, bus }),
      async stop() {
        await beat.stop();
        await subscription.close();
        await db.close();
      },
    };
  },
};
