import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '#common/clock.ts';
import type { Daemon } from '#common/daemon.ts';
import type { Health } from '#common/telemetry/health.ts';
import type { Logger } from '#common/telemetry/log.ts';
import { appMetrics } from '#common/telemetry/metrics.ts';
import { createDashboardApp } from './app.ts';
import { createKeystone } from './identity/keystone.ts';
import { createMemoryStore } from './sessions/memory-store.ts';
import type { SessionStore } from './sessions/store.ts';
import { loadDashboardSettings } from './settings/load.ts';
import type { DashboardSettings } from './settings/settings.ts';

/** openstack-dashboard: the web console and what it needs of a server. It needs no message bus and no database. */
export const dashboard: Daemon = {
  name: 'openstack-dashboard',
  configFiles: ['/etc/openstack-dashboard/dashboard.conf'],
  async start(env) {
    const { log, clock, transport } = env;
    const settings = loadDashboardSettings(env.config, (line) => log.warn(line));
    const store = await openStore(settings, { clock, log });
    const keystone = createKeystone(settings.keystoneUrl, transport);
    const health = async (): Promise<Health> => {
      const [sessions, identity] = await Promise.all([store.trouble(), keystone.trouble()]);
      const built = existsSync(join(settings.webRoot, 'index.html'));
      return {
        ok: sessions === null && identity === null,
        detail: [
          `sessions (${settings.sessions.kind}): ${sessions ?? 'fine'}`,
          `identity: ${identity ?? `${settings.keystoneUrl} answers`}`,
          `web app: ${built ? settings.webRoot : `not built yet in ${settings.webRoot}`}`,
        ],
      };
    };
    const { observe } = appMetrics('dashboard');
    const app = await createDashboardApp({ settings, store, transport, clock, log, version, health, observe });
    const { bindHost: host, bindPort: port } = settings;
    const listener = await env.http.listen(app, { host, port }).catch(async (error: unknown) => {
      await store.close();
      throw error;
    });
    log.info(`Listening on ${listener.host}:${listener.port}, identity ${settings.keystoneUrl}`);
    return {
      health,
      async stop() {
        app.endConnections();
        await listener.close();
        await store.close();
      },
    };
  },
};

async function openStore(
  { sessions }: DashboardSettings,
  { clock, log }: { readonly clock: Clock; readonly log: Logger },
): Promise<SessionStore> {
  if (sessions.kind === 'memory') return createMemoryStore({ clock });
  const { createMemcachedStore } = await import('./sessions/memcached-store.ts');
  return createMemcachedStore(sessions.servers, log.child('sessions'));
}

const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
  version: string;
};
