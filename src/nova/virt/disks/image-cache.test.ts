import { mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '#common/clock.ts';
import type { Run } from '#common/host/run.ts';
import { silentLogger } from '#common/telemetry/log.ts';
import type { Download } from '#clients/image-download.ts';
import { ImageCache } from './image-cache.ts';

describe('ImageCache', () => {
  let folder: string;
  let cache: ImageCache;
  const noProgram: Run = (argv) => Promise.reject(new Error(`${argv[0]} is not needed for raw images`));
  const raw =
    (content: string): Download =>
    async (path) => {
      await writeFile(path, content);
      return { diskFormat: 'raw' };
    };

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'cache-'));
    const deps = { instancesPath: folder, host: 'host1', run: noProgram, clock: systemClock, log: silentLogger };
    cache = new ImageCache(deps);
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('fetches an image once, also for many at the same moment', async () => {
    let downloads = 0;
    const download: Download = async (path) => {
      downloads += 1;
      return raw('content')(path);
    };
    const bases = await Promise.all([1, 2, 3].map(() => cache.image('i1', download)));
    expect(downloads).toBe(1);
    expect(bases[0]).toEqual({ path: cache.path('i1'), virtualBytes: 7 });
    await cache.image('i1', download);
    expect(downloads).toBe(1);
    expect(await readFile(cache.path('i1'), 'utf8')).toBe('content');
  });

  it('names a base as Nova does', () => {
    expect(cache.path('70af5516-b0ce-4908-823b-fdb5ee0ce22b')).toMatch(/\/_base\/[0-9a-f]{40}$/);
  });

  it('leaves nothing of a failed download, and tries again', async () => {
    const broken: Download = async (path) => {
      await writeFile(path, 'half');
      throw new Error('cut off');
    };
    await expect(cache.image('i1', broken)).rejects.toThrow('cut off');
    expect(await readdir(cache.folder)).toEqual([]);
    await cache.image('i1', raw('whole'));
    expect(await readFile(cache.path('i1'), 'utf8')).toBe('whole');
  });

  it('refuses an image that is not what it is announced as', async () => {
    const qcow2: Download = async (path) => {
      await writeFile(path, Buffer.from([0x51, 0x46, 0x49, 0xfb, ...new Array<number>(200).fill(0)]));
      return { diskFormat: 'raw' };
    };
    await expect(cache.image('i2', qcow2)).rejects.toThrow('announced as raw, but its content is qcow2');
    await expect(
      cache.image('i3', async (path) => ({ ...(await raw('x')(path)), diskFormat: 'docker' })),
    ).rejects.toThrow('"docker" cannot be run');
    expect(await readdir(cache.folder)).toEqual([]);
  });

  it('removes what a predecessor left half made, of its own host only', async () => {
    await cache.image('i1', raw('x'));
    await writeFile(`${cache.path('i2')}.host1.part.source`, 'half');
    await writeFile(`${cache.path('i3')}.host2.part`, 'half');
    await cache.sweep();
    expect((await readdir(cache.folder)).sort()).toEqual(
      [cache.path('i1'), `${cache.path('i3')}.host2.part`].map((path) => path.slice(cache.folder.length + 1)).sort(),
    );
  });

  it('removes only what nobody uses and nobody has used for long', async () => {
    const old = new Date(Date.now() - 90_000_000);
    for (const id of ['used', 'unused', 'young']) await cache.image(id, raw(id));
    for (const id of ['used', 'unused']) await utimes(cache.path(id), old, old);
    expect(await cache.age(new Set([cache.path('used')]), 86_400)).toEqual([cache.path('unused')]);
    await utimes(cache.path('used'), old, old);
    await cache.image('used', raw('not again'));
    expect(await cache.age(new Set(), 86_400)).toEqual([]);
  });
});
