import { fastifyCookie } from '@fastify/cookie';
import fastify, { type FastifyInstance } from 'fastify';
import { requestIdOf } from '#common/api/app.ts';
import type { HttpTransport } from '#common/api/transport.ts';
import type { Clock } from '#common/clock.ts';
import type { Health } from '#common/telemetry/health.ts';
import { withLogScope, type Logger } from '#common/telemetry/log.ts';
import { Connections } from './connections.ts';
import { consoleRoutes, consoleUpgrades } from './console/console.ts';
import { createRemoteConsoles } from './console/remote-console.ts';
import { DashboardFailure, badRequest, failureDocument, serviceUnavailable } from './failure.ts';
import { createGuard } from './guard.ts';
import { securityHeaders } from './headers.ts';
import { createKeystone } from './identity/keystone.ts';
import { sessionRoutes } from './identity/session-routes.ts';
import { createSignInLimit } from './identity/sign-in-limit.ts';
import { createSignIn } from './identity/sign-in.ts';
import { hostAllowed } from './origin.ts';
import { proxyRoutes } from './proxy/proxy.ts';
import { createUpstream, type Upstream } from './proxy/upstream.ts';
import { createCookies } from './sessions/cookies.ts';
import { createSessions } from './sessions/sessions.ts';
import type { SessionStore } from './sessions/store.ts';
import type { DashboardSettings } from './settings/settings.ts';
import { serveApp } from './static.ts';

export interface DashboardAppDeps {
  readonly settings: DashboardSettings;
  readonly store: SessionStore;
  readonly transport: HttpTransport;
  readonly upstream?: Upstream;
  readonly clock: Clock;
  readonly log: Logger;
  /** Of the program. */
  readonly version: string;
  readonly health: () => Promise<Health>;
  /** Called once per finished request; feeds the metrics. */
  readonly observe?: (method: string, route: string, status: number, seconds: number) => void;
}

export interface DashboardApp {
  readonly name: 'dashboard';
  readonly fastify: FastifyInstance;
  /** Ends streams and consoles, which a server that closes would wait for. */
  endConnections(): void;
}

/** The dashboard's HTTP side: the app's files, `/dashboard/api` for its page, `/healthcheck`. Not listening yet. */
export async function createDashboardApp(deps: DashboardAppDeps): Promise<DashboardApp> {
  const { settings, store, transport, clock, log, upstream = createUpstream() } = deps;
  const { keystoneUrl, secureCookies: secure } = settings;
  const app = fastify({
    logger: false,
    bodyLimit: 65_536,
    exposeHeadRoutes: false,
    forceCloseConnections: true,
    // A web server before us on this machine says who asks; anybody else could make it up.
    trustProxy: 'loopback',
    ajv: { customOptions: { coerceTypes: false, removeAdditional: false } },
    // Some clients offer other protocols along the way; they are answered by HTTP/1.1.
    http: { shouldUpgradeCallback: ({ headers }) => headers.upgrade?.toLowerCase() === 'websocket' },
    genReqId: ({ headers }) => requestIdOf(headers['x-openstack-request-id']),
  });
  app.removeContentTypeParser('text/plain');

  // Only what reads and writes a cookie's text: consoles have no request of Fastify's.
  await app.register(fastifyCookie, { hook: false });
  const cookies = createCookies(keystoneUrl, secure, app);
  const sessions = createSessions({ store, clock, idleSeconds: settings.sessionSeconds });
  const guard = createGuard({ cookies, sessions, secure });
  const keystone = createKeystone(keystoneUrl, transport);
  const signIn = createSignIn({ keystone, defaultDomain: settings.defaultDomain, log });
  const remoteConsoles = createRemoteConsoles(transport, keystoneUrl);
  const [streams, consoles] = [new Connections(), new Connections()];
  const everywhere = securityHeaders(secure);

  app.addHook('onRequest', (request, reply, done) => {
    void reply.headers(everywhere).header('x-openstack-request-id', request.id);
    // What watches us calls by any name, and learns nothing that matters.
    const known = request.url === '/healthcheck' || hostAllowed(request.headers.host, settings.allowedHosts);
    if (!known) return done(badRequest('The Host header is not one of ALLOWED_HOSTS.'));
    withLogScope({ requestId: request.id }, done);
  });
  if (deps.observe) {
    const { observe } = deps;
    app.addHook('onResponse', (request, reply, done) => {
      observe(request.method, request.routeOptions.url ?? 'none', reply.statusCode, reply.elapsedTime / 1000);
      done();
    });
  }
  app.setErrorHandler((thrown, request, reply) => {
    const failure = failureOf(thrown, request.id, log);
    if (failure.retryAfter !== undefined) void reply.header('retry-after', String(failure.retryAfter));
    return reply
      .code(failure.status)
      .header('cache-control', 'no-store')
      .header('content-type', 'application/json; charset=utf-8')
      .send(failureDocument(failure, request.id));
  });

  app.get('/healthcheck', async (_request, reply) => {
    const { ok, detail } = await deps.health();
    return reply
      .code(ok ? 200 : 503)
      .header('content-type', 'text/plain; charset=UTF-8')
      .send([ok ? 'OK' : 'FAIL', ...detail, ''].join('\n'));
  });
  await serveApp(app, settings.webRoot);
  const consoleDeps = { settings, guard, sessions, remoteConsoles, consoles, clock, log };
  await app.register(
    (api, _options, done) => {
      api.addHook('onRequest', (request, reply, next) => {
        void reply.header('cache-control', 'no-store');
        guard.check(request);
        next();
      });
      const limit = createSignInLimit(clock);
      sessionRoutes(api, {
        ...{ settings, version: deps.version, cookies, sessions, guard, signIn, limit, streams, consoles, log },
      });
      consoleRoutes(api, consoleDeps);
      void api.register((proxied, _none, ready) => {
        proxyRoutes(proxied, { keystoneUrl, guard, sessions, keystone, upstream, streams, log });
        ready();
      });
      done();
    },
    { prefix: '/dashboard/api' },
  );
  app.server.on('upgrade', consoleUpgrades(consoleDeps));
  app.addHook('onClose', (_instance, done) => {
    upstream.close();
    done();
  });
  return {
    name: 'dashboard',
    fastify: app,
    endConnections() {
      streams.endAll();
      consoles.endAll();
    },
  };
}

/** Whatever was thrown, as the browser is told it. Of what is not ours to tell it learns where the log has it. */
function failureOf(thrown: unknown, requestId: string, log: Logger): DashboardFailure {
  if (thrown instanceof DashboardFailure) {
    if (thrown.status >= 500) log.warn(thrown.message, thrown.cause);
    return thrown;
  }
  const { statusCode, message } = thrown as { statusCode?: number; message: string };
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500)
    return new DashboardFailure(statusCode, 'bad-request', message);
  log.error('Unexpected error in the dashboard', thrown);
  const failure = serviceUnavailable(`The dashboard itself failed; its log has the details under ${requestId}.`);
  return new DashboardFailure(500, failure.code, failure.message);
}
