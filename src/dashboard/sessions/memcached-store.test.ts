import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import type { Clock } from '#common/clock.ts';
import { createLogger } from '#common/telemetry/log.ts';
import { createMemcachedStore } from './memcached-store.ts';
import { SessionStoreUnavailable, type SessionStore } from './store.ts';

const servers: Server[] = [];
const stores: SessionStore[] = [];
const lines: string[] = [];
const clock: Clock = { now: () => new Date(1_700_000_000_000) };
const log = createLogger('test', ({ level, message }) => lines.push(`${level} ${message}`));

/** A server that answers as it is told; it remembers what it heard. */
async function play(
  answer: (socket: Socket, text: string) => void,
  port = 0,
): Promise<{ at: string; heard: string[] }> {
  const heard: string[] = [];
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.on('data', (chunk) => {
      heard.push(chunk.toString());
      answer(socket, chunk.toString());
    });
  });
  servers.push(server);
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return { at: `127.0.0.1:${(server.address() as AddressInfo).port}`, heard };
}
const open = (...at: readonly string[]): SessionStore => {
  const store = createMemcachedStore(at, log, clock);
  stores.push(store);
  return store;
};
afterEach(async () => {
  for (const store of stores.splice(0)) await store.close();
  for (const server of servers.splice(0)) server.close();
  lines.length = 0;
});

describe('createMemcachedStore', () => {
  it('puts answers together that come in pieces, whatever is in a value', async () => {
    const value = 'é\r\nEND\r\nVALUE x 0 3\r\n';
    const { at, heard } = await play((socket) => {
      const bytes = Buffer.from(`VALUE k 0 ${Buffer.byteLength(value)}\r\n${value}\r\nEND\r\n`);
      for (const byte of bytes) socket.write(Buffer.of(byte));
    });
    const store = open(at);
    expect(await store.get('secret-id')).toBe(value);
    expect(heard.join('')).toMatch(/^get igloo-dashboard:session:[\w-]{43}\r\n$/);
    expect(heard.join('')).not.toContain('secret-id');
  });

  it('gives each of several at once its own answer', async () => {
    const { at } = await play((socket, text) => {
      for (const line of text.split('\r\n').filter(Boolean))
        socket.write(line.startsWith('get') ? 'END\r\n' : line.startsWith('delete') ? 'NOT_FOUND\r\n' : 'STORED\r\n');
    });
    const store = open(at);
    await expect(Promise.all([store.get('a'), store.delete('b'), store.get('c')])).resolves.toEqual([
      null,
      undefined,
      null,
    ]);
  });

  it.each([
    [60, '60'],
    [0.2, '1'],
    [0, '-1'],
    [31 * 24 * 3600, String(1_700_000_000 + 31 * 24 * 3600)],
  ])('keeps for %d seconds', async (seconds, said) => {
    const { at, heard } = await play((socket) => socket.write('STORED\r\n'));
    await open(at).put('a', 'v', seconds);
    expect(heard[0]).toMatch(new RegExp(`^set \\S+ 0 ${said} 1\r\nv\r\n$`));
  });

  it('goes on over a new connection when the server closed the old one', async () => {
    let first = true;
    const { at, heard } = await play((socket) => {
      if (first || heard.length > 2) socket.write('END\r\n');
      else socket.destroy();
      first = false;
    });
    const store = open(at);
    expect(await store.get('a')).toBeNull();
    expect(await store.get('a')).toBeNull();
    expect(heard).toHaveLength(3);
  });

  it('does not take silence for "no session"', async () => {
    const { at } = await play(() => undefined);
    const store = open(at);
    const began = performance.now();
    const results = await Promise.allSettled([store.get('a'), store.put('a', 'v', 1), store.delete('a')]);
    expect(performance.now() - began).toBeLessThan(1900);
    for (const result of results)
      expect(result).toMatchObject({ status: 'rejected', reason: expect.any(SessionStoreUnavailable) as unknown });
    expect(lines).toEqual([expect.stringMatching(/^WARNING memcached at \S+ does not answer: no answer within 1 s\./)]);
  });

  it.each(['SERVER_ERROR out of memory storing object', 'ERROR'])('hands on %s', async (line) => {
    const { at } = await play((socket) => socket.write(`${line}\r\n`));
    const store = open(at);
    await expect(store.put('a', 'v', 1)).rejects.toThrow(`refuses: ${line}`);
    await expect(store.get('a')).rejects.toBeInstanceOf(SessionStoreUnavailable);
    expect(await store.trouble()).toContain('refuses');
  });

  it('refuses what memcached could not keep', async () => {
    const store = open('127.0.0.1:1');
    await expect(store.put('a', 'é'.repeat(500_001), 1)).rejects.toThrow('A session of 1000002 bytes is too large');
  });

  it('spreads sessions, and loses only those of a server that is away', async () => {
    const kept = await Promise.all(
      [0, 1].map(() => play((socket, text) => socket.write('END\r\n'.repeat(text.split('\r\n').length - 1)))),
    );
    const store = open('127.0.0.1:1', ...kept.map(({ at }) => at));
    const ids = Array.from({ length: 90 }, (_, index) => `id-${index}`);
    const results = await Promise.allSettled(ids.map((id) => store.get(id)));
    const lost = results.filter(({ status }) => status === 'rejected').length;
    expect(lost).toBeGreaterThan(10);
    expect(lost).toBeLessThan(60);
    expect(kept.every(({ heard }) => heard.length > 0)).toBe(true);
    expect(await open(...kept.map(({ at }) => at)).trouble()).toContain('refuses: END');
    expect(await store.trouble()).toContain('memcached at 127.0.0.1:1 does not answer: connect ECONNREFUSED');
    expect(lines.filter((line) => line.includes('127.0.0.1:1 '))).toHaveLength(1);
  });
});
