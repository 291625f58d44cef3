import type { IncomingMessage, OutgoingHttpHeaders } from 'node:http';
import { pipeline } from 'node:stream';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from '#common/telemetry/log.ts';
import type { Connections } from '../connections.ts';
import { DashboardFailure, serviceUnavailable, sessionEnded } from '../failure.ts';
import { fromStore, type Guard } from '../guard.ts';
import type { Keystone } from '../identity/keystone.ts';
import { serviceKeys, servicesOf } from '../identity/services.ts';
import type { ServiceKey } from '../session-document.ts';
import type { Session, Sessions } from '../sessions/sessions.ts';
import { headersToBrowser, headersToService, isEventStream } from './headers.ts';
import { checkServicePath, proxiedPath } from './path.ts';
import { redactor } from './redact.ts';
import type { Upstream } from './upstream.ts';

export interface ProxyDeps {
  readonly keystoneUrl: string;
  readonly guard: Guard;
  readonly sessions: Sessions;
  readonly keystone: Keystone;
  readonly upstream: Upstream;
  /** Event streams, by session. */
  readonly streams: Connections;
  readonly log: Logger;
}

const names: Readonly<Record<ServiceKey, string>> = {
  identity: 'Identity',
  compute: 'Compute',
  image: 'Image',
  network: 'Networking',
  volume: 'Block Storage',
  event: 'Event',
};

/** `/proxy/SERVICE/…`: the services with the session's token, in both directions as it flows. */
export function proxyRoutes(app: FastifyInstance, deps: ProxyDeps): void {
  // Bodies are not read here.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', (_request, payload, done) => done(null, payload));
  const method = ['DELETE', 'GET', 'HEAD', 'OPTIONS', 'PATCH', 'POST', 'PUT'];
  for (const url of ['/proxy/:service', '/proxy/:service/*'])
    app.route({ method, url, handler: (request, reply) => forward(request, reply, deps) });
}

async function forward(request: FastifyRequest, reply: FastifyReply, deps: ProxyDeps): Promise<FastifyReply> {
  const { id, session } = await deps.guard.signedIn(request.headers.cookie);
  checkScope(request.headers['x-dashboard-scope'], session);
  const key = serviceOf((request.params as { service: string }).service);
  const target = proxiedPath(request.raw.url ?? '');
  checkServicePath(key, target);
  const endpoint = servicesOf(session.catalog, session.region, deps.keystoneUrl)[key]?.url;
  if (endpoint === undefined)
    throw serviceUnavailable(`There is no ${names[key]} service in the catalogue of region ${session.region}.`);

  const gone = new AbortController();
  reply.raw.once('close', () => reply.raw.writableFinished || gone.abort());
  const url = new URL(endpoint);
  const hasBody = request.headers['content-length'] !== undefined || 'transfer-encoding' in request.headers;
  const answer = await deps.upstream
    .request({
      method: request.method,
      endpoint: url,
      path: (url.pathname.replace(/\/$/, '') + target.path || '/') + target.query,
      headers: headersToService(request.headers, { token: session.token, requestId: request.id }),
      body: hasBody ? request.raw : null,
      signal: gone.signal,
    })
    .catch((cause: unknown) => {
      if (gone.signal.aborted) return null;
      throw serviceUnavailable(
        `The ${names[key]} service at ${url.origin} does not answer: ${reasonOf(cause)}.`,
        cause,
      );
    });
  if (answer === null) return reply.hijack();

  if (answer.statusCode === 401)
    await checkSession(id, session, deps).catch((error: unknown) => {
      answer.destroy();
      throw error;
    });
  const headers = headersToBrowser(answer.headers, {
    endpoint,
    prefix: `/dashboard/api/proxy/${key}`,
    token: session.token,
  });
  const ended = isEventStream(answer.headers) ? deps.streams.add(id, () => answer.destroy()) : () => undefined;
  return passOn(request, reply, answer, { headers, token: session.token, ended });
}

/** @throws DashboardFailure 409 when the tab that asks believes to be elsewhere */
function checkScope(believed: string | string[] | undefined, { project, region }: Session): void {
  if (believed === undefined || believed === [project.id, region].map(encodeURIComponent).join('/')) return;
  throw new DashboardFailure(
    409,
    'other-scope',
    `Another tab has gone on to project ${project.name} in region ${region}: nothing was done.`,
  );
}

function serviceOf(name: string): ServiceKey {
  const key = serviceKeys.find((one) => one === name);
  if (key) return key;
  throw new DashboardFailure(404, 'not-found', `There is no service "${name}" here: ${serviceKeys.join(', ')}.`);
}

/** A service refuses the token: its own affair, or is it at its end? @throws DashboardFailure 401 `session-ended`, 503 */
async function checkSession(id: string, session: Session, deps: ProxyDeps): Promise<void> {
  if (await deps.keystone.isValid(session.token)) return;
  // Meanwhile the session may have got another.
  const present = await fromStore(() => deps.sessions.use(id));
  if (present?.token === session.token) {
    await fromStore(() => deps.sessions.close(id));
    deps.streams.endOf(id);
    deps.log.info(`The session of user ${session.user.id} ended: its token is not valid any more`);
  }
  throw sessionEnded();
}

/** From here on the answer's head is out: what fails now ends the connection, so that half is not taken for the whole. */
function passOn(
  request: FastifyRequest,
  reply: FastifyReply,
  answer: IncomingMessage,
  {
    headers,
    token,
    ended,
  }: { readonly headers: OutgoingHttpHeaders; readonly token: string; readonly ended: () => void },
): FastifyReply {
  const { raw } = reply;
  const status = answer.statusCode as number;
  const own = reply.getHeaders() as OutgoingHttpHeaders;
  void reply.hijack();
  raw.writeHead(status, { ...own, ...headers });
  if (request.method === 'HEAD' || status === 204 || status === 304) {
    answer.resume();
    raw.end();
    ended();
  } else {
    // Events may be a long time in coming; that the stream stands is told at once.
    raw.flushHeaders();
    pipeline(answer, redactor(token), raw, ended);
  }
  return reply;
}

/** `ECONNREFUSED`, or the words of a timeout; never what was sent. */
function reasonOf(error: unknown): string {
  const { code, message } = error as { code?: string; message?: string };
  return code ?? message ?? 'no reason is known';
}
