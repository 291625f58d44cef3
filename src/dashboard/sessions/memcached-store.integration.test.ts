import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, describe, expect, it } from 'vitest';
import { hasProgram } from '#common/host/privileges.ts';
import { createLogger } from '#common/telemetry/log.ts';
import { sessionStoreContract } from './contract.ts';
import { createMemcachedStore } from './memcached-store.ts';
import { SessionStoreUnavailable, type SessionStore } from './store.ts';

const missing = !hasProgram('memcached') && process.env['CI'] === undefined;
if (missing) console.warn('Skipped: memcached is missing (apt-get install memcached)');
const log = createLogger('test', () => undefined);
const started = new Set<ChildProcess>();
afterAll(() => {
  for (const child of started) child.kill('SIGKILL');
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** A memcached of this test's own. @param at a port of 127.0.0.1, or the path of a socket */
async function memcached(at: number | string): Promise<{ server: string; child: ChildProcess; stop(): Promise<void> }> {
  const where = typeof at === 'number' ? ['-l', '127.0.0.1', '-p', String(at)] : ['-s', at];
  const child = spawn('memcached', [...where, '-m', '8', '-t', '1', '-u', 'root', '-U', '0'], { stdio: 'ignore' });
  started.add(child);
  const server = typeof at === 'number' ? `127.0.0.1:${at}` : `unix:${at}`;
  const stop = async (): Promise<void> => {
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
    started.delete(child);
  };
  const probe = createMemcachedStore([server], log);
  for (let tries = 0; (await probe.trouble()) !== null; tries++) {
    if (tries > 100) throw new Error(`memcached did not start: ${await probe.trouble()}`);
    await sleep(20);
  }
  await probe.close();
  return { server, child, stop };
}

describe.skipIf(missing)('sessions in a real memcached', () => {
  sessionStoreContract('memcached', async () => {
    const { server } = await memcached(await freePort());
    return { store: createMemcachedStore([server], log), pass: (seconds) => sleep(seconds * 1000) };
  });

  it('are reached over a socket of the machine too', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'igloo-memcached-'));
    const { server, stop } = await memcached(join(folder, 'm.sock'));
    const store = createMemcachedStore([server], log);
    await store.put('a', 'grüße\r\n', 60);
    expect(await store.get('a')).toBe('grüße\r\n');
    await store.close();
    await stop();
    rmSync(folder, { recursive: true });
  });

  it('take nearly a megabyte, and no more', async () => {
    const { server, stop } = await memcached(await freePort());
    const store = createMemcachedStore([server], log);
    await store.put('a', 'x'.repeat(1_000_000), 60);
    expect(await store.get('a')).toHaveLength(1_000_000);
    await expect(store.put('a', 'x'.repeat(1_000_001), 60)).rejects.toThrow('too large');
    await store.close();
    await stop();
  });

  it('are there again by themselves after a restart, and away is no "no session"', async () => {
    const port = await freePort();
    const first = await memcached(port);
    const store = createMemcachedStore([first.server], log);
    await store.put('a', '1', 60);
    await first.stop();
    await fails(store, 300);
    expect(await store.trouble()).toContain('does not answer');
    const second = await memcached(port);
    expect(await store.get('a')).toBeNull();
    await store.put('a', '2', 60);
    expect(await store.get('a')).toBe('2');
    expect(await store.trouble()).toBeNull();

    // Restarted between two requests: nobody notices.
    await second.stop();
    const third = await memcached(port);
    await store.put('a', '3', 60);
    expect(await store.get('a')).toBe('3');

    // Alive but stuck.
    third.child.kill('SIGSTOP');
    await expect.poll(() => readFileSync(`/proc/${third.child.pid}/stat`, 'utf8')).toMatch(/\) T /);
    await fails(store, 1500);
    third.child.kill('SIGCONT');
    expect(await store.get('a')).toBe('3');
    await store.close();
    await third.stop();
  });
});

async function fails(store: SessionStore, withinMs: number): Promise<void> {
  const began = performance.now();
  await expect(store.get('a')).rejects.toBeInstanceOf(SessionStoreUnavailable);
  expect(performance.now() - began).toBeLessThan(withinMs);
}
