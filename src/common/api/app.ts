import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import type { RequestContext } from '../auth/context.ts';
import type { Enforcer } from '../auth/policy.ts';
import { newRequestId } from '../ids.ts';
import type { Health } from '../telemetry/health.ts';
import { withLogScope, type Logger } from '../telemetry/log.ts';
import { ApiError } from './errors.ts';
import type { FaultStyle } from './faults.ts';
import { negotiate, type MicroversionRange } from './microversion.ts';
import { openApiDocument } from './openapi.ts';
import type { AnyRoute, Call, Method } from './route.ts';
import { compileCheck, type Check } from './validation.ts';
import { ApiVersion } from './version.ts';

/** Where a set of routes answers, and under which version. */
export interface MountPoint {
  /** `/v2/:project_id`; a `:project_id` in it must be the token's project. */
  readonly prefix: string;
  /** `v2`, `v2.1`, `v3`: what `VersionRange.apis` and handlers see. */
  readonly api: string;
  /** The fixed version, or the range within which clients choose. */
  readonly version: string | MicroversionRange;
}

export interface MountOptions<S> {
  readonly points: readonly MountPoint[];
  readonly routes: readonly AnyRoute<S>[];
  readonly service: S;
  readonly enforcer: Enforcer;
  /** The context of a token. @throws ApiError 401 */
  readonly authenticate: Authenticate;
}
export type Authenticate = (token: string | undefined, requestId: string) => Promise<RequestContext> | RequestContext;

export interface AppOptions {
  /** `nova`; names the service in metrics and in the OpenAPI document. */
  readonly name: string;
  readonly faults: FaultStyle;
  readonly log: Logger;
  /** Bytes; a larger JSON body is a 413. Nova's 112 KiB unless given. Uploads that are not JSON have no limit here. */
  readonly bodyLimit?: number;
  /** `/images/` is not `/images`: an empty id finds nothing, as in services that route by Python's Routes. */
  readonly strictPaths?: boolean;
  /** Changes a request's path and query before its route is sought: other spellings of the same resource. */
  readonly rewriteUrl?: (url: string) => string;
  /** An older name under which answers carry the request's id as well: `x-compute-request-id`. */
  readonly requestIdAlias?: string;
  /** For `/healthcheck`. */
  readonly health?: () => Promise<Health> | Health;
  /** Called once per finished request; feeds the metrics. */
  readonly observe?: (method: string, route: string, status: number, seconds: number) => void;
  /** The text of `/metrics`. */
  readonly metrics?: () => Promise<string>;
}

/** A service's HTTP side: routes are mounted on it, a socket is opened by `HttpHost`. */
export interface HttpApp {
  readonly name: string;
  readonly fastify: FastifyInstance;
  mount<S>(options: MountOptions<S>): void;
  /** Every route that was mounted, for tests and generators that walk the whole API. */
  readonly mounted: readonly { readonly point: MountPoint; readonly route: AnyRoute<unknown> }[];
}

/** A slash at the end of a path that is more than a version and a project. */
const emptyId = /\/(?!v[\d.]+\/)(?![0-9a-f]{32}\/)[^/?]+\/(\?|$)/;

const requestIdPattern = /^req-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Makes an application that answers in the service's words. Not listening yet. */
export function createApp(options: AppOptions): HttpApp {
  const { faults, log, rewriteUrl } = options;
  const app = fastify({
    logger: false,
    bodyLimit: options.bodyLimit ?? 114_688,
    exposeHeadRoutes: false,
    // A signed token may be a part of the path.
    routerOptions: { maxParamLength: 32_768, ignoreTrailingSlash: true },
    forceCloseConnections: true,
    // A request may carry two signed tokens of some 10 KiB.
    http: { maxHeaderSize: 65_536 },
    rewriteUrl: ({ url = '/' }: IncomingMessage) => rewriteUrl?.(url) ?? url,
    genReqId: (request) => requestIdOf(request.headers['x-openstack-request-id']),
  });
  const mounted: { point: MountPoint; route: AnyRoute<unknown> }[] = [];

  app.removeAllContentTypeParsers();
  app.addContentTypeParser(/^application\/([\w.-]+[+-])?json/, { parseAs: 'string' }, (_request, text, done) => {
    if (text === '') return done(null, undefined);
    try {
      done(null, JSON.parse(text as string));
    } catch (cause) {
      done(new ApiError(400, 'Malformed request body: it is not JSON.', { cause }), undefined);
    }
  });
  app.addContentTypeParser('*', (_request, payload, done) => done(null, payload));

  const send = (reply: FastifyReply, accept: string, thrown: unknown, requestId: string): FastifyReply => {
    const error = withLogScope({ requestId }, () => asApiError(thrown, requestId, log));
    const fault = faults.render(error, accept);
    for (const [name, value] of Object.entries(error.headers)) void reply.header(name, value);
    return reply.code(error.status).header('content-type', fault.contentType).send(fault.body);
  };

  app.addHook('onRequest', (request, reply, done) => {
    if (options.strictPaths && emptyId.test(request.url)) return done(faults.noRoute(request.url));
    void reply.header('x-openstack-request-id', request.id);
    if (options.requestIdAlias !== undefined) void reply.header(options.requestIdAlias, request.id);
    done();
  });
  if (options.observe) {
    const { observe } = options;
    app.addHook('onResponse', (request, reply, done) => {
      observe(request.method, request.routeOptions.url ?? 'none', reply.statusCode, reply.elapsedTime / 1000);
      done();
    });
  }
  app.setErrorHandler((error, request, reply) => send(reply, String(request.headers.accept ?? ''), error, request.id));
  app.setNotFoundHandler((request, reply) =>
    send(reply, String(request.headers.accept ?? ''), faults.noRoute(request.url), request.id),
  );
  app.get('/healthcheck', async (_request, reply) => {
    const health = (await options.health?.()) ?? { ok: true, detail: [] };
    return reply
      .code(health.ok ? 200 : 503)
      .header('content-type', 'text/plain; charset=UTF-8')
      .send([health.ok ? 'OK' : 'FAIL', ...health.detail].join('\n') + '\n');
  });
  if (options.metrics) {
    const { metrics } = options;
    app.get('/metrics', async (_request, reply) =>
      reply.header('content-type', 'text/plain; version=0.0.4').send(await metrics()),
    );
  }
  app.get('/openapi.json', () => openApiDocument(options.name, mounted));

  return {
    name: options.name,
    fastify: app,
    mounted,
    mount(mount) {
      for (const point of mount.points)
        for (const [key, routes] of groupByPath(mount.routes, point)) {
          const [method, path] = key.split(' ') as [Method, string];
          for (const route of routes) mounted.push({ point, route: route as AnyRoute<unknown> });
          app.route({
            method,
            url: point.prefix + (path === '/' && point.prefix !== '' ? '' : path),
            handler: handlerOf(mount, point, routes, faults),
          });
        }
    },
  };
}

/** Unknown errors are ours: the caller gets the request id, the log gets the stack. */
function asApiError(thrown: unknown, requestId: string, log: Logger): ApiError {
  if (thrown instanceof ApiError) {
    if (thrown.status >= 500) log.error(thrown.message, thrown.cause ?? thrown);
    return thrown;
  }
  const code = (thrown as { code?: string } | null)?.code;
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE') return new ApiError(413, 'Request is too large.');
  if (code === 'FST_ERR_CTP_INVALID_CONTENT_LENGTH') return new ApiError(400, 'The body is shorter than announced.');
  const status = (thrown as { statusCode?: number } | null)?.statusCode;
  if (status !== undefined && status >= 400 && status < 500) return new ApiError(status, (thrown as Error).message);
  log.error('Unexpected error in API method', thrown);
  return new ApiError(500, `Unexpected API Error. The server log has the details under ${requestId}.`);
}

function groupByPath<S>(routes: readonly AnyRoute<S>[], point: MountPoint): Map<string, AnyRoute<S>[]> {
  const groups = new Map<string, AnyRoute<S>[]>();
  for (const route of routes) {
    if (route.versions?.apis && !route.versions.apis.includes(point.api)) continue;
    const key = `${route.method} ${route.path}`;
    groups.set(key, [...(groups.get(key) ?? []), route]);
  }
  return groups;
}

interface Compiled<S> {
  readonly route: AnyRoute<S>;
  readonly min: ApiVersion | null;
  readonly max: ApiVersion | null;
  readonly params: Check | null;
  readonly query: Check | null;
  readonly body: Check | null;
}

function compileRoute<S>(route: AnyRoute<S>, faults: FaultStyle): Compiled<S> {
  return {
    route,
    min: route.versions?.min ? ApiVersion.of(route.versions.min) : null,
    max: route.versions?.max ? ApiVersion.of(route.versions.max) : null,
    params: route.params ? compileCheck(route.params, 'params', faults) : null,
    query: route.query ? compileCheck(route.query, 'query', faults) : null,
    body: route.body ? compileCheck(route.body, 'body', faults) : null,
  };
}

/** The one path every request takes: authenticate, negotiate, allow, validate, handle. */
function handlerOf<S>(
  mount: MountOptions<S>,
  point: MountPoint,
  routes: readonly AnyRoute<S>[],
  faults: FaultStyle,
): (request: FastifyRequest, reply: FastifyReply) => Promise<unknown> {
  const compiled = routes.map((route) => compileRoute(route, faults));
  const open = routes.every((route) => route.policy === null);
  return async (request, reply) => {
    const requestId = request.id;
    const token = request.headers['x-auth-token'];
    const ctx = open
      ? anonymous(requestId)
      : await withLogScope({ requestId }, () =>
          mount.authenticate(typeof token === 'string' ? token : undefined, requestId),
        );
    const version = negotiate(point.version, request.headers, reply);
    const one = compiled.find(
      ({ min, max }) => (!min || version.compare(min) >= 0) && (!max || version.compare(max) <= 0),
    );
    if (!one) throw faults.noRoute(request.url);
    const { route } = one;
    const params = (request.params ?? {}) as Record<string, string>;
    if (point.prefix.includes(':project_id') && !open && params['project_id'] !== ctx.projectId)
      throw new ApiError(
        400,
        `Malformed request URL: URL's project_id '${params['project_id']}' doesn't match Context's project_id '${ctx.projectId}'`,
      );
    if (route.policy !== null && !mount.enforcer.allows(route.policy, ctx)) throw faults.forbidden(route.policy);
    const query = (request.query ?? {}) as Record<string, unknown>;
    const raw = request.body instanceof Readable;
    const invalid =
      one.params?.(params) ?? one.query?.(query) ?? (one.body ? one.body(raw ? undefined : request.body) : null);
    if (invalid) throw invalid;
    let status = route.status;
    const call: Call<unknown, unknown, unknown> = {
      ctx,
      params,
      query,
      body: raw ? undefined : request.body,
      version,
      api: point.api,
      host: `${request.protocol}://${request.host}`,
      prefix: point.prefix.replace(/:(\w+)/g, (_all, name: string) => params[name] ?? ''),
      headers: request.headers as Record<string, string | undefined>,
      url: request.url,
      stream: raw ? (request.body as Readable) : request.raw,
      get signal() {
        return goneSignal(request, reply);
      },
      reply: {
        status: (code) => (status = code),
        header: (name, value) => void reply.header(name, value),
      },
    };
    const result = await withLogScope({ requestId, userId: ctx.userId, projectId: ctx.projectId }, () =>
      route.handle(mount.service, call),
    );
    void reply.code(status);
    if (result === undefined) return reply.send();
    if (result instanceof Readable) return reply.send(result);
    if (!reply.hasHeader('content-type')) void reply.header('content-type', 'application/json');
    return reply.send(typeof result === 'string' ? result : JSON.stringify(result));
  };
}

const anonymous = (requestId: string): RequestContext => ({
  requestId,
  userId: null,
  userName: null,
  userDomainId: null,
  projectId: null,
  projectName: null,
  projectDomainId: null,
  roles: [],
  isAdmin: false,
  token: null,
});

/** Made only when a handler asks: most never wait long enough to care. */
function goneSignal(request: FastifyRequest, reply: FastifyReply): AbortSignal {
  const controller = new AbortController();
  request.raw.once('aborted', () => controller.abort(new Error('The client went away')));
  reply.raw.once('close', () => {
    if (!reply.raw.writableEnded) controller.abort(new Error('The client went away'));
  });
  return controller.signal;
}

/** A caller may bring its own id, so that one id follows a request through every service. */
export function requestIdOf(header: unknown): string {
  return typeof header === 'string' && requestIdPattern.test(header) ? header : newRequestId();
}
