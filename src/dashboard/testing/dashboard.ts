/** The dashboard over a fake cloud, and a browser that uses it: for tests. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createHttpTransport } from '#common/api/http.ts';
import { createLogger, type LogRecord } from '#common/telemetry/log.ts';
import { createDashboardApp, type DashboardApp, type DashboardAppDeps } from '../app.ts';
import { createUpstream } from '../proxy/upstream.ts';
import type { SignedIn, SignedOut } from '../session-document.ts';
import { createMemoryStore } from '../sessions/memory-store.ts';
import { SessionStoreUnavailable, type SessionStore } from '../sessions/store.ts';
import type { DashboardSettings } from '../settings/settings.ts';
import { startFakeCloud, type FakeCloud } from './fake-cloud.ts';

export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | number | undefined>>;
  readonly text: string;
  // The tests look into whatever is answered.
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  readonly body: any;
}
export interface Browser {
  /** By name. */
  readonly cookies: Map<string, string>;
  csrf: string;
  /** Asks as a page of the dashboard does; `headers` with undefined take one away. */
  ask(method: string, path: string, body?: unknown, headers?: Record<string, string | undefined>): Promise<Reply>;
  session(): Promise<SignedIn | SignedOut>;
  signIn(password?: string): Promise<Reply>;
  /** The headers that it would send. */
  headers(): Record<string, string>;
}
export interface TestDashboard {
  readonly cloud: FakeCloud;
  readonly app: DashboardApp;
  readonly clock: { now(): Date; advance(seconds: number): void };
  readonly records: LogRecord[];
  readonly webRoot: string;
  readonly store: SessionStore & { away: boolean };
  browser(): Browser;
  /** Opens a socket. @returns the port */
  listen(): Promise<number>;
  close(): Promise<void>;
}

export const HOST = 'dashboard.example:8080';

export async function startDashboard(
  settings: Partial<DashboardSettings> = {},
  deps: Partial<DashboardAppDeps> = {},
): Promise<TestDashboard> {
  let at = Date.parse('2026-11-23T08:00:00Z');
  const clock = { now: () => new Date(at), advance: (seconds: number) => void (at += seconds * 1000) };
  const cloud = await startFakeCloud();
  const webRoot = mkdtempSync(join(tmpdir(), 'igloo-web-'));
  const records: LogRecord[] = [];
  const store = lossy(createMemoryStore({ clock }));
  const app = await createDashboardApp({
    settings: {
      bindHost: '127.0.0.1',
      bindPort: 8080,
      keystoneUrl: cloud.keystoneUrl,
      allowedHosts: ['dashboard.example', '127.0.0.1'],
      sessions: { kind: 'memory' },
      timeZone: null,
      multiDomain: false,
      defaultDomain: 'Default',
      sessionSeconds: 1800,
      secureCookies: false,
      webRoot,
      ...settings,
    },
    store,
    transport: createHttpTransport(),
    upstream: createUpstream({ connectMs: 2000, answerMs: 300, digestMs: 2000 }),
    clock,
    log: createLogger('test', (record) => records.push(record), 'DEBUG'),
    version: '1.2.3',
    health: () => Promise.resolve({ ok: true, detail: ['sessions: fine'] }),
    ...deps,
  });
  return {
    ...{ cloud, app, clock, records, webRoot, store },
    browser: () => browserOf(app),
    async listen() {
      await app.fastify.listen({ host: '127.0.0.1', port: 0 });
      return (app.fastify.server.address() as { port: number }).port;
    },
    async close() {
      app.endConnections();
      await app.fastify.close();
      await cloud.close();
      rmSync(webRoot, { recursive: true });
    },
  };
}

/** A store that can be away. */
function lossy(inner: SessionStore): SessionStore & { away: boolean } {
  const reach = <T>(work: () => Promise<T>): Promise<T> =>
    store.away ? Promise.reject(new SessionStoreUnavailable('memcached at 127.0.0.1:11211: ECONNREFUSED')) : work();
  const store = {
    away: false,
    get: (id: string) => reach(() => inner.get(id)),
    put: (id: string, value: string, seconds: number) => reach(() => inner.put(id, value, seconds)),
    delete: (id: string) => reach(() => inner.delete(id)),
    trouble: () => Promise.resolve(store.away ? 'away' : null),
    close: () => inner.close(),
  };
  return store;
}

/** A browser that has the dashboard open. */
export function browserOf({ fastify }: DashboardApp): Browser {
  const cookies = new Map<string, string>();
  const browser: Browser = {
    cookies,
    csrf: '',
    headers: () => ({
      host: HOST,
      origin: `http://${HOST}`,
      'sec-fetch-site': 'same-origin',
      'x-csrf-token': browser.csrf,
      ...(cookies.size > 0 && { cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; ') }),
    }),
    async ask(method, path, body, headers = {}) {
      const given = Object.entries({ ...browser.headers(), ...headers }).filter(([, value]) => value !== undefined);
      const answer = await fastify.inject({
        method: method as 'GET',
        url: path,
        headers: Object.fromEntries(given) as Record<string, string>,
        ...(body !== undefined && { payload: body as object }),
      });
      for (const cookie of [answer.headers['set-cookie'] ?? []].flat()) {
        const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(cookie) ?? [];
        cookies.set(name, value);
      }
      const { payload: text } = answer;
      const isJson = /json/.test(String(answer.headers['content-type']));
      return {
        status: answer.statusCode,
        headers: answer.headers,
        text,
        body: isJson && text ? JSON.parse(text) : null,
      };
    },
    async session() {
      const { body } = await browser.ask('GET', '/dashboard/api/session');
      browser.csrf = (body as SignedIn).csrf;
      return body as SignedIn | SignedOut;
    },
    async signIn(password = 'right') {
      await browser.session();
      const answer = await browser.ask('POST', '/dashboard/api/session', { username: 'alice', password });
      if (answer.status === 200) browser.csrf = (answer.body as SignedIn).csrf;
      return answer;
    },
  };
  return browser;
}
