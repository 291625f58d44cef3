import { connect, type Socket } from 'node:net';
import type { Logger } from '#common/telemetry/log.ts';
import type { CheckToken } from '../console-proxy/check.ts';

export interface XvpProxyOptions {
  readonly check: CheckToken;
  readonly log: Logger;
  /** Milliseconds that a viewer gets to say what it wants. */
  readonly patienceMs?: number;
}

/** A request's head is one line and a few headers; more is somebody else. */
const MAX_HEAD = 8192;

/**
 * The viewer's side of XVP: it sends the head of an HTTP request whose address carries the token, is answered with a bare
 * `200 OK`, and from then on both talk VNC over the same socket.
 */
export function createXvpProxy(options: XvpProxyOptions): {
  readonly accept: (client: Socket) => void;
  readonly endAll: () => void;
} {
  const { check, log, patienceMs = 30_000 } = options;
  const open = new Set<Socket>();
  const keep = (socket: Socket): void => {
    open.add(socket);
    socket.once('close', () => open.delete(socket));
  };

  const serve = async (client: Socket): Promise<void> => {
    const head = await readHead(client, patienceMs);
    if (head === null) return refuse(client, '400 Invalid Request', 'Invalid Request');
    const token = tokenOf(head.text);
    if (token === null) {
      log.info('A console was asked for without a token');
      return refuse(client, '400 Invalid Request', 'Invalid Request');
    }
    const grant = await check(token);
    if (!grant) {
      log.info('A console was asked for with a token that is not valid, or no longer');
      return refuse(client, '401 Not Authorized', 'Not Authorized');
    }
    const { host, port } = grant.endpoint;
    const server = connect({ host, port });
    keep(server);
    server.once('connect', () => {
      log.info(`Console of server ${grant.serverId}: connected to ${host}:${port}`);
      client.write('HTTP/1.1 200 OK\r\n\r\n');
      if (head.rest.length > 0) server.write(head.rest);
      client.pipe(server);
      server.pipe(client);
    });
    server.once('error', (error) => {
      log.warn(`The console at ${host}:${port} cannot be reached`, error);
      if (server.connecting || !client.writableEnded)
        refuse(client, '503 Service Unavailable', 'The console cannot be reached');
    });
    client.once('close', () => server.destroy());
    server.once('close', () => client.end());
  };

  return {
    accept(client) {
      keep(client);
      client.on('error', () => client.destroy());
      serve(client).catch((error: unknown) => {
        log.error('A console connection failed', error);
        refuse(client, '503 Service Unavailable', 'The token cannot be checked now: is nova-consoleauth running?');
      });
    },
    endAll() {
      for (const socket of open) socket.destroy();
    },
  };
}

/** Everything up to the empty line, and what came after it; null when there is no such thing in time. */
function readHead(client: Socket, patienceMs: number): Promise<{ text: string; rest: Buffer } | null> {
  return new Promise((resolve) => {
    let seen = Buffer.alloc(0);
    const done = (result: { text: string; rest: Buffer } | null): void => {
      clearTimeout(timer);
      client.pause();
      client.off('data', take);
      client.off('end', give);
      client.off('close', give);
      resolve(result);
    };
    const give = (): void => done(null);
    const take = (chunk: Buffer): void => {
      seen = Buffer.concat([seen, chunk]);
      const end = seen.indexOf('\r\n\r\n');
      if (end >= 0) done({ text: seen.subarray(0, end).toString('latin1'), rest: seen.subarray(end + 4) });
      else if (seen.length > MAX_HEAD) give();
    };
    const timer = setTimeout(give, patienceMs);
    client.on('data', take);
    client.once('end', give);
    client.once('close', give);
  });
}

/** `GET /console?token=… HTTP/1.1`, or `CONNECT` with the same address. */
function tokenOf(head: string): string | null {
  const [, address] = /^[A-Z]+ (\S+) HTTP\/1\.\d(\r\n|$)/.exec(head) ?? [];
  if (address === undefined || !URL.canParse(address, 'http://proxy')) return null;
  return new URL(address, 'http://proxy').searchParams.get('token');
}

function refuse(client: Socket, status: string, text: string): void {
  if (client.destroyed) return;
  client.end(
    `HTTP/1.1 ${status}\r\nContent-Type: text/html\r\nContent-Length: ${Buffer.byteLength(text)}\r\n` +
      `Connection: close\r\n\r\n${text}`,
  );
}
