import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Health } from '#common/telemetry/health.ts';
import type { Logger } from '#common/telemetry/log.ts';
import { bridge } from './bridge.ts';
import { pageServer } from './pages.ts';

/** What a token opens; null for one that is unknown or expired. */
export type CheckToken = (
  token: string,
) => Promise<{ readonly serverId: string; readonly endpoint: { readonly host: string; readonly port: number } } | null>;

export interface ProxyOptions {
  /** Folder of the noVNC pages. */
  readonly web: string;
  readonly check: CheckToken;
  /** Host names, besides the proxy's own, whose pages may open a console. */
  readonly allowedOrigins: readonly string[];
  readonly log: Logger;
  /** For `/healthcheck`. */
  readonly health: () => Promise<Health>;
}

const magic = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

/** An HTTP server: noVNC's pages, and WebSockets at any path that lead to the console that the token names. */
export function createConsoleProxy(options: ProxyOptions): { readonly server: Server; readonly endAll: () => void } {
  const { log } = options;
  const pages = pageServer(options.web);
  const running = new Set<() => void>();
  const healthcheck = async (response: ServerResponse): Promise<void> => {
    const { ok, detail } = await options.health();
    const text = [ok ? 'OK' : 'FAIL', ...detail, ''].join('\n');
    response.writeHead(ok ? 200 : 503, { 'content-type': 'text/plain; charset=utf-8' }).end(text);
  };
  const server = createServer((request, response) => {
    const answered = request.url === '/healthcheck' ? healthcheck(response) : pages(request, response);
    answered.catch((error: unknown) => {
      log.error('A noVNC page could not be served', error);
      response.destroy();
    });
  });
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', () => socket.destroy());
    accept(request, socket, head).catch((error: unknown) => {
      log.error('A console connection failed', error);
      refuse(socket, 503, 'The token cannot be checked now: is nova-consoleauth running?');
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
    log.info(`Console of server ${grant.serverId}: connected to ${grant.endpoint.host}:${grant.endpoint.port}`);
    const end = bridge({
      client: socket,
      head,
      endpoint: grant.endpoint,
      log,
      closed() {
        running.delete(end);
        log.info(`Console of server ${grant.serverId}: closed`);
      },
    });
    running.add(end);
  };
  return {
    server,
    endAll() {
      for (const end of [...running]) end();
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
