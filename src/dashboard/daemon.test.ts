import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { createHttpHost, createHttpTransport } from '#common/api/http.ts';
import { systemClock } from '#common/clock.ts';
import { fromObject } from '#common/config/load.ts';
import type { DaemonEnv } from '#common/daemon.ts';
import { randomIds } from '#common/ids.ts';
import { createLogger } from '#common/telemetry/log.ts';
import { daemons } from './daemons.ts';
import { startFakeCloud, type FakeCloud } from './testing/fake-cloud.ts';

let cloud: FakeCloud | undefined;
afterEach(() => cloud?.close());

const lines: string[] = [];
const envOf = (options: Record<string, string | number>): DaemonEnv =>
  ({
    config: fromObject({ DEFAULT: { bind_host: '127.0.0.1', bind_port: 0, local_settings: '', ...options } }, 'test'),
    http: createHttpHost(),
    transport: createHttpTransport(),
    log: createLogger('dashboard', ({ message }) => lines.push(message)),
    clock: systemClock,
    ids: randomIds,
    host: 'here',
  }) as unknown as DaemonEnv; // It uses neither bus nor programs.
const start = async (options: Record<string, string | number>) =>
  (await daemons['openstack-dashboard']?.())?.start(envOf(options));

describe('openstack-dashboard', () => {
  it('starts, answers, says how it is, and stops', async () => {
    cloud = await startFakeCloud();
    const running = await start({ keystone_url: `${cloud.root}/identity`, web_root: '/nonexistent/web' });
    const port = /Listening on 127\.0\.0\.1:(\d+)/.exec(lines.join('\n'))?.[1];
    expect(await running?.health()).toEqual({
      ok: true,
      detail: [
        'sessions (memory): fine',
        `identity: ${cloud.keystoneUrl} answers`,
        'web app: not built yet in /nonexistent/web',
      ],
    });
    const url = `http://127.0.0.1:${port}`;
    expect(await (await fetch(`${url}/healthcheck`)).text()).toMatch(/^OK\n/);
    const session = (await (await fetch(`${url}/dashboard/api/session`)).json()) as { version: string };
    expect(session.version).toMatch(/^\d+\.\d+\.\d+/);
    expect((await fetch(url)).status).toBe(503);
    await cloud.close();
    expect(await running?.health()).toMatchObject({ ok: false });
    expect((await fetch(`${url}/healthcheck`)).status).toBe(503);
    await running?.stop();
    await expect(fetch(url)).rejects.toThrow();
  });

  it('says what to do about a port that is taken', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => taken.once('listening', resolve));
    const { port } = taken.address() as AddressInfo;
    await expect(start({ bind_port: port })).rejects.toThrow(`Port ${port} on 127.0.0.1 is taken.`);
    taken.close();
  });

  it('says what is wrong with its settings', async () => {
    await expect(start({ keystone_url: 'nowhere' })).rejects.toThrow('does not name the Identity service');
  });
});
