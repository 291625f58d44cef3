import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, open, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { fromObject, loadConfig } from '#common/config/load.ts';
import { isRoot, missingPrograms } from '#common/host/privileges.ts';
import { output, run } from '#common/host/run.ts';
import { silentLogger } from '#common/telemetry/log.ts';
import { backendOptions, type BackendConfig } from '../config.ts';
import { driverContract, type DriverHarness } from './contract.ts';
import { createLvmDriver } from './lvm/lvm-driver.ts';
import { createNfsDriver } from './nfs/nfs-driver.ts';
import { mountPoint } from './nfs/shares.ts';

const configured = (values: Record<string, string | boolean>): BackendConfig =>
  loadConfig(
    { DEFAULT: backendOptions },
    fromObject({ DEFAULT: { state_path: '/nowhere', my_ip: '', ...values } }, 'test'),
  ).DEFAULT;

const rawBytes: Pick<DriverHarness, 'write' | 'read'> = {
  async write({ path }, text) {
    const file = await open(path, 'r+');
    await file.write(text, 0);
    await file.sync().finally(() => file.close());
  },
  async read({ path }, length) {
    const file = await open(path, 'r');
    const { buffer } = await file.read(Buffer.alloc(length), 0, length, 0).finally(() => file.close());
    return buffer.toString();
  },
};

const missing = missingPrograms(['vgcreate', 'losetup', 'blkdiscard']);
const reason = !isRoot() ? 'needs root' : missing.length > 0 ? `${missing.join(', ')} missing` : null;
if (reason !== null && !process.env['CI']) console.log(`Skipped: LVM and NFS drivers: ${reason}`);

describe.skipIf(reason !== null && !process.env['CI'])('with real programs', () => {
  driverContract('lvm on a loop file', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'igloo-lvm-'));
    const disk = join(folder, 'disk');
    await writeFile(disk, '');
    await truncate(disk, 12 * 1024 ** 3);
    const device = await output(run, ['losetup', '-f', '--show', disk]);
    const group = `igloo-test-${randomBytes(4).toString('hex')}`;
    await run(['vgcreate', '-y', group, device]);
    const conf = configured({ volume_group: group });
    return {
      ...rawBytes,
      open: () => createLvmDriver({ run, log: silentLogger, conf }),
      bytes: async ({ path }) => Number(await output(run, ['blockdev', '--getsize64', path])),
      async foreign() {
        const bare = ['--driverloaded', 'n', '-an', '-Zn', '-Wn', '--alloc', 'contiguous'];
        await run(['lvcreate', ...bare, '-y', '-L', '1g', '-n', 'stray', group]);
        return 'stray';
      },
      async close() {
        await run(['vgremove', '-y', '-f', '--driverloaded', 'n', group]);
        // Nothing but the disk itself: windows of volumes are gone with them.
        expect(await output(run, ['losetup', '-n', '-O', 'NAME', '-j', device])).toBe('');
        await run(['losetup', '-d', device]);
        await rm(folder, { recursive: true });
        await rm(join('/dev', group), { recursive: true, force: true });
      },
    };
  });

  const nfs = (format: 'raw' | 'qcow2') => async (): Promise<DriverHarness> => {
    const folder = await mkdtemp(join(tmpdir(), 'igloo-nfs-'));
    const shares = ['server:/a', 'server:/b'];
    await writeFile(join(folder, 'shares'), shares.join('\n'));
    // Bind mounts stand for the shares: the driver leaves alone what is mounted already.
    const mounts = shares.map((share) => mountPoint(join(folder, 'mnt'), share));
    for (const [index, mount] of mounts.entries()) {
      await mkdir(mount, { recursive: true });
      await mkdir(join(folder, `share${index}`));
      await run(['mount', '--bind', join(folder, `share${index}`), mount]);
    }
    const conf = configured({
      nfs_shares_config: join(folder, 'shares'),
      nfs_mount_point_base: join(folder, 'mnt'),
      nfs_qcow2_volumes: format === 'qcow2',
    });
    const info = async (path: string): Promise<number> =>
      (
        JSON.parse(await output(run, ['qemu-img', 'info', '--output=json', '-f', 'qcow2', path])) as {
          'virtual-size': number;
        }
      )['virtual-size'];
    const io = (path: string, command: string): Promise<string> =>
      output(run, ['qemu-io', '-f', 'qcow2', '-c', command, path]);
    return {
      ...(format === 'raw'
        ? rawBytes
        : {
            async write({ path }, text) {
              await writeFile(join(folder, 'text'), text.padEnd(512, '\0'));
              await io(path, `write -s ${join(folder, 'text')} 0 512`);
            },
            async read({ path }, length) {
              const hex = /^\s*[0-9a-f]+:\s+((?:[0-9a-f]{2} ){16})/m.exec(await io(path, 'read -v 0 512'))?.[1] ?? '';
              return Buffer.from(hex.replaceAll(' ', ''), 'hex').toString().slice(0, length);
            },
          }),
      open: async () => createNfsDriver({ run, log: silentLogger, conf }),
      bytes: async ({ path }) => (format === 'raw' ? (await stat(path)).size : info(path)),
      async foreign() {
        const path = join(folder, 'share1', format === 'raw' ? 'stray' : 'stray.qcow2');
        await run(['qemu-img', 'create', '-q', '-f', format, path, '1G']);
        return format === 'raw' ? 'stray' : 'stray.qcow2';
      },
      async close() {
        for (const mount of mounts) await run(['umount', mount]);
        await rm(folder, { recursive: true });
      },
    };
  };
  driverContract('nfs, raw files', nfs('raw'));
  driverContract('nfs, qcow2 files', nfs('qcow2'));

  it('takes over no qcow2 file that refers to others', async () => {
    const place = await nfs('qcow2')();
    const driver = await place.open();
    const { signal } = new AbortController();
    await driver.check(signal);
    const [folder] = (driver as ReturnType<typeof createNfsDriver>).shares().map((share) => share.folder);
    await writeFile(join(folder as string, 'base'), 'secret of the host');
    await run([
      'qemu-img',
      'create',
      '-q',
      '-f',
      'qcow2',
      '-b',
      'base',
      '-F',
      'raw',
      join(folder as string, 'evil.qcow2'),
      '1G',
    ]);
    const volume = { id: 'v', name: 'volume-v', sizeGb: 1 };
    await expect(driver.adopt(volume, 'evil.qcow2', signal)).rejects.toThrow('backing file');
    await place.close();
  });
});
