import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { imageCommand } from './command.ts';

describe('igloo image', () => {
  let dir: string;
  let written: string;

  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'igloo-image-'));
    written = '';
  });
  afterEach(() => rm(dir, { recursive: true }));

  const call = (...argv: string[]): Promise<number> =>
    imageCommand(argv, {
      run: async () => {
        throw new Error('starts no program');
      },
      write: (text) => (written += text),
      warn: () => undefined,
    });

  it('lists what can be fetched and what is here', async () => {
    await writeFile(join(dir, 'guest.img'), Buffer.alloc(1_500_000));
    await writeFile(join(dir, 'half.img.part'), '');
    expect(await call('list', '--dir', dir)).toBe(0);
    expect(written).toContain('  debian   Debian 13          login: debian\n');
    expect(written).toContain('       1.5 MB  guest.img\n');
    expect(written).not.toContain('half.img');
  });

  it('refuses what it does not understand, in one sentence', async () => {
    await expect(call('polish')).rejects.toThrow(/^igloo image takes build, fetch NAME or list:/);
    await expect(call('fetch')).rejects.toThrow(/^igloo image takes/);
    await expect(call('build', '--colour')).rejects.toThrow(/--colour/);
    await expect(call('build', '--disk-megabytes', 'big')).rejects.toThrow(
      '--disk-megabytes takes a whole number, not "big".',
    );
    await expect(call('build', '--name', '../x')).rejects.toThrow('--name takes the start of a file name, not "../x".');
  });
});
