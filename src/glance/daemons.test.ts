import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { createHttpHost, createHttpTransport } from '#common/api/http.ts';
import { fromObject } from '#common/config/load.ts';
import { systemClock } from '#common/clock.ts';
import type { DaemonEnv } from '#common/daemon.ts';
import { randomIds } from '#common/ids.ts';
import { silentLogger } from '#common/telemetry/log.ts';
import { daemons } from './daemons.ts';

const folders: string[] = [];
afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true });
});

async function env(more: Record<string, Record<string, string>> = {}): Promise<DaemonEnv> {
  const folder = await mkdtemp(join(tmpdir(), 'igloo-glance-daemon-'));
  folders.push(folder);
  const config = fromObject(
    {
      database: { connection: `sqlite:///${join(folder, 'glance.sqlite')}` },
      ...more,
      DEFAULT: {
        bind_host: '127.0.0.1',
        bind_port: 0,
        filesystem_store_datadir: join(folder, 'images'),
        ...more['DEFAULT'],
      },
    },
    'test',
  );
  return {
    config,
    http: createHttpHost(),
    transport: createHttpTransport(),
    log: silentLogger,
    clock: systemClock,
    ids: randomIds,
    host: 'here',
  } as unknown as DaemonEnv; // Glance uses neither bus nor programs.
}

describe('daemons', () => {
  it.each(['glance-api', 'glance-registry'])('%s starts, says how it is, and stops', async (name) => {
    const daemon = await daemons[name]?.();
    const running = await daemon?.start(await env());
    expect(await running?.health()).toEqual({ ok: true, detail: ['database: reachable'] });
    await running?.stop();
    expect(await readdir(folders[0] as string)).toContain('glance.sqlite');
  });

  it.each([
    [{ paste_deploy: { flavor: '' } }, 'set it to keystone'],
    [{ DEFAULT: { default_store: 'tape' } }, 'Correct default_store'],
    [{ DEFAULT: { default_store: 'swift' } }, 'needs swift_store_auth_address'],
    [{ DEFAULT: { enabled_import_methods: 'post' } }, 'there is no "post"'],
    [{ DEFAULT: { user_storage_quota: 'much' } }, 'is no size'],
    [{ DEFAULT: { filesystem_store_datadir: `${process.execPath}/none` } }, 'cannot be written'],
  ])('refuses to start with %j', async (config, words) => {
    const daemon = await daemons['glance-api']?.();
    await expect(daemon?.start(await env(config as never))).rejects.toThrow(words);
  });
});
