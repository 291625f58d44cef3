import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import type { Clock } from '#common/clock.ts';
import { newRequestId } from '#common/ids.ts';
import type { Logger } from '#common/telemetry/log.ts';
import type { Connections } from '../connections.ts';
import { DashboardFailure, badRequest, failureDocument, serviceUnavailable } from '../failure.ts';
import type { Guard } from '../guard.ts';
import { hostAllowed, isOwnOrigin } from '../origin.ts';
import type { Sessions } from '../sessions/sessions.ts';
import type { DashboardSettings } from '../settings/settings.ts';
import type { ConsoleKind, RemoteConsoles } from './remote-console.ts';
import { handOn, join, knock } from './tunnel.ts';

export interface ConsoleDeps {
  readonly settings: DashboardSettings;
  readonly guard: Guard;
  readonly sessions: Sessions;
  readonly remoteConsoles: RemoteConsoles;
  /** Open consoles, by session. */
  readonly consoles: Connections;
  readonly clock: Clock;
  readonly log: Logger;
}

const pattern = /^\/dashboard\/api\/console\/(vnc|serial)\/([0-9A-Za-z-]{1,64})$/;
const ALIVE_MS = 60_000;

/** `/console/KIND/SERVER_ID`: asked by GET it says whether a console can be opened and, in words, why not. */
export function consoleRoutes(app: FastifyInstance, { guard, remoteConsoles }: ConsoleDeps): void {
  app.get('/console/:kind/:id', async (request, reply) => {
    const [kind, id] = consoleOf(request.raw.url);
    const { session } = await guard.signedIn(request.headers.cookie);
    await knock(await remoteConsoles.open(session, kind, id, request.id));
    return reply.header('content-type', 'application/json').send('{}');
  });
}

/** The same path as a WebSocket: the guest's console itself. To be hung on the server's `upgrade`. */
export function consoleUpgrades(deps: ConsoleDeps): (request: IncomingMessage, socket: Duplex, head: Buffer) => void {
  const { log } = deps;
  return (request, socket, head) => {
    socket.on('error', () => socket.destroy());
    const requestId = newRequestId();
    open(request, socket, head, requestId, deps).catch((error: unknown) => {
      const known = error instanceof DashboardFailure;
      if (!known) log.error(`A console could not be opened (${requestId})`, error);
      else if (error.status >= 500) log.warn(`A console could not be opened (${requestId})`, error);
      refuse(
        socket,
        known ? error : serviceUnavailable(`The dashboard failed; its log says why: ${requestId}.`),
        requestId,
      );
    });
  };
}

async function open(
  request: IncomingMessage,
  client: Duplex,
  head: Buffer,
  requestId: string,
  { settings, guard, sessions, remoteConsoles, consoles, clock, log }: ConsoleDeps,
): Promise<void> {
  const { headers } = request;
  if (!hostAllowed(headers.host, settings.allowedHosts))
    throw badRequest('The Host header is not one of ALLOWED_HOSTS.');
  const [kind, serverId] = consoleOf(request.url);
  // Browsers send cookies with a WebSocket of any page, and no CSRF token with any.
  if (!isOwnOrigin(headers, settings.secureCookies))
    throw new DashboardFailure(403, 'csrf', "Consoles open from the dashboard's own pages only.");
  const { id, session } = await guard.signedIn(headers.cookie);
  const url = await remoteConsoles.open(session, kind, serverId, requestId);
  const accepted = await handOn(request, url);
  // Signed out, or gone, while it was opened.
  try {
    await guard.signedIn(headers.cookie);
    if (client.destroyed) return void accepted.socket.destroy();
  } catch (error) {
    accepted.socket.destroy();
    throw error;
  }
  for (const socket of [client, accepted.socket] as Socket[]) {
    socket.setTimeout(0);
    socket.setNoDelay(true);
    socket.setKeepAlive(true, 30_000);
  }
  const end = join(client, accepted, head);
  const ended = consoles.add(id, end);
  log.info(`User ${session.user.id} opened the ${kind} console of server ${serverId}`);
  client.once('close', () => {
    ended();
    log.info(`The ${kind} console of server ${serverId} was closed`);
  });
  // Who types uses the session; a session that has ended elsewhere ends here too.
  let usedAt = clock.now().getTime();
  client.on('data', () => {
    const now = clock.now().getTime();
    if (now - usedAt < ALIVE_MS) return;
    usedAt = now;
    sessions.use(id).then(
      (still) => still === null && end(),
      (error: unknown) => log.warn('A console was used while the sessions cannot be reached', error),
    );
  });
}

function consoleOf(url = ''): [ConsoleKind, string] {
  const match = pattern.exec(url);
  if (!match)
    throw new DashboardFailure(404, 'not-found', 'Consoles are at /dashboard/api/console/vnc|serial/SERVER_ID.');
  return [match[1] as ConsoleKind, match[2] as string];
}

const reasons: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  409: 'Conflict',
  503: 'Service Unavailable',
};

/** A proper answer, though the browser's script sees only a socket that failed. */
function refuse(socket: Duplex, failure: DashboardFailure, requestId: string): void {
  const text = JSON.stringify(failureDocument(failure, requestId));
  socket.end(
    `HTTP/1.1 ${failure.status} ${reasons[failure.status] ?? 'Refused'}\r\nContent-Type: application/json\r\n` +
      `X-Content-Type-Options: nosniff\r\nContent-Length: ${Buffer.byteLength(text)}\r\nConnection: close\r\n\r\n${text}`,
  );
}
