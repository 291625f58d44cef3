import { randomUUID } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { open, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { missingPrograms } from '#common/host/privileges.ts';
import { commandLine } from '#common/host/process.ts';
import type { DriverDeps } from './deps.ts';
import type { ComputeDriver, GuestSpec } from './driver.ts';
import { createLibvirtDriver, libvirtFolder } from './libvirt/libvirt-driver.ts';
import { stopPrivateLibvirtd } from './libvirt/private-libvirtd.ts';
import { createQemuDriver } from './qemu/qemu-driver.ts';
import { privateTargets, type PrivateTargets } from './test-targets.ts';
import { makeTestHost, missingForGuests, type TestHost } from './test-host.ts';
import { writeTestGuest } from './test-guest.ts';
import type { VolumeDisk } from './volume-disks.ts';

const signal = new AbortController().signal;
const MIB = 1024 * 1024;
const argumentsOf = (id: string): string =>
  readdirSync('/proc')
    .map(Number)
    .filter((pid) => pid > 1)
    .map((pid) => commandLine(pid))
    .filter((argv) => argv[argv.indexOf('-uuid') + 1] === id)
    .flat()
    .join(' ');

interface Kind {
  readonly name: string;
  readonly programs: readonly string[];
  readonly create: (deps: DriverDeps) => Promise<ComputeDriver>;
  readonly close: (host: TestHost) => Promise<void>;
}
const kinds: readonly Kind[] = [
  { name: 'QEMU', programs: [], create: createQemuDriver, close: async () => undefined },
  {
    name: 'libvirt',
    programs: ['libvirtd', 'unshare'],
    create: createLibvirtDriver,
    close: (host) => stopPrivateLibvirtd(libvirtFolder(host.folder)),
  },
];

/** Volumes as drivers have to have them, over a target program of our own. */
for (const kind of kinds) {
  const missing = [...missingForGuests(...kind.programs), ...missingPrograms(['tgtd', 'tgtadm'])];
  const skip = missing.length > 0 && !process.env['CI'];
  if (skip) console.log(`skipped: missing ${missing.join(', ')}`);

  describe.skipIf(skip)(`volumes over iSCSI, with CHAP, in a guest of ${kind.name}`, () => {
    let host: TestHost;
    let targets: PrivateTargets;
    let driver: ComputeDriver;
    const made: string[] = [];

    beforeAll(async () => {
      host = await makeTestHost();
      targets = await privateTargets(host.run, join(host.folder, 'tgt'));
      driver = await kind.create(host.deps());
    }, 60_000);
    afterAll(async () => {
      for (const id of made) await driver.destroy(id, signal);
      await driver.close();
      await targets.close();
      await kind.close(host);
      await host.close();
    }, 60_000);

    const volume = async (
      mib: number,
      content?: (path: string) => Promise<void>,
    ): Promise<VolumeDisk & { path: string }> => {
      const volumeId = randomUUID();
      const path = join(host.folder, volumeId);
      await writeFile(path, Buffer.alloc(mib * MIB));
      await content?.(path);
      const password = `secret-of-${volumeId.slice(0, 8)}`;
      const iqn = `iqn.2010-10.org.openstack:volume-${volumeId}`;
      const username = `user-${volumeId.slice(0, 8)}`;
      await targets.expose(iqn, path, username, password);
      return {
        path,
        kind: 'volume',
        device: 'vdb',
        bus: 'virtio',
        volumeId,
        connection: { type: 'iscsi', portal: targets.portal, iqn, lun: 1, username, password },
      };
    };
    const diskOf = ({ path: _, ...disk }: VolumeDisk & { path: string }): VolumeDisk => disk;
    const spec = (disks: GuestSpec['disks']): GuestSpec => {
      const id = randomUUID();
      made.push(id);
      return {
        id,
        name: `instance-${id.slice(0, 8)}`,
        displayName: 's',
        projectId: 'p1',
        vcpus: 1,
        memoryMb: 32,
        disks,
        interfaces: [],
        vnc: null,
      };
    };
    const fromImage = () => spec([{ kind: 'image', device: 'vda', bus: 'virtio', basePath: host.basePath, sizeGb: 1 }]);
    const booted = (id: string) =>
      expect
        .poll(async () => (await driver.consoleLog(id, 65_536)).toString(), { timeout: 30_000, interval: 20 })
        .toContain(host.bootMarker);

    it('come and go while the guest runs, and show no password', { timeout: 60_000 }, async () => {
      const guest = fromImage();
      await driver.spawn(guest, signal);
      await booted(guest.id);
      const disk = await volume(4);
      await driver.attachDisk(guest.id, diskOf(disk), signal);
      expect(await driver.volumes(guest.id)).toEqual([disk.volumeId]);
      const { connection } = disk;
      if (connection.type !== 'iscsi') throw new Error('unreachable');
      expect(await targets.initiators(connection.iqn)).toHaveLength(1);
      // Started again it signs in by its command line: without the password, which every user could read there.
      await driver.reboot(guest.id, 'hard', 0, signal);
      await booted(guest.id);
      expect(argumentsOf(guest.id)).toContain(connection.iqn);
      expect(argumentsOf(guest.id)).not.toContain(connection.password);
      await driver.detachDisk(guest.id, disk.volumeId, signal);
      expect(await targets.initiators(connection.iqn)).toEqual([]);
      expect(await host.traces(guest.id)).not.toContainEqual(expect.stringContaining('.secret'));
    });

    it('boot a guest that has no other disk, again and again', { timeout: 60_000 }, async () => {
      const root = await volume(1, (path) => writeTestGuest(path));
      const guest = spec([{ ...diskOf(root), device: 'vda' }]);
      await driver.spawn(guest, signal);
      await booted(guest.id);
      await driver.powerOff(guest.id, 20_000, signal);
      // The connection is refreshed before it starts: it stays the first disk.
      await driver.attachDisk(guest.id, { ...diskOf(root), device: 'vda' }, signal);
      await driver.attachDisk(guest.id, diskOf(await volume(2)), signal);
      await driver.powerOn(guest.id, signal);
      await booted(guest.id);
      expect(await driver.volumes(guest.id)).toHaveLength(2);
    });

    it('are refused with the reason when the password is wrong, and nothing is left', { timeout: 60_000 }, async () => {
      const guest = fromImage();
      await driver.spawn(guest, signal);
      const disk = diskOf(await volume(1));
      if (disk.connection.type !== 'iscsi') throw new Error('unreachable');
      const wrong: VolumeDisk = { ...disk, connection: { ...disk.connection, password: 'not-the-password' } };
      await expect(driver.attachDisk(guest.id, wrong, signal)).rejects.toThrow(/cannot be reached from this host/);
      expect(await driver.volumes(guest.id)).toEqual([]);
      await driver.attachDisk(guest.id, disk, signal);
      expect(await driver.volumes(guest.id)).toEqual([disk.volumeId]);
    });

    it('are swapped while the guest runs: the content goes along', { timeout: 60_000 }, async () => {
      const guest = fromImage();
      await driver.spawn(guest, signal);
      await booted(guest.id);
      const from = await volume(8, async (path) => {
        const file = await open(path, 'r+');
        await file.write(Buffer.from('what was written'), 0, 16, 3 * MIB);
        await file.close();
      });
      const to = await volume(16);
      await driver.attachDisk(guest.id, diskOf(from), signal);
      await driver.swapDisk(guest.id, from.volumeId, diskOf(to), signal);
      await driver.swapDisk(guest.id, from.volumeId, diskOf(to), signal);
      expect(await driver.volumes(guest.id)).toEqual([to.volumeId]);
      const file = await open(to.path, 'r');
      const { buffer } = await file.read(Buffer.alloc(16), 0, 16, 3 * MIB);
      await file.close();
      expect(buffer.toString()).toBe('what was written');
      if (from.connection.type !== 'iscsi' || to.connection.type !== 'iscsi') throw new Error('unreachable');
      expect(await targets.initiators(from.connection.iqn)).toEqual([]);
      // The old one can come back, under its own name, once the guest was started anew.
      await expect(driver.attachDisk(guest.id, { ...diskOf(from), device: 'vdc' }, signal)).rejects.toThrow(
        'hard reboot',
      );
      await driver.reboot(guest.id, 'hard', 0, signal);
      await driver.attachDisk(guest.id, { ...diskOf(from), device: 'vdc' }, signal);
      await booted(guest.id);
      await driver.detachDisk(guest.id, to.volumeId, signal);
      expect(await driver.volumes(guest.id)).toEqual([from.volumeId]);
    });

    it('grow under a running guest', { timeout: 60_000 }, async () => {
      const guest = fromImage();
      await driver.spawn(guest, signal);
      await booted(guest.id);
      const path = `${host.volumePath}3`;
      await writeFile(path, Buffer.alloc(MIB));
      const volumeId = randomUUID();
      const disk: VolumeDisk = {
        kind: 'volume',
        device: 'vdb',
        bus: 'virtio',
        volumeId,
        connection: { type: 'file', path, format: 'raw' },
      };
      await driver.attachDisk(guest.id, disk, signal);
      const file = await open(path, 'r+');
      await file.truncate(2 * MIB);
      await file.close();
      await driver.growDisk(guest.id, volumeId, 2 * MIB, signal);
      await driver.detachDisk(guest.id, volumeId, signal);
    });
  });
}
