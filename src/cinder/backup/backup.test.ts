import { mkdtemp, open, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fromObject, loadConfig } from '#common/config/load.ts';
import { run } from '#common/host/run.ts';
import { silentLogger } from '#common/telemetry/log.ts';
import { cinderOptions } from '../config.ts';
import { assembleBackup, readIndex, writeBackup, type Compression } from './format.ts';
import { createBackupStore, folderStore, type BackupStore } from './store.ts';

const { signal } = new AbortController();
const MIB = 1024 ** 2;
let folder: string;
let store: BackupStore;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'igloo-backup-'));
  store = folderStore('test', async () => join(folder, 'store'));
  await store.check(signal);
});
afterEach(() => rm(folder, { recursive: true }));

/** A sparse volume of 32 MiB and something, with these bytes at these MiB. */
const SIZE = 32 * MIB + 512;
async function volume(content: Record<number, Buffer>): Promise<string> {
  const path = join(folder, 'volume');
  const file = await open(path, 'w');
  await file.truncate(SIZE);
  for (const [at, bytes] of Object.entries(content)) await file.write(bytes, 0, bytes.length, Number(at) * MIB);
  await file.close();
  return path;
}
const back = (
  source: string | null,
  name: string,
  parent: string | null = null,
  compression: Compression = 'zlib',
  fileBytes = 1024 * MIB,
) =>
  writeBackup({
    ...{ store, source, compression, fileBytes, signal },
    folder: name,
    parentFolder: parent,
    about: {
      ...{ backupId: name, volumeId: 'v', parentId: parent, createdAt: '' },
      volume: { name: 'one', description: null, bootable: true, imageMetadata: null },
    },
  });
const restored = async (...folders: string[]): Promise<Buffer> => {
  const path = join(folder, 'restored');
  await rm(path, { force: true });
  await assembleBackup(store, folders, path, (await readIndex(store, folders.at(-1) as string)).sizeBytes, signal);
  return readFile(path);
};
const full = (byte: number, mib: number): Buffer => Buffer.alloc(mib * MIB, byte);

describe('a backup', () => {
  it.each(['none', 'zlib', 'zstd'] as const)('has what is not zero, and gives it back (%s)', async (compression) => {
    const source = await volume({ 2: full(0x41, 3), 10: full(0x42, 1), 32: Buffer.alloc(512, 0x43) });
    expect(await back(source, 'one', null, compression)).toBe(3);
    expect((await restored('one')).equals(await readFile(source))).toBe(true);
    const sizes = await Promise.all(
      (await readdir(join(folder, 'store', 'one')))
        .filter((name) => /^\d+$/.test(name))
        .map((name) => stat(join(folder, 'store', 'one', name))),
    );
    const kept = sizes.reduce((sum, { size }) => sum + size, 0);
    if (compression === 'none') expect(kept).toBe(4 * MIB + 512);
    else expect(kept).toBeLessThan(MIB / 10);
  });

  it('is cut into files of the size that was asked for', async () => {
    expect(await back(await volume({ 0: full(0x41, 5) }), 'one', null, 'none', 2 * MIB)).toBe(3);
    expect((await restored('one')).subarray(0, 5 * MIB).equals(full(0x41, 5))).toBe(true);
  });

  it('may have only what changed: also what became zeros', async () => {
    await back(await volume({ 2: full(0x41, 3), 10: full(0x42, 1) }), 'one');
    const source = await volume({ 2: full(0x41, 1), 3: full(0x44, 1), 12: full(0x45, 1) });
    expect(await back(source, 'two', 'one')).toBe(4);
    const index = await readIndex(store, 'two');
    expect(index.objects.map(({ name, offset, length }) => [name === null, offset / MIB, length / MIB])).toEqual([
      [false, 3, 1],
      [true, 4, 1],
      [true, 10, 1],
      [false, 12, 1],
    ]);
    expect((await restored('one', 'two')).equals(await readFile(source))).toBe(true);
    expect(await back(source, 'three', 'two')).toBe(0);
    expect((await restored('one', 'two', 'three')).equals(await readFile(source))).toBe(true);
  });

  it('that is damaged is not restored', async () => {
    await back(await volume({ 0: full(0x41, 1) }), 'one', null, 'none');
    await writeFile(join(folder, 'store', 'one', '00001'), full(0x42, 1));
    await expect(restored('one')).rejects.toThrow('one/00001 does not match its checksum');
    await writeFile(join(folder, 'store', 'one', '00001'), 'short');
    await expect(restored('one')).rejects.toThrow('damaged');
  });

  it('that is not whole is none', async () => {
    await expect(back(await volume({}), 'two', 'one')).rejects.toThrow('is not whole');
    await expect(restored('two')).rejects.toThrow('backup.json is missing');
  });

  it('stops when it is told, and when the store fails', async () => {
    const source = await volume({ 0: full(0x41, 30) });
    const stop = AbortSignal.abort(new Error('enough'));
    const job = { folder: 'x', parentFolder: null, source, compression: 'none', fileBytes: 1024 * MIB } as const;
    const about = {
      backupId: 'x',
      volumeId: 'v',
      parentId: null,
      createdAt: '',
      volume: { name: null, description: null, bootable: false, imageMetadata: null },
    };
    await expect(writeBackup({ ...job, about, store, signal: stop })).rejects.toThrow('enough');
    const packed = { ...store, write: () => Promise.reject(new Error('no space left')) };
    await expect(writeBackup({ ...job, about, store: packed, signal })).rejects.toThrow('no space left');
  });
});

describe('the store', () => {
  it('goes with its last backup, container and all', async () => {
    await store.writeWhole('ab/cd/backup_1', 'x', 'x');
    await store.writeWhole('ab/cd/backup_2', 'x', 'x');
    await store.remove('ab/cd/backup_1');
    expect(await readdir(join(folder, 'store', 'ab', 'cd'))).toEqual(['backup_2']);
    await store.remove('ab/cd/backup_2');
    await store.remove('ab/cd/backup_2');
    expect(await readdir(join(folder, 'store'))).toEqual([]);
  });

  it.each(['..', '../x', 'a/../../x', '/etc', 'a//b', '.hidden', ''])('is not left by "%s"', async (name) => {
    await expect(store.writeWhole(name, 'x', 'x')).rejects.toThrow('no name of a container');
    await expect(store.remove(name)).rejects.toThrow('no name of a container');
  });

  it.each([
    ['cinder.backup.drivers.swift', 'no object store'],
    ['cinder.backup.drivers.tsm', 'not supported'],
    ['cinder.backup.drivers.nfs.NFSBackupDriver', 'backup_share'],
  ])('refuses %s', async (driver, message) => {
    const conf = loadConfig(cinderOptions, fromObject({ DEFAULT: { backup_driver: driver } }, 'test'));
    const open = async (): Promise<void> => createBackupStore(conf, { run, log: silentLogger }).check(signal);
    await expect(open()).rejects.toThrow(message);
  });

  it('says what to do when its folder cannot be had', async () => {
    const path = join(folder, 'file');
    await writeFile(path, '');
    await expect(folderStore('x', async () => join(path, 'below')).check(signal)).rejects.toThrow(
      'set backup_posix_path',
    );
  });
});
