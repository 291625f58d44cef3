import { rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { driverContract } from '../contract.ts';
import type { GuestSpec } from '../driver.ts';
import { makeTestHost, missingForGuests } from '../test-host.ts';
import { findGuestProcesses } from './guest-process.ts';
import { createQemuDriver } from './qemu-driver.ts';

const missing = missingForGuests('qemu-io');
const skip = missing.length > 0 && !process.env['CI'];
if (skip) console.log(`skipped: missing ${missing.join(', ')}`);

describe.skipIf(skip)('QemuDriver', () => {
  driverContract('qemu', async () => {
    const host = await makeTestHost();
    const instances = host.deps().instancesPath;
    return {
      ...host,
      vif: { type: 'ovs', bridge: 'br-int', hybrid: true },
      open: ({ serial } = { serial: true }) => createQemuDriver({ ...host.deps(), ...(!serial && { serial: null }) }),
      async kill(_, id) {
        const [identity] = findGuestProcesses(id, join(instances, id));
        process.kill(identity!.pid, 'SIGKILL');
      },
    };
  });

  it('keeps what is on the disk through copies, larger guests and the way back', async () => {
    const host = await makeTestHost();
    const driver = await createQemuDriver(host.deps());
    const signal = new AbortController().signal;
    const { instancesPath } = host.deps();
    const [id, tag] = ['00000000-0000-4000-8000-0000000000aa', '00000000-0000-4000-8000-0000000000bb'];
    const disk = join(instancesPath, id, 'disk');
    const guest = (sizeGb: number): GuestSpec => ({
      id,
      name: 'instance-000000aa',
      displayName: 's',
      projectId: 'p',
      vcpus: 1,
      memoryMb: 32,
      disks: [
        { kind: 'image', device: 'vda', bus: 'virtio', basePath: host.basePath, sizeGb },
        { kind: 'blank', device: 'vdb', bus: 'virtio', sizeMb: 8, format: 'none', label: 'e', file: 'disk.eph0' },
      ],
      interfaces: [],
      vnc: null,
    });
    const io = (path: string, command: string) =>
      host.run(['qemu-io', '-f', 'qcow2', '-c', command, path], { ok: [0, 1] });
    const holds = async (path: string, pattern: string): Promise<void> => {
      const { stdout } = await io(path, `read -P ${pattern} 700k 4k`);
      expect(stdout).toContain('read 4096/4096 bytes');
      expect(stdout).not.toContain('verification failed');
    };
    const info = async (path: string): Promise<Record<string, unknown>> =>
      JSON.parse((await host.run(['qemu-img', 'info', '-U', '--output=json', path])).stdout) as Record<string, unknown>;

    await driver.spawn(guest(1), signal, { start: false });
    await io(disk, 'write -P 0xaa 700k 4k');
    await driver.powerOn(id, signal);
    const copy = join(host.folder, 'copy.qcow2');
    await driver.snapshot(id, copy, 'qcow2', signal);
    await holds(copy, '0xaa');
    expect(await info(copy)).toMatchObject({ 'virtual-size': 1024 ** 3 });
    expect(await info(copy)).not.toHaveProperty('backing-filename');
    expect((await stat(copy)).blocks * 512).toBeLessThan(4 * 1024 ** 2);
    const raw = join(host.folder, 'copy.raw');
    await driver.snapshot(id, raw, 'raw', signal);
    expect((await stat(raw)).size).toBe(1024 ** 3);
    await rm(raw);

    await driver.setAside(id, tag, 0, signal);
    await driver.spawn(guest(2), signal, { fromAside: tag, start: false });
    await holds(disk, '0xaa');
    expect(await info(disk)).toMatchObject({ 'virtual-size': 2 * 1024 ** 3 });
    await io(disk, 'write -P 0xbb 700k 4k');
    await driver.powerOn(id, signal);
    await driver.destroy(id, signal);
    await driver.restoreAside(id, tag, true, signal);
    await driver.powerOff(id, 0, signal);
    await holds(disk, '0xaa');
    expect(await info(disk)).toMatchObject({ 'virtual-size': 1024 ** 3 });

    await io(join(instancesPath, id, 'disk.eph0'), 'write -P 0xcc 700k 4k');
    await driver.wipe(id, true, 0, signal);
    await driver.spawn(guest(1), signal, { start: false });
    await holds(join(instancesPath, id, 'disk.eph0'), '0xcc');
    expect((await io(disk, 'read -P 0xaa 700k 4k')).stdout).toContain('verification failed');
    await driver.destroy(id, signal);
    await driver.close();
    await host.close();
  });
});
