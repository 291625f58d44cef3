import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '#common/clock.ts';
import { missingPrograms } from '#common/host/privileges.ts';
import { run } from '#common/host/run.ts';
import { silentLogger } from '#common/telemetry/log.ts';
import type { GuestSpec } from '../driver.ts';
import { makeConfigDrive } from './config-drive.ts';
import { makeGuestDisks } from './guest-disks.ts';
import { ImageCache } from './image-cache.ts';
import { inspectImage } from '#common/host/images/inspect-image.ts';

const missing = missingPrograms([
  'qemu-img',
  'prlimit',
  'mke2fs',
  'mkswap',
  'genisoimage',
  'mkfs.vfat',
  'mcopy',
  'mdir',
]);
const skip = missing.length > 0 && !process.env['CI'];
if (skip) console.log(`skipped: missing ${missing.join(', ')}`);

describe.skipIf(skip)('disks', () => {
  let folder: string;
  let cache: ImageCache;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'disks-'));
    cache = new ImageCache({ instancesPath: folder, host: 'h', run, clock: systemClock, log: silentLogger });
  });
  afterAll(() => rm(folder, { recursive: true }));

  const file = (name: string): string => join(folder, name);
  const create = (name: string, ...options: string[]): Promise<unknown> =>
    run(['qemu-img', 'create', '-q', ...options.slice(0, -1), file(name), options.at(-1)!]);
  const inspect = (name: string, diskFormat: string): Promise<unknown> =>
    inspectImage(run, { id: 'i1', path: file(name), diskFormat });

  it('takes whole images of every format, with their size', async () => {
    for (const [diskFormat, format] of [
      ['qcow2', 'qcow2'],
      ['vmdk', 'vmdk'],
      ['vdi', 'vdi'],
      ['vhdx', 'vhdx'],
    ] as const) {
      await create(`whole.${format}`, '-f', format, '8M');
      expect(await inspect(`whole.${format}`, diskFormat)).toEqual({ format, virtualBytes: 8 * 1024 ** 2 });
    }
  });

  it('refuses images that reach for files of the host, or are not what they say', async () => {
    await writeFile(file('secret'), 'the password of the host'.padEnd(4096));
    await create('backed', '-f', 'qcow2', '-F', 'raw', '-b', file('secret'), '8M');
    await expect(inspect('backed', 'qcow2')).rejects.toThrow('backing file');
    await expect(inspect('backed', 'raw')).rejects.toThrow('announced as raw, but its content is qcow2');
    await create('outside', '-f', 'qcow2', '-o', `data_file=${file('outside.data')},data_file_raw=on`, '8M');
    await expect(inspect('outside', 'qcow2')).rejects.toThrow('external file');
    await create('flat', '-f', 'vmdk', '-o', 'subformat=monolithicFlat', '8M');
    await expect(inspect('flat', 'vmdk')).rejects.toThrow('VMDK of type monolithicFlat');
    await expect(inspect('secret', 'qcow2')).rejects.toThrow('announced as qcow2, but its content is raw');
    await writeFile(file('garbage'), Buffer.concat([Buffer.from('514649fb00000003', 'hex'), Buffer.alloc(200, 0)]));
    await expect(inspect('garbage', 'qcow2')).rejects.toThrow('qemu-img cannot read it as qcow2');
  });

  const guest = (sizeGb: number, basePath: string): GuestSpec => ({
    id: 'g',
    name: 'g',
    displayName: 'g',
    projectId: 'p',
    vcpus: 1,
    memoryMb: 1,
    disks: [
      { kind: 'image', device: 'vda', bus: 'virtio', basePath, sizeGb },
      {
        kind: 'blank',
        device: 'vdb',
        bus: 'virtio',
        sizeMb: 16,
        format: 'ext3',
        label: 'ephemeral0',
        file: 'disk.eph0',
      },
      { kind: 'blank', device: 'vdc', bus: 'virtio', sizeMb: 4, format: 'swap', label: 'swap', file: 'disk.swap' },
      { kind: 'blank', device: 'vdd', bus: 'virtio', sizeMb: 4, format: 'none', label: '', file: 'disk.raw' },
    ],
    interfaces: [],
    configDrive: { 'openstack/latest/meta_data.json': '{"uuid": "g"}' },
    vnc: null,
  });

  it('makes the disks of a guest from a cached image, and keeps them when asked again', async () => {
    await create('image', '-f', 'qcow2', '8M');
    const { path, virtualBytes } = await cache.image('i1', async (target) => {
      await run(['cp', file('image'), target]);
      return { diskFormat: 'qcow2' };
    });
    expect(virtualBytes).toBe(8 * 1024 ** 2);
    const instance = file('instance');
    await mkdir(instance);
    const deps = { run, cache, configDriveFormat: 'iso9660' } as const;
    await makeGuestDisks(deps, instance, guest(1, path));
    const info = JSON.parse(
      (await run(['qemu-img', 'info', '--output=json', join(instance, 'disk')])).stdout,
    ) as object;
    expect(info).toMatchObject({ format: 'qcow2', 'virtual-size': 1024 ** 3, 'backing-filename': path });
    const ext3 = await readFile(join(cache.folder, 'ext3_ephemeral0_16'));
    expect(ext3.readUInt16LE(1024 + 56)).toBe(0xef53);
    expect(await readFile(join(cache.folder, 'swap_swap_4'), 'latin1')).toContain('SWAPSPACE2');
    expect(await readFile(join(instance, 'disk.config'), 'latin1')).toContain('config-2');
    const before = await stat(join(instance, 'disk'));
    await makeGuestDisks(deps, instance, guest(1, path));
    expect((await stat(join(instance, 'disk'))).ino).toBe(before.ino);
  });

  it('refuses an image that is larger than the disk', async () => {
    const base = file('large');
    await run(['truncate', '-s', '2G', base]);
    await mkdir(file('small'));
    const deps = { run, cache, configDriveFormat: 'iso9660' } as const;
    await expect(makeGuestDisks(deps, file('small'), guest(1, base))).rejects.toThrow(
      "Flavor's disk is too small for requested image: it has 1 GB and the image needs 2 GB",
    );
  });

  it('makes a vfat config drive too, and lets nothing out of it', async () => {
    const path = file('disk.config');
    await makeConfigDrive(run, path, { 'openstack/latest/user_data': 'x', 'ec2/latest/y': 'y' }, 'vfat');
    expect((await run(['mdir', '-i', path, '-b', '-/', '::/'])).stdout).toContain('openstack/latest/user_data');
    await expect(makeConfigDrive(run, file('other'), { '../escape': 'x' }, 'iso9660')).rejects.toThrow(
      'not a path inside',
    );
  });
});
