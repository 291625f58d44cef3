import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { manage } from './manage.ts';

let folder: string;
let file: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'igloo-glance-manage-'));
  file = join(folder, 'glance.conf');
  await writeFile(file, `[database]\nconnection = sqlite:///${folder}/glance.sqlite\n`);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const run = async (...argv: string[]): Promise<[number, string]> => {
  let printed = '';
  const status = await manage(argv, {}, (text) => (printed += text));
  return [status, printed];
};

describe('glance-manage', () => {
  it('makes the database, any number of times, silently', async () => {
    expect(await run('--config-file', file, 'db_sync')).toEqual([0, '']);
    expect(await run('db', 'sync', '--config-file', file)).toEqual([0, '']);
    expect(await run(`--config-file=${file}`, 'db_version')).toEqual([0, '0001-images\n']);
    expect(await run('--config-file', file, 'db', 'purge', '1')).toEqual([0, '0 images forgotten\n']);
  });

  it('explains itself', async () => {
    expect(await run('--help')).toEqual([0, expect.stringContaining('usage: glance-manage')]);
    expect(await run('nonsense')).toEqual([1, expect.stringContaining('usage: glance-manage')]);
    await expect(run('--config-file', '/none', 'db_sync')).rejects.toThrow('There is no configuration file');
  });
});
