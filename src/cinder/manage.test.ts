import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '#common/clock.ts';
import { fromObject } from '#common/config/load.ts';
import { silentLogger } from '#common/telemetry/log.ts';
import { cinderManage } from './manage.ts';
import { cinderFixture, type CinderFixture } from './testing/fixture.ts';

let folder: string;
let cinder: CinderFixture;
let url: string;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'cinder-manage-'));
  url = `sqlite:///${join(folder, 'cinder.sqlite')}`;
  cinder = await cinderFixture({ url });
});
afterEach(async () => {
  await cinder.close();
  rmSync(folder, { recursive: true });
});

const run = async (...argv: string[]): Promise<string[]> => {
  const lines: string[] = [];
  const status = await cinderManage(argv, {
    config: fromObject({ database: { connection: url } }, 'test'),
    clock: systemClock,
    log: silentLogger,
    print: (line) => lines.push(line),
  });
  expect(status).toBe(0);
  return lines;
};

describe('cinder-manage', () => {
  it('syncs, and names the last migration', async () => {
    expect(await run('db', 'sync')).toEqual([]);
    expect(await run('db_version')).toEqual(['0002-operations-api']);
    expect((await run('help')).join('\n')).toContain('service list');
  });

  it('lists and removes daemons', async () => {
    const lines = await run('service', 'list');
    expect(lines[0]).toMatch(/^Binary +Host +Zone +Status +State +Updated At$/);
    expect(lines.find((line) => line.includes('stor1@lvm'))).toMatch(/^cinder-volume +stor1@lvm +nova +enabled +:-\)/);
    expect((await run('host', 'list', 'nova')).length).toBeGreaterThan(2);
    await run('service', 'remove', 'cinder-volume', 'stor2@lvm');
    expect((await run('service', 'list')).some((line) => line.includes('stor2'))).toBe(false);
    await expect(run('service', 'remove', 'cinder-volume', 'stor2@lvm')).rejects.toThrow('Host not found');
  });

  it('puts right what operators have moved or lost', async () => {
    const { id } = await cinder.volume();
    await expect(run('volume', 'delete', id)).rejects.toThrow('cinder delete');
    expect(await run('volume', 'update_host', '--currenthost', 'stor1@lvm', '--newhost', 'stor9@lvm')).toEqual([
      '1 volumes moved from stor1@lvm to stor9@lvm.',
    ]);
    const { volume } = (await cinder.request('POST', '/volumes', { body: { volume: { size: 1 } } })).body;
    await run('volume', 'delete', volume.id);
    expect((await cinder.request('GET', `/volumes/${volume.id}`)).status).toBe(404);
    expect(await run('db', 'purge', '0')).toEqual(['1 rows removed.']);
    await expect(run('db', 'purge', 'x')).rejects.toThrow('positive');
  });

  it('checks quotas, prints options and failures', async () => {
    await cinder.volume();
    const body = { quota_set: { volumes: 0 } };
    await cinder.request('PUT', '/os-quota-sets/demo', { token: 'demo/admin', body });
    expect(await run('quota', 'check')).toEqual(['Project demo: over its limits of volumes']);
    expect(await run('config', 'list', 'connection')).toEqual(['database.connection = ****']);
    expect(await run('config', 'list', 'quota_volumes')).toEqual(['quota_volumes = 10']);
    expect(await run('logs', 'errors')).toEqual(['No operation has failed.']);
    await expect(run('nosuch')).rejects.toThrow('There is no command');
  });
});
