import { createHash } from 'node:crypto';
import { systemClock, type Clock } from '#common/clock.ts';
import type { Logger } from '#common/telemetry/log.ts';
import { MemcachedConnection, type MemcachedAnswer } from './memcached-connection.ts';
import { SessionStoreUnavailable, type SessionStore } from './store.ts';

/** Milliseconds within which a server must answer. */
const LIMIT_MS = 1000;
/** What memcached takes with its usual `-I 1m`, less what it needs for itself. */
const LARGEST_BYTES = 1_000_000;
/** Longer times are points in time to memcached. */
const LONGEST_SECONDS = 30 * 24 * 3600;

/**
 * Keeps sessions in memcached. Each session lives on one server, by its key: one that is away takes its own sessions out of
 * reach and no others, and is used again as soon as it answers.
 * @param servers `host:port`, `[::1]:port` or `unix:/path`; at least one
 */
export function createMemcachedStore(
  servers: readonly string[],
  log: Logger,
  clock: Clock = systemClock,
): SessionStore {
  const connections = new Map(servers.map((server) => [server, new MemcachedConnection(server, LIMIT_MS)]));
  const away = new Set<string>();

  const ask = async (server: string, command: string): Promise<MemcachedAnswer> => {
    try {
      const answer = await (connections.get(server) as MemcachedConnection).ask(command);
      if (away.delete(server)) log.info(`memcached at ${server} answers again.`);
      return answer;
    } catch (cause) {
      const why = (cause as Error).message || (cause as NodeJS.ErrnoException).code || 'the connection broke';
      const message = `memcached at ${server} does not answer: ${why}. Start it, or correct CACHES in local_settings.`;
      if (!away.has(server)) log.warn(message);
      away.add(server);
      throw new SessionStoreUnavailable(message, { cause });
    }
  };
  const unexpected = (server: string, { line }: MemcachedAnswer): SessionStoreUnavailable =>
    new SessionStoreUnavailable(`memcached at ${server} refuses: ${line}`);

  return {
    async get(id) {
      const { server, key } = place(id, servers);
      const answer = await ask(server, `get ${key}`);
      if (answer.line !== 'END') throw unexpected(server, answer);
      return answer.value;
    },
    async put(id, value, seconds) {
      const { server, key } = place(id, servers);
      const bytes = Buffer.byteLength(value);
      if (bytes > LARGEST_BYTES)
        throw new RangeError(`A session of ${bytes} bytes is too large: memcached keeps ${LARGEST_BYTES} at most.`);
      const answer = await ask(server, `set ${key} 0 ${expiry(seconds, clock)} ${bytes}\r\n${value}`);
      if (answer.line !== 'STORED') throw unexpected(server, answer);
    },
    async delete(id) {
      const { server, key } = place(id, servers);
      const answer = await ask(server, `delete ${key}`);
      if (answer.line !== 'DELETED' && answer.line !== 'NOT_FOUND') throw unexpected(server, answer);
    },
    async trouble() {
      const troubles = await Promise.all(
        servers.map((server) =>
          ask(server, 'version').then(
            (answer) => (answer.line.startsWith('VERSION ') ? null : unexpected(server, answer).message),
            (error: Error) => error.message,
          ),
        ),
      );
      const found = troubles.filter((one) => one !== null);
      return found.length > 0 ? found.join(' ') : null;
    },
    async close() {
      for (const connection of connections.values()) connection.close();
    },
  };
}

/** Who can list memcached's keys learns no session's id from them. */
function place(id: string, servers: readonly string[]): { readonly server: string; readonly key: string } {
  const key = `igloo-dashboard:session:${createHash('sha256').update(id).digest('base64url')}`;
  // The highest of all servers' numbers for this key: a server more or less moves no other sessions than its own.
  const number = (server: string): string => createHash('sha256').update(`${server}\n${key}`).digest('hex');
  const [first, ...others] = servers as readonly [string, ...string[]];
  return { key, server: others.reduce((best, one) => (number(one) > number(best) ? one : best), first) };
}

function expiry(seconds: number, clock: Clock): number {
  const whole = Math.ceil(seconds);
  if (whole <= 0) return -1;
  return whole <= LONGEST_SECONDS ? whole : Math.floor(clock.now().getTime() / 1000) + whole;
}
