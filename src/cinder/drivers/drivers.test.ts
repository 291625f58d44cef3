import { mkdtemp, open, readdir, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fromObject, loadConfig } from '#common/config/load.ts';
import { run } from '#common/host/run.ts';
import { silentLogger } from '#common/telemetry/log.ts';
import { backendOptions, type BackendConfig } from '../config.ts';
import { driverContract, type DriverHarness } from './contract.ts';
import { FakeVolumeDriver } from './fake/fake-driver.ts';
import { createFileDriver } from './file/file-driver.ts';
import { createNfsDriver } from './nfs/nfs-driver.ts';
import { drivers } from './index.ts';

const { signal } = new AbortController();
const configured = (values: Record<string, string | boolean>): BackendConfig =>
  loadConfig(
    { DEFAULT: backendOptions },
    fromObject({ DEFAULT: { state_path: '/nowhere', my_ip: '', ...values } }, 'test'),
  ).DEFAULT;

/** How bytes of raw files are reached. */
const rawFiles: Pick<DriverHarness, 'write' | 'read' | 'bytes'> = {
  async write({ path }, text) {
    const file = await open(path, 'r+');
    await file.write(text, 0).finally(() => file.close());
  },
  async read({ path }, length) {
    const file = await open(path, 'r');
    const { buffer } = await file.read(Buffer.alloc(length), 0, length, 0).finally(() => file.close());
    return buffer.toString();
  },
  bytes: async ({ path }) => (await stat(path)).size,
};

driverContract('file', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'igloo-file-'));
  const conf = configured({ volume_driver: 'file', file_volumes_path: folder });
  return {
    ...rawFiles,
    open: async () => createFileDriver({ run, log: silentLogger, conf }),
    async foreign() {
      await writeFile(join(folder, 'stray.img'), 'x');
      await truncate(join(folder, 'stray.img'), 1000);
      return 'stray.img';
    },
    close: () => rm(folder, { recursive: true }),
  };
});

driverContract('fake', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'igloo-fake-'));
  let driver = await FakeVolumeDriver.create(join(folder, 'state.json'));
  const nameOf = (path: string): string => path.slice('fake:'.length);
  return {
    open: async () => (driver = await FakeVolumeDriver.create(join(folder, 'state.json'))),
    write: ({ path }, text) => driver.write(nameOf(path), text),
    read: async ({ path }, length) => (driver.content(nameOf(path)) ?? '').slice(0, length),
    bytes: async ({ path }) => (driver.size(nameOf(path)) ?? 0) * 1024 ** 3,
    async foreign() {
      await driver.create({ id: '', name: 'stray', sizeGb: 1 });
      return 'stray';
    },
    close: () => rm(folder, { recursive: true }),
  };
});

describe('the file driver', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'igloo-file-'));
  });
  afterAll(() => rm(folder, { recursive: true }));
  const driver = (path = folder) =>
    createFileDriver({ run, log: silentLogger, conf: configured({ file_volumes_path: path }) });
  const volume = { id: 'v', name: 'volume-v', sizeGb: 1 };

  it('makes sparse files that only their owner reads', async () => {
    await driver().create(volume, signal);
    const made = await stat(join(folder, 'volume-v'));
    expect(made.mode & 0o777).toBe(0o600);
    expect(made.blocks).toBe(0);
  });

  it('removes what a crash left half made', async () => {
    await writeFile(join(folder, '.volume-w.part.1'), 'half');
    expect(await driver().list(signal)).toEqual(['volume-v']);
    await driver().createFromVolume({ ...volume, name: 'volume-w' }, volume, signal);
    expect((await readdir(folder)).sort()).toEqual(['volume-v', 'volume-w']);
    await writeFile(join(folder, '.volume-x.part.1'), 'half');
    await driver().delete({ ...volume, name: 'volume-x' }, signal);
    expect((await readdir(folder)).sort()).toEqual(['volume-v', 'volume-w']);
  });

  it('leaves nothing of a copy that was given up', async () => {
    const stop = AbortSignal.abort();
    await expect(driver().createFromVolume({ ...volume, name: 'volume-y' }, volume, stop)).rejects.toThrow();
    expect((await readdir(folder)).filter((name) => name.includes('volume-y'))).toEqual([]);
  });

  it.each(['../stray', '/etc/passwd', '.hidden', ''])('takes over nothing named "%s"', async (name) => {
    await expect(driver().adopt({ ...volume, name: 'volume-z' }, name, signal)).rejects.toThrow('no file name');
  });

  it('says what to do when its folder cannot be had', async () => {
    await expect(driver(join(folder, 'volume-v', 'below')).check(signal)).rejects.toThrow('set file_volumes_path');
  });
});

describe('the NFS driver', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'igloo-nfs-'));
  });
  afterAll(() => rm(folder, { recursive: true }));
  const check = async (shares: string | null, mount = run): Promise<void> => {
    const list = join(folder, 'shares');
    if (shares !== null) await writeFile(list, shares);
    const conf = configured({
      nfs_shares_config: shares === null ? join(folder, 'none') : list,
      nfs_mount_point_base: join(folder, 'mnt'),
    });
    await createNfsDriver({ run: mount, log: silentLogger, conf }).check(signal);
  };

  it.each([
    [null, 'set nfs_shares_config'],
    ['# nothing\n', 'names no NFS share'],
    ['server\n', 'no NFS share'],
    ['-oops:/x\n', 'no NFS share'],
  ])('says what is wrong with its shares (%s)', async (shares, message) => {
    await expect(check(shares)).rejects.toThrow(message);
  });

  it('says so when nothing can be mounted', async () => {
    const refuse = async (): Promise<never> => Promise.reject(new Error('unknown filesystem type'));
    await expect(check('server:/a\n', refuse)).rejects.toThrow('No NFS share can be mounted (server:/a: unknown');
  });

  it('mounts with the options of the line, and does with what can be mounted', async () => {
    const asked: (readonly string[])[] = [];
    await check('server:/a -o vers=3\nserver:/b\n', async (argv) => {
      asked.push(argv.slice(0, -1));
      if (argv.includes('server:/b')) throw new Error('away');
      return { status: 0, stdout: '', stderr: '' };
    });
    expect(asked).toEqual([
      ['mount', '-t', 'nfs', '-o', 'vers=3', 'server:/a'],
      ['mount', '-t', 'nfs', 'server:/b'],
    ]);
  });
});

it('has a driver for every name', async () => {
  const made = await Promise.all(Object.values(drivers).map((load) => load()));
  expect(made.filter(({ real }) => !real)).toHaveLength(1);
});
