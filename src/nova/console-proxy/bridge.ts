import { connect, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Logger } from '#common/telemetry/log.ts';
import { encodeClose, encodeFrame, FrameReader, opcodes, ProtocolError } from './frames.ts';

export interface BridgeOptions {
  readonly client: Duplex;
  /** Bytes that came with the handshake. */
  readonly head: Buffer;
  readonly endpoint: { readonly host: string; readonly port: number };
  readonly log: Logger;
  /** Text messages are what is typed: their bytes go to the console like those of binary ones. Refused unless set. */
  readonly takesText?: boolean;
  /** Milliseconds that a client may leave unread what is there for it; without it as long as it likes. */
  readonly patienceMs?: number;
  /** Told once, when the connection ends; the console's side is free then. */
  readonly closed: () => void;
}

/** Ends a connection. @param code the WebSocket's close status */
export type EndBridge = (code: number, reason: string) => void;

/**
 * Carries bytes between a WebSocket and a console's TCP port, both ways. Whoever reads slowly slows the other down: nothing
 * is buffered beyond what the sockets hold.
 */
export function bridge(options: BridgeOptions): EndBridge {
  const { client, head, endpoint, log, takesText = false, patienceMs, closed } = options;
  const server: Socket = connect(endpoint.port, endpoint.host);
  server.setNoDelay(true);
  const reader = new FrameReader();
  let ended = false;
  let unread: NodeJS.Timeout | undefined;

  const end: EndBridge = (code, reason) => {
    if (ended) return;
    ended = true;
    clearTimeout(unread);
    if (client.writable) client.end(encodeClose(code, reason));
    server.destroy();
    // A client that never closes its side would keep the socket for ever.
    setTimeout(() => client.destroy(), 5000).unref();
    closed();
  };

  const receive = (chunk: Buffer): void => {
    try {
      for (const { opcode, payload } of reader.push(chunk)) {
        if (opcode === opcodes.close) return end(1000, '');
        if (opcode === opcodes.ping) client.write(encodeFrame(opcodes.pong, payload));
        else if (opcode === opcodes.text && !takesText) throw new ProtocolError(1003, 'Only binary messages are taken');
        else if (opcode <= opcodes.binary && payload.length > 0 && !server.write(payload)) client.pause();
      }
    } catch (error) {
      const code = error instanceof ProtocolError ? error.code : 1011;
      end(code, (error as Error).message);
    }
  };

  client.on('data', receive);
  client.on('drain', () => {
    clearTimeout(unread);
    server.resume();
  });
  client.on('error', () => end(1006, ''));
  client.on('close', () => end(1006, ''));
  server.on('data', (chunk: Buffer) => {
    if (ended || client.write(encodeFrame(opcodes.binary, chunk))) return;
    server.pause();
    clearTimeout(unread);
    if (patienceMs !== undefined)
      unread = setTimeout(() => end(1008, 'The console is read too slowly'), patienceMs).unref();
  });
  server.on('drain', () => client.resume());
  server.on('error', (error) => {
    log.warn(`The console at ${endpoint.host}:${endpoint.port} cannot be reached`, error);
    end(1011, 'The console cannot be reached');
  });
  server.on('close', () => end(1000, 'The console was closed'));
  if (head.length > 0) receive(head);
  return end;
}
