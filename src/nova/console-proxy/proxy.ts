import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Health } from '#common/telemetry/health.ts';
import type { Logger } from '#common/telemetry/log.ts';
import { bridge, type EndBridge } from './bridge.ts';
import type { CheckToken } from './check.ts';

export interface ProxyOptions {
  /** Answers whatever is neither a WebSocket nor the healthcheck. */
  readonly page: (request: IncomingMessage, response: ServerResponse) => Promise<void>;
  readonly check: CheckToken;
  /** Host names, besides the proxy's own, whose pages may open a console. */
  readonly allowedOrigins: readonly string[];
  readonly log: Logger;
  /** For `/healthcheck`. */
  readonly health: () => Promise<Health>;
  /**
   * A console that only one can use at a time: whoever comes last gets it, and the one before is told so (`takenOver`).
   * Text messages are taken, and a client that does not read is sent away after this many milliseconds.
   */
  readonly line?: { readonly patienceMs: number };
}

/** Close status of a connection whose console somebody else has opened. */
export const takenOver = 4001;

const magic = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

/** An HTTP server: pages, and WebSockets at any path that lead to the console that the token names. */
export function createConsoleProxy(options: ProxyOptions): { readonly server: Server; readonly endAll: () => void } {
  const { log, line } = options;
  const running = new Set<EndBridge>();
  /** Who has the line of a server. */
  const holders = new Map<string, EndBridge>();
  const healthcheck = async (response: ServerResponse): Promise<void> => {
    const { ok, detail } = await options.health();
    const text = [ok ? 'OK' : 'FAIL', ...detail, ''].join('\n');
    response.writeHead(ok ? 200 : 503, { 'content-type': 'text/plain; charset=utf-8' }).end(text);
  };
  const server = createServer((request, response) => {
    const answered = request.url === '/healthcheck' ? healthcheck(response) : options.page(request, response);
    answered.catch((error: unknown) => {
      log.error('A page could not be served', error);
      response.destroy();
    });
  });
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', () => socket.destroy());
    accept(request, socket, head).catch((error: unknown) => {
      log.error('A console connection failed', error);
      refuse(
        socket,
        503,
        'The token cannot be checked now: do nova-consoleauth and the nova-compute of the server run?',
      );
    });
  });

  const accept = async (request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> => {
    const key = request.headers['sec-websocket-key'];
    if (request.headers.upgrade?.toLowerCase() !== 'websocket' || typeof key !== 'string')
      return refuse(socket, 400, 'This is no WebSocket handshake.');
    if (request.headers['sec-websocket-version'] !== '13')
      return refuse(socket, 426, 'WebSocket version 13 is spoken here.');
    if (!originAllowed(request, options.allowedOrigins)) {
      log.warn(`A page of ${request.headers.origin} tried to open a console`);
      return refuse(socket, 403, 'Pages of this origin may not open consoles (console_allowed_origins).');
    }
    const token = tokenOf(request);
    const grant = token === null ? null : await options.check(token);
    if (!grant) return refuse(socket, 403, 'The token is not valid, or no longer.');
    const protocols = (request.headers['sec-websocket-protocol'] ?? '').split(',').map((one) => one.trim());
    socket.write(
      [
        'HTTP/1.1 101 Switching Protocols',
        'Upgrade: websocket',
        'Connection: Upgrade',
        `Sec-WebSocket-Accept: ${createHash('sha1')
          .update(key + magic)
          .digest('base64')}`,
        ...(protocols.includes('binary') ? ['Sec-WebSocket-Protocol: binary'] : []),
        '\r\n',
      ].join('\r\n'),
    );
    const { serverId, endpoint } = grant;
    log.info(`Console of server ${serverId}: connected to ${endpoint.host}:${endpoint.port}`);
    // First, so that the console is free for the new one.
    if (line) holders.get(serverId)?.(takenOver, 'Somebody else has opened this console');
    const end = bridge({
      client: socket,
      head,
      endpoint,
      log,
      ...(line && { takesText: true, patienceMs: line.patienceMs }),
      closed() {
        running.delete(end);
        if (holders.get(serverId) === end) holders.delete(serverId);
        log.info(`Console of server ${serverId}: closed`);
      },
    });
    running.add(end);
    if (line) holders.set(serverId, end);
  };
  return {
    server,
    endAll() {
      for (const end of [...running]) end(1001, 'The proxy is stopping');
    },
  };
}

function refuse(socket: Duplex, status: number, text: string): void {
  const reasons: Readonly<Record<number, string>> = {
    400: 'Bad Request',
    403: 'Forbidden',
    426: 'Upgrade Required',
    503: 'Service Unavailable',
  };
  socket.end(
    `HTTP/1.1 ${status} ${reasons[status]}\r\nContent-Type: text/plain; charset=utf-8\r\n` +
      `Content-Length: ${Buffer.byteLength(text)}\r\nConnection: close\r\n\r\n${text}`,
  );
}

/** `?token=` of the address; old noVNC carries it in a cookie. */
function tokenOf(request: IncomingMessage): string | null {
  const { searchParams } = new URL(request.url ?? '/', 'http://proxy');
  const named = searchParams.get('token');
  if (named !== null) return named;
  const cookie = /(?:^|;\s*)token=([0-9a-f-]{36})/.exec(request.headers.cookie ?? '');
  return cookie?.[1] ?? null;
}

/** Browsers say whose page asks. Only our own pages may: another site's must not use a token that it has got hold of. */
function originAllowed(request: IncomingMessage, allowed: readonly string[]): boolean {
  const { origin, host } = request.headers;
  // No browser.
  if (origin === undefined) return true;
  if (!URL.canParse(origin)) return false;
  const from = new URL(origin);
  return from.host === host || allowed.includes(from.hostname) || allowed.includes(from.host);
}
