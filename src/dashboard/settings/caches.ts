import type { LocalSettings } from './local-settings.ts';
import type { PythonDict, PythonValue } from './python-expression.ts';
import type { DashboardSettings } from './settings.ts';

const backends: Readonly<Record<string, 'memcached' | 'memory' | 'dummy'>> = {
  'memcached.MemcachedCache': 'memcached',
  'memcached.PyMemcacheCache': 'memcached',
  'memcached.PyLibMCCache': 'memcached',
  'locmem.LocMemCache': 'memory',
  'dummy.DummyCache': 'dummy',
};
const prefix = 'django.core.cache.backends.';

const engines: Readonly<Record<string, boolean>> = {
  cache: true,
  cached_db: true,
  signed_cookies: false,
  db: false,
  file: false,
};
const enginePrefix = 'django.contrib.sessions.backends.';

/**
 * Where sessions are kept: `CACHES['default']`, whatever `SESSION_ENGINE` says, since a session holds a token and never
 * leaves the server.
 * @throws StartupError for a back end or engine that there is not, and for an address that is none
 */
export function sessionCache(settings: LocalSettings, report: (line: string) => void): DashboardSettings['sessions'] {
  const engine = settings.text('SESSION_ENGINE');
  if (engine !== undefined) {
    const kept = engines[engine.startsWith(enginePrefix) ? engine.slice(enginePrefix.length) : ''];
    if (kept === undefined)
      throw settings.error('SESSION_ENGINE', `"${engine}" is not supported. Write '${enginePrefix}cache'.`);
    if (!kept) report(`SESSION_ENGINE "${engine}" is not used: sessions are kept where CACHES says.`);
  }
  const caches = settings.dict('CACHES');
  const cache = caches?.get('default');
  if (caches === undefined) return { kind: 'memory' };
  if (!(cache instanceof Map)) throw settings.error('CACHES', "must have an entry 'default' that is a dictionary.");

  const backend = (cache as PythonDict).get('BACKEND');
  const name = typeof backend === 'string' && backend.startsWith(prefix) ? backend.slice(prefix.length) : '';
  const kind = backends[name];
  if (kind === undefined) {
    const supported = Object.keys(backends).map((one) => `${prefix}${one}`);
    throw settings.error(
      'CACHES',
      `has the BACKEND ${JSON.stringify(backend ?? null)}, which is not supported. Supported: ${supported.join(', ')}.`,
    );
  }
  if (kind === 'dummy') report('CACHES names the dummy cache, which keeps nothing: sessions are kept in memory.');
  if (kind !== 'memcached') return { kind: 'memory' };
  return { kind: 'memcached', servers: servers((cache as PythonDict).get('LOCATION'), settings) };
}

function servers(location: PythonValue | undefined, settings: LocalSettings): readonly string[] {
  const given = typeof location === 'string' ? location.split(/[;,]/) : Array.isArray(location) ? location : [];
  const found = given.map((one: PythonValue) => {
    const address = typeof one === 'string' ? serverAddress(one.trim()) : null;
    if (address === null)
      throw settings.error(
        'CACHES',
        `has the LOCATION ${JSON.stringify(one)}, which is no address. Write '127.0.0.1:11211' or 'unix:/run/memcached.sock'.`,
      );
    return address;
  });
  if (found.length === 0)
    throw settings.error('CACHES', "has no LOCATION. Write where memcached listens: 'LOCATION': '127.0.0.1:11211'.");
  return [...new Set(found)];
}

/** `host:port`, `[::1]:port` or `unix:/path`; the port is 11211 unless given. */
function serverAddress(text: string): string | null {
  const path = /^(?:unix:(?:\/\/)?)?(\/.+)$/.exec(text)?.[1];
  if (path !== undefined) return `unix:${path}`;
  const match = /^(?:inet6?:)?(\[[\dA-Fa-f:.]+\]|[^\s:[\]/]+)(?::(\d{1,5}))?$/.exec(text);
  if (!match) return null;
  const port = Number(match[2] ?? 11211);
  return port > 0 && port < 65_536 ? `${match[1]}:${port}` : null;
}
