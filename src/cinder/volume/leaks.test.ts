import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { volumeTraces } from './leaks.ts';

it('finds what of volumes is on a machine, half made things too, and nothing that is not ours', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'igloo-traces-'));
  const ids = [1, 2, 3, 4, 5].map((n) => `1d7b3a5e-0b8a-4c0f-9d0c-6a1b2c3d4e5${n}`);
  for (const path of ['volumes-data', 'volumes', `backup/nightly/backup_${ids[4]}`])
    await mkdir(join(folder, path), { recursive: true });
  for (const name of [
    `volume-${ids[0]}`,
    `snapshot-${ids[1]}`,
    `.volume-${ids[2]}.part.77`,
    'mine',
    `unmanaged-volume-${ids[0]}`,
  ])
    await writeFile(join(folder, 'volumes-data', name), '');
  await writeFile(join(folder, 'volumes', `volume-${ids[3]}`), '');
  expect((await volumeTraces(folder)).map(({ kind, id }) => [kind, id]).toSorted()).toEqual([
    ['backup folder', ids[4]],
    ['snapshot file', ids[1]],
    ['volume export', ids[3]],
    ['volume file', ids[0]],
    ['volume file', ids[2]],
  ]);
  await rm(folder, { recursive: true });
  expect(await volumeTraces(folder)).toEqual([]);
});
