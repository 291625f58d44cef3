import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { silentLogger } from '#common/telemetry/log.ts';
import { FrameReader, ProtocolError } from './frames.ts';
import { createConsoleProxy } from './proxy.ts';

let web: string;
let vnc: Server;
let vncSockets: Socket[];
let proxy: ReturnType<typeof createConsoleProxy>;
let port: number;
const listen = (server: { listen: Server['listen']; address: Server['address'] }): Promise<number> =>
  new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port)));

beforeEach(async () => {
  web = mkdtempSync(join(tmpdir(), 'novnc-'));
  writeFileSync(join(web, 'vnc_auto.html'), '<title>noVNC</title>');
  symlinkSync('/etc/passwd', join(web, 'evil.html'));
  vncSockets = [];
  // Greets, then gives back what it gets.
  vnc = createServer((socket) => {
    vncSockets.push(socket);
    socket.on('error', () => undefined);
    socket.write('RFB 003.008\n');
    socket.pipe(socket);
  });
  const vncPort = await listen(vnc);
  proxy = createConsoleProxy({
    health: async () => ({ ok: true, detail: ['bus: fine'] }),
    web,
    allowedOrigins: ['dashboard.example'],
    log: silentLogger,
    check: async (token) =>
      token === 'good'
        ? { serverId: 's', endpoint: { host: '127.0.0.1', port: vncPort } }
        : token === 'nobody'
          ? { serverId: 's', endpoint: { host: '127.0.0.1', port: 1 } }
          : null,
  });
  port = await listen(proxy.server);
});
afterEach(async () => {
  proxy.endAll();
  proxy.server.closeAllConnections();
  proxy.server.close();
  for (const socket of vncSockets) socket.destroy();
  vnc.close();
  rmSync(web, { recursive: true });
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
    await expect.poll(() => vncSockets[0]?.destroyed).toBe(true);
  });

  it('ends the browser’s side when the guest ends', async () => {
    const { socket } = await open('/?token=good');
    const closed = new Promise<CloseEvent>((resolve) => (socket.onclose = resolve as never));
    await expect.poll(() => vncSockets.length).toBe(1);
    vncSockets[0]!.destroy();
    expect((await closed).code).toBe(1000);
  });

  it('says so when the console cannot be reached', async () => {
    const { socket } = await open('/?token=nobody');
    const closed = new Promise<CloseEvent>((resolve) => (socket.onclose = resolve as never));
    expect((await closed).code).toBe(1011);
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

  it('serves the pages, hands the token on, and nothing outside the folder', async () => {
    const fetched = (path: string) => fetch(`http://127.0.0.1:${port}${path}`, { redirect: 'manual' });
    const page = await fetched('/vnc_auto.html');
    expect([page.status, await page.text(), page.headers.get('content-type')]).toEqual([
      200,
      '<title>noVNC</title>',
      'text/html; charset=utf-8',
    ]);
    const handed = await fetched('/vnc_auto.html?token=abc');
    expect([handed.status, handed.headers.get('location')]).toEqual([
      302,
      '/vnc_auto.html?token=abc&autoconnect=true&path=websockify%3Ftoken%3Dabc',
    ]);
    for (const path of ['/nope.html', '/evil.html', '/..%2f..%2fetc%2fpasswd', '/%00'])
      expect([path, (await fetched(path)).status]).toEqual([path, 404]);
    expect((await fetch(`http://127.0.0.1:${port}/`, { method: 'POST' })).status).toBe(405);
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
