import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { silentLogger } from '#common/telemetry/log.ts';
import { FrameReader, ProtocolError } from './frames.ts';
import { createConsoleProxy, takenOver, type ProxyOptions } from './proxy.ts';

let guest: Server;
let consoles: Socket[];
let consolePort: number;
let proxy: ReturnType<typeof createConsoleProxy>;
let port: number;
const listen = (server: { listen: Server['listen']; address: Server['address'] }): Promise<number> =>
  new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port)));

const restart = async (more: Partial<ProxyOptions> = {}): Promise<void> => {
  proxy?.server.close();
  const at = (serverId: string, to: number) => ({ serverId, endpoint: { host: '127.0.0.1', port: to } });
  proxy = createConsoleProxy({
    health: async () => ({ ok: true, detail: ['bus: fine'] }),
    page: async (_request, response) => void response.end('a page'),
    allowedOrigins: ['dashboard.example'],
    log: silentLogger,
    check: async (token) =>
      token === 'good' || token === 'other' ? at(token, consolePort) : token === 'nobody' ? at('s', 1) : null,
    ...more,
  });
  port = await listen(proxy.server);
};

beforeEach(async () => {
  consoles = [];
  // Greets, then gives back what it gets.
  guest = createServer((socket) => {
    consoles.push(socket);
    socket.on('error', () => undefined);
    socket.write('RFB 003.008\n');
    socket.pipe(socket);
  });
  consolePort = await listen(guest);
  await restart();
});
afterEach(async () => {
  proxy.endAll();
  proxy.server.closeAllConnections();
  proxy.server.close();
  for (const socket of consoles) socket.destroy();
  guest.close();
});

interface Opened {
  readonly socket: WebSocket;
  readonly received: () => Buffer;
}
const open = (path: string, protocol?: string): Promise<Opened> =>
  new Promise((resolve, reject) => {
    const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`, protocol);
    socket.binaryType = 'arraybuffer';
    const parts: Buffer[] = [];
    socket.onmessage = ({ data }) => void parts.push(Buffer.from(data as ArrayBuffer));
    socket.onopen = () => resolve({ socket, received: () => Buffer.concat(parts) });
    socket.onerror = () => reject(new Error('refused'));
  });

describe('the console proxy', () => {
  it('carries bytes both ways, whatever their size', async () => {
    const { socket, received } = await open('/websockify?token=good', 'binary');
    expect(socket.protocol).toBe('binary');
    await expect.poll(() => received().toString()).toBe('RFB 003.008\n');
    const sent = Buffer.alloc(3_000_000, 'abcdefghij');
    for (let at = 0; at < sent.length; at += 500_000) socket.send(sent.subarray(at, at + 500_000));
    socket.send(Buffer.from('end'));
    await expect.poll(() => received().length, { timeout: 5000 }).toBe(12 + sent.length + 3);
    expect(
      received()
        .subarray(12, 12 + sent.length)
        .equals(sent),
    ).toBe(true);
    socket.close();
    await expect.poll(() => consoles[0]?.destroyed).toBe(true);
  });

  it('ends the browser’s side when the guest ends', async () => {
    const { socket } = await open('/?token=good');
    const closed = new Promise<CloseEvent>((resolve) => (socket.onclose = resolve as never));
    await expect.poll(() => consoles.length).toBe(1);
    consoles[0]!.destroy();
    expect((await closed).code).toBe(1000);
  });

  it('says so when the console cannot be reached', async () => {
    const { socket } = await open('/?token=nobody');
    const closed = new Promise<CloseEvent>((resolve) => (socket.onclose = resolve as never));
    expect((await closed).code).toBe(1011);
  });

  it('takes no text where there is none', async () => {
    const { socket } = await open('/?token=good');
    const closed = new Promise<CloseEvent>((resolve) => (socket.onclose = resolve as never));
    socket.send('text');
    expect((await closed).code).toBe(1003);
  });

  it('refuses bad tokens', async () => {
    await expect(open('/websockify?token=bad')).rejects.toThrow('refused');
    await expect(open('/websockify')).rejects.toThrow('refused');
  });

  const handshake = (headers: Record<string, string>): Promise<string> =>
    new Promise((resolve, reject) => {
      import('node:http').then(({ request }) => {
        const outgoing = request({
          port,
          host: '127.0.0.1',
          path: '/websockify?token=good',
          headers: {
            connection: 'Upgrade',
            upgrade: 'websocket',
            'sec-websocket-version': '13',
            'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
            ...headers,
          },
        });
        outgoing.on('upgrade', (answer, socket) => {
          socket.destroy();
          resolve(`${answer.statusCode} ${answer.headers['sec-websocket-accept']}`);
        });
        outgoing.on('response', (answer) => {
          answer.resume();
          resolve(String(answer.statusCode));
        });
        outgoing.on('error', reject);
        outgoing.end();
      }, reject);
    });

  it('opens to pages of its own and of allowed hosts only', async () => {
    // The answer to this key is the example of RFC 6455.
    const accepted = '101 s3pPLMBiTxaQ9kYGzzhZRbK+xOo=';
    expect(await handshake({ origin: `http://127.0.0.1:${port}` })).toBe(accepted);
    expect(await handshake({ origin: 'https://dashboard.example' })).toBe(accepted);
    expect(await handshake({ origin: 'https://evil.example' })).toBe('403');
    expect(await handshake({ origin: 'null' })).toBe('403');
    expect(await handshake({ 'sec-websocket-version': '8' })).toBe('426');
  });

  it('answers for its health, and leaves other requests to its pages', async () => {
    const fetched = async (path: string) => (await fetch(`http://127.0.0.1:${port}${path}`)).text();
    expect(await fetched('/healthcheck')).toBe('OK\nbus: fine\n');
    expect(await fetched('/any')).toBe('a page');
  });
});

describe('a proxy of lines', () => {
  beforeEach(() => restart({ line: { patienceMs: 300 } }));
  const closing = (socket: WebSocket): Promise<CloseEvent> =>
    new Promise((resolve) => (socket.onclose = resolve as never));

  it('takes text from clients that speak no protocol', async () => {
    const { socket, received } = await open('/?token=good');
    expect(socket.protocol).toBe('');
    socket.send('ls\r');
    await expect.poll(() => received().toString()).toBe('RFB 003.008\nls\r');
  });

  it('gives the line to whoever comes last, and tells the one before', async () => {
    const first = await open('/?token=good');
    await expect.poll(() => consoles.length).toBe(1);
    const closed = closing(first.socket);
    const second = await open('/?token=good');
    expect(await closed).toMatchObject({ code: takenOver, reason: 'Somebody else has opened this console' });
    await expect.poll(() => consoles.map(({ destroyed }) => destroyed)).toEqual([true, false]);
    second.socket.send('mine');
    await expect.poll(() => second.received().toString()).toContain('mine');
    // Another server's line is another line.
    await open('/?token=other');
    second.socket.send('still');
    await expect.poll(() => second.received().toString()).toContain('still');
    second.socket.close();
    await expect.poll(() => consoles[1]?.destroyed).toBe(true);
  });

  it('sends away who does not read', async () => {
    const socket = connect(port, '127.0.0.1');
    socket.write(
      'GET /?token=good HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n' +
        'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
    );
    await expect.poll(() => consoles.length).toBe(1);
    const much = Buffer.alloc(1 << 20);
    const turn = setInterval(() => consoles[0]!.write(much), 5);
    await expect.poll(() => consoles[0]!.destroyed, { timeout: 10_000 }).toBe(true);
    clearInterval(turn);
    socket.destroy();
  });
});

describe('frames', () => {
  const masked = (first: number, payload: string): Buffer =>
    Buffer.concat([Buffer.from([first, 0x80 | payload.length, 0, 0, 0, 0]), Buffer.from(payload)]);

  it('are put together from any pieces', () => {
    const reader = new FrameReader();
    const bytes = Buffer.concat([masked(0x82, 'one'), masked(0x02, 'tw'), masked(0x80, 'o')]);
    const frames = [...bytes].flatMap((byte) => reader.push(Buffer.of(byte)));
    expect(frames.map(({ opcode, final, payload }) => [opcode, final, payload.toString()])).toEqual([
      [2, true, 'one'],
      [2, false, 'tw'],
      [0, true, 'o'],
    ]);
  });

  it.each([
    ['unmasked', Buffer.from([0x82, 1, 0]), 1002],
    ['reserved bits', Buffer.from([0xc2, 0x80]), 1002],
    ['a long control frame', Buffer.from([0x89, 0xfe]), 1002],
    ['too large', Buffer.from([0x82, 0xff, 0, 0, 0, 1, 0, 0, 0, 0]), 1009],
  ])('are refused: %s', (_what, bytes, code) => {
    expect(() => new FrameReader().push(bytes)).toThrow(ProtocolError);
    try {
      new FrameReader().push(bytes);
    } catch (error) {
      expect((error as ProtocolError).code).toBe(code);
    }
  });
});
