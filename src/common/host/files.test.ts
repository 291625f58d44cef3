import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readIfExists, writeFileAtomic, writeFileIfChanged } from './files.ts';

describe('files', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'files-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('replaces a file in one step, with its mode, and leaves nothing beside it', async () => {
    const path = join(folder, 'secret');
    await writeFileAtomic(path, 'old');
    await writeFileAtomic(path, 'new', { mode: 0o600, fsync: true });
    expect(await readIfExists(path)).toBe('new');
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(await readdir(folder)).toEqual(['secret']);
  });

  it('leaves the old file and no remains when writing fails', async () => {
    await expect(writeFileAtomic(join(folder, 'no-such-folder', 'x'), 'x')).rejects.toThrow('ENOENT');
    await writeFileAtomic(join(folder, 'a'), '1');
    await expect(writeFileAtomic(folder, 'x')).rejects.toThrow();
    expect(await readdir(folder)).toEqual(['a']);
  });

  it('writes only what differs', async () => {
    const path = join(folder, 'hosts');
    expect(await writeFileIfChanged(path, 'a')).toBe(true);
    const before = (await stat(path)).ino;
    expect(await writeFileIfChanged(path, 'a')).toBe(false);
    expect((await stat(path)).ino).toBe(before);
    expect(await readIfExists(join(folder, 'none'))).toBeUndefined();
  });
});
