import http, { type IncomingMessage } from 'node:http';
import https from 'node:https';
import { connect } from 'node:net';
import type { Duplex } from 'node:stream';
import { serviceUnavailable } from '../failure.ts';

/** Until the console's proxy answers. */
const LIMIT_MS = 10_000;

/** A WebSocket that the console's proxy has accepted. */
export interface Accepted {
  readonly answer: IncomingMessage;
  readonly socket: Duplex;
  /** Bytes that came with its answer. */
  readonly head: Buffer;
}

const passed: readonly string[] = [
  'sec-websocket-key',
  'sec-websocket-version',
  'sec-websocket-protocol',
  'sec-websocket-extensions',
];

/**
 * Hands a browser's WebSocket handshake on to a console's proxy.
 * @param url with the console's token, which no message and no log repeats
 * @throws DashboardFailure 503
 */
export function handOn(request: IncomingMessage, url: URL): Promise<Accepted> {
  return new Promise((resolve, reject) => {
    const refuse = (why: string, cause?: unknown): void =>
      reject(serviceUnavailable(`The console's proxy at ${url.origin} ${why}.`, cause));
    const outgoing = (url.protocol === 'https:' ? https : http).request(url, {
      agent: false,
      headers: {
        connection: 'Upgrade',
        upgrade: 'websocket',
        // It lets pages of its own in; that ours asked is known here.
        origin: url.origin,
        ...Object.fromEntries(Object.entries(request.headers).filter(([name]) => passed.includes(name))),
      },
    });
    const timer = setTimeout(() => outgoing.destroy(new Error(`no answer within ${LIMIT_MS / 1000} s`)), LIMIT_MS);
    outgoing.on('upgrade', (answer, socket, head) => {
      clearTimeout(timer);
      resolve({ answer, socket, head });
    });
    outgoing.on('response', (answer) => {
      clearTimeout(timer);
      answer.resume();
      refuse(`refused the connection (${answer.statusCode})`);
    });
    outgoing.on('error', (error: NodeJS.ErrnoException) => {
      clearTimeout(timer);
      refuse(`does not answer: ${error.code ?? error.message}`, error);
    });
    outgoing.end();
  });
}

/** Whether somebody listens at the console's proxy. @throws DashboardFailure 503 */
export function knock(url: URL): Promise<void> {
  return new Promise((resolve, reject) => {
    const port = Number(url.port || (url.protocol === 'https:' ? 443 : 80));
    const socket = connect(port, url.hostname.replace(/^\[|\]$/g, ''));
    const fail = (why: string): void => {
      socket.destroy();
      reject(serviceUnavailable(`The console's proxy at ${url.origin} does not answer: ${why}.`));
    };
    socket.setTimeout(3000, () => fail('no connection within 3 s'));
    socket.once('error', (error: NodeJS.ErrnoException) => fail(error.code ?? error.message));
    socket.once('connect', () => {
      socket.destroy();
      resolve();
    });
  });
}

/**
 * Joins two sockets; whoever reads slowly slows the other down, and when one ends so does the other.
 * @returns ends both
 */
export function join(client: Duplex, { answer, socket: server, head }: Accepted, early: Buffer): () => void {
  const kept = ['sec-websocket-accept', 'sec-websocket-protocol', 'sec-websocket-extensions'];
  const lines = kept.flatMap((name) => {
    const value = answer.headers[name];
    return value === undefined ? [] : [`${name}: ${String(value)}`];
  });
  client.write(
    ['HTTP/1.1 101 Switching Protocols', 'Upgrade: websocket', 'Connection: Upgrade', ...lines, '\r\n'].join('\r\n'),
  );
  if (head.length > 0) client.write(head);
  if (early.length > 0) server.write(early);
  const end = (): void => {
    client.destroy();
    server.destroy();
  };
  for (const socket of [client, server]) socket.on('error', end).on('close', end);
  client.pipe(server);
  server.pipe(client);
  return end;
}
