import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { silentLogger } from '#common/telemetry/log.ts';
import { createXvpProxy } from './proxy.ts';

let guest: Server;
let server: Server;
let guests: Socket[];
let proxy: ReturnType<typeof createXvpProxy>;
const portOf = (one: Server): number => (one.address() as AddressInfo).port;
const listening = async (one: Server): Promise<Server> => {
  one.listen(0, '127.0.0.1');
  await once(one, 'listening');
  return one;
};

beforeEach(async () => {
  guests = [];
  guest = await listening(
    createServer((socket) => {
      guests.push(socket);
      socket.write('RFB 003.008\n');
      socket.on('data', (chunk) => socket.write(`echo ${chunk.toString()}`));
    }),
  );
  proxy = createXvpProxy({
    log: silentLogger,
    patienceMs: 500,
    check: async (token) => {
      if (token === 'broken') throw new Error('no consoleauth');
      if (token === 'nowhere') return { serverId: 's', endpoint: { host: '127.0.0.1', port: 1 } };
      return token === 'good' ? { serverId: 's', endpoint: { host: '127.0.0.1', port: portOf(guest) } } : null;
    },
  });
  server = await listening(createServer({ allowHalfOpen: true }, proxy.accept));
});
afterEach(() => {
  proxy.endAll();
  for (const socket of guests) socket.destroy();
  server.close();
  guest.close();
});

/** Sends a head and gives what comes back until it has `wanted`, or the end. */
async function talk(head: string, wanted?: string): Promise<{ text: string; socket: Socket }> {
  const socket = connect(portOf(server), '127.0.0.1');
  let text = '';
  socket.write(head);
  for await (const chunk of socket.iterator({ destroyOnReturn: false })) {
    text += String(chunk);
    if (wanted !== undefined && text.includes(wanted)) break;
  }
  return { text, socket };
}

describe('the XVP proxy', () => {
  it('answers 200 and carries VNC from then on, also what came with the head', async () => {
    const { text, socket } = await talk('GET /console?token=good HTTP/1.1\r\nHost: x\r\n\r\nRFB!', 'echo RFB!');
    expect(text).toBe('HTTP/1.1 200 OK\r\n\r\nRFB 003.008\necho RFB!');
    socket.write('more');
    const [chunk] = (await once(socket, 'data')) as [Buffer];
    expect(chunk.toString()).toBe('echo more');
    const gone = once(guests[0] as Socket, 'close');
    socket.destroy();
    await gone;
  });

  it('takes the head in pieces, and CONNECT as old viewers say it', async () => {
    const socket = connect(portOf(server), '127.0.0.1');
    socket.write('CONNECT /console?tok');
    socket.write('en=good HTTP/1.1\r\n\r');
    socket.write('\n');
    const [chunk] = (await once(socket, 'data')) as [Buffer];
    expect(chunk.toString()).toContain('HTTP/1.1 200 OK\r\n\r\n');
    socket.destroy();
  });

  it.each([
    ['GET /console?token=bad HTTP/1.1\r\n\r\n', '401 Not Authorized'],
    ['GET /console HTTP/1.1\r\n\r\n', '400 Invalid Request'],
    ['nonsense\r\n\r\n', '400 Invalid Request'],
    [`GET /console?token=good HTTP/1.1\r\nX: ${'x'.repeat(9000)}`, '400 Invalid Request'],
    ['GET /console?token=broken HTTP/1.1\r\n\r\n', '503 Service Unavailable'],
    ['GET /console?token=nowhere HTTP/1.1\r\n\r\n', '503 Service Unavailable'],
    ['GET /console?tok', '400 Invalid Request'],
  ])('refuses %j with %s', async (head, status) => {
    const { text } = await talk(head);
    expect(text.split('\r\n')[0]).toBe(`HTTP/1.1 ${status}`);
  });

  it('ends the viewer when the guest ends', async () => {
    const { socket } = await talk('GET /console?token=good HTTP/1.1\r\n\r\n', 'RFB 003.008');
    const ended = once(socket, 'end');
    guests[0]?.destroy();
    socket.resume();
    await ended;
  });
});
