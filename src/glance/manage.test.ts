import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '#common/clock.ts';
import { fromObject } from '#common/config/load.ts';
import { silentLogger } from '#common/telemetry/log.ts';
import { glanceManage } from './manage.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'igloo-glance-manage-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function run(...argv: string[]): Promise<[number, string]> {
  const printed: string[] = [];
  const config = fromObject({ database: { connection: `sqlite:///${folder}/glance.sqlite` } }, 'test');
  const status = await glanceManage(argv, {
    config,
    clock: systemClock,
    log: silentLogger,
    print: (line) => printed.push(line),
  });
  return [status, printed.join('\n')];
}

describe('glance-manage', () => {
  it('makes the database, any number of times, silently', async () => {
    expect(await run('db_sync')).toEqual([0, '']);
    expect(await run('db', 'sync')).toEqual([0, '']);
    expect(await run('db_version')).toEqual([0, '0003-operations']);
    expect(await run('db', 'purge', '1')).toEqual([0, 'Forgot 0 deleted images.']);
    await expect(run('db_purge', 'x')).rejects.toThrow('must be numbers');
  });

  it('loads metadata definitions from files, and forgets them', async () => {
    const metadefs = join(folder, 'metadefs');
    await mkdir(metadefs);
    const write = (description: string) =>
      writeFile(join(metadefs, 'a.json'), JSON.stringify({ namespace: 'A', description, tags: [{ name: 't' }] }));
    await write('first');
    expect(await run('db_load_metadefs', metadefs)).toEqual([0, 'Made 1 namespaces.']);
    expect(await run('db', 'load_metadefs', metadefs)).toEqual([0, 'Made 0 namespaces.']);
    expect(await run('db_load_metadefs', metadefs, 'overwrite')).toEqual([0, 'Made 1 namespaces.']);
    expect(await run('db_unload_metadefs')).toEqual([0, 'Forgot 1 namespaces.']);
    await writeFile(join(metadefs, 'b.json'), '{');
    await expect(run('db_load_metadefs', metadefs)).rejects.toThrow('b.json');
    await expect(run('db_load_metadefs', join(folder, 'none'))).rejects.toThrow('cannot be read');
  });

  it('explains itself', async () => {
    expect(await run('--help')).toEqual([0, expect.stringContaining('usage: glance-manage')]);
    expect(await run()).toEqual([1, expect.stringContaining('usage: glance-manage')]);
    await expect(run('nonsense')).rejects.toThrow('There is no command "nonsense".');
  });
});
