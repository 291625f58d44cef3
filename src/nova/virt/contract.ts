import { randomBytes, randomUUID } from 'node:crypto';
import { rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ComputeDriver, ConsoleEndpoint, GuestDisk, GuestInterface, GuestSpec, LifecycleEvent } from './driver.ts';

/** A place where a driver works, for the suite. */
export interface DriverHarness {
  /** The driver over the same place; a second one after `close` is what a restart of nova-compute is. Serial consoles are enabled unless told. */
  open(options?: { readonly serial: boolean }): Promise<ComputeDriver>;
  /** Bootable raw base of a guest that obeys the power button, releases devices, says `bootMarker`, and whatever it hears. */
  readonly basePath: string;
  readonly bootMarker: string;
  /** How interfaces are wired here; null where there is no network. */
  readonly vif: GuestInterface['vif'] | null;
  /** A file that can be attached as a volume. */
  readonly volumePath: string;
  /** Sends words to a guest's serial console and gives what comes, up to the same words; an empty text when they do not. */
  converse(endpoint: ConsoleEndpoint, words: string): Promise<string>;
  /** The guest ends as if its process had been killed. */
  kill(driver: ComputeDriver, id: string): Promise<void>;
  /** What of a guest is on the host now, in words: processes, devices, files. */
  traces(id: string): Promise<readonly string[]>;
  close(): Promise<void>;
}

const signal = new AbortController().signal;
const mac = (): string => `fa:16:3e:${[...randomBytes(3)].map((byte) => byte.toString(16).padStart(2, '0')).join(':')}`;

/** What every driver must do. `make` is called once; all tests share the place. */
export function driverContract(name: string, make: () => Promise<DriverHarness>): void {
  describe(`the driver ${name}`, () => {
    let place: DriverHarness;
    let driver: ComputeDriver;
    const made: string[] = [];

    beforeAll(async () => {
      place = await make();
      driver = await place.open();
    });
    afterAll(async () => {
      for (const id of made) await driver.destroy(id, signal);
      await driver.close();
      await place.close();
    });

    const nic = (): GuestInterface => ({
      portId: randomUUID(),
      mac: mac(),
      mtu: 1454,
      model: 'virtio',
      vif: place.vif!,
    });
    const volume = (): GuestDisk & { kind: 'volume' } => ({
      kind: 'volume',
      device: 'vdb',
      bus: 'virtio',
      volumeId: randomUUID(),
      connection: { type: 'file', path: place.volumePath, format: 'raw' },
    });
    const spec = (more: Partial<GuestSpec> = {}): GuestSpec => {
      const id = randomUUID();
      made.push(id);
      return {
        id,
        name: `instance-${id.slice(0, 8)}`,
        displayName: `a <"server">`,
        projectId: 'p1',
        vcpus: 1,
        memoryMb: 32,
        disks: [{ kind: 'image', device: 'vda', bus: 'virtio', basePath: place.basePath, sizeGb: 1 }],
        interfaces: place.vif ? [nic()] : [],
        vnc: { listen: '127.0.0.1' },
        ...more,
      };
    };
    const real = (): boolean => driver.name !== 'fake';
    const boots = async (id: string): Promise<number> =>
      (await driver.consoleLog(id, 65_536)).toString().split(place.bootMarker).length - 1;
    const larger = (guest: GuestSpec): GuestSpec => ({
      ...guest,
      memoryMb: 48,
      disks: guest.disks.map((disk) => (disk.kind === 'image' ? { ...disk, basePath: 'unused', sizeGb: 2 } : disk)),
    });
    const power = async (id: string): Promise<string | undefined> => (await driver.state(id))?.power;
    const booted = (id: string): Promise<void> =>
      expect
        .poll(async () => (await driver.consoleLog(id, 65_536)).toString(), { timeout: 30_000, interval: 20 })
        .toContain(place.bootMarker);

    it('says what the host has', async () => {
      const resources = await driver.resources();
      expect(resources.vcpus).toBeGreaterThan(0);
      expect(resources.memoryMb).toBeGreaterThan(0);
      expect(resources.hypervisorVersion).toBeGreaterThanOrEqual(1_000_000);
      expect(resources.cpuInfo).toMatchObject({ arch: expect.any(String), topology: expect.anything() });
      expect(driver.acceleration.reason).not.toBe('');
    });

    it('makes a guest once, however often it is asked, and removes all of it', async () => {
      const guest = spec();
      expect(await driver.state(guest.id)).toBeNull();
      await driver.spawn(guest, signal);
      await driver.spawn(guest, signal);
      expect(await driver.state(guest.id)).toEqual({ id: guest.id, name: guest.name, power: 'running' });
      expect((await driver.list()).filter(({ id }) => id === guest.id)).toHaveLength(1);
      await booted(guest.id);
      expect(await driver.consoleLog(guest.id, 4)).toHaveLength(4);
      const { port } = await driver.vncEndpoint(guest.id);
      expect(port).toBeGreaterThan(0);
      await driver.destroy(guest.id, signal);
      await driver.destroy(guest.id, signal);
      expect(await driver.state(guest.id)).toBeNull();
      expect(await driver.list()).not.toContainEqual(expect.objectContaining({ id: guest.id }));
      expect(await place.traces(guest.id)).toEqual([]);
    });

    it('destroys what was never made without complaint', async () => {
      await driver.destroy(randomUUID(), signal);
    });

    it('says so when a guest is not there', async () => {
      const absent = randomUUID();
      await expect(driver.powerOn(absent, signal)).rejects.toThrow(absent);
      await expect(driver.pause(absent)).rejects.toThrow(absent);
      await expect(driver.consoleLog(absent, 10)).rejects.toThrow(absent);
    });

    it('makes guests side by side', async () => {
      const guests = [spec(), spec(), spec()];
      await Promise.all(guests.map((guest) => driver.spawn(guest, signal)));
      expect(await Promise.all(guests.map(({ id }) => power(id)))).toEqual(['running', 'running', 'running']);
      const ports = await Promise.all(guests.map(async ({ id }) => (await driver.vncEndpoint(id)).port));
      if (driver.name !== 'fake') expect(new Set(ports).size).toBe(3);
      const lines = await Promise.all(guests.map(async ({ id }) => (await driver.serialEndpoint(id)).port));
      expect(new Set(lines).size).toBe(3);
      await Promise.all(guests.map(({ id }) => driver.destroy(id, signal)));
    });

    it('gives a guest its ephemeral disk, swap and config drive', async () => {
      const guest = spec({
        disks: [
          ...spec().disks,
          {
            kind: 'blank',
            device: 'vdb',
            bus: 'virtio',
            sizeMb: 8,
            format: 'ext3',
            label: 'ephemeral0',
            file: 'disk.eph0',
          },
          { kind: 'blank', device: 'vdc', bus: 'virtio', sizeMb: 1, format: 'swap', label: 'swap', file: 'disk.swap' },
        ],
        configDrive: { 'openstack/latest/meta_data.json': '{}', 'ec2/latest/meta-data.json': '{}' },
      });
      await driver.spawn(guest, signal);
      await booted(guest.id);
      await driver.destroy(guest.id, signal);
    });

    it('makes a guest that stays off until it is switched on', async () => {
      const guest = spec();
      await driver.spawn(guest, signal, { start: false });
      await driver.spawn(guest, signal, { start: false });
      expect(await power(guest.id)).toBe('shutdown');
      await driver.powerOn(guest.id, signal);
      expect(await power(guest.id)).toBe('running');
      await driver.destroy(guest.id, signal);
    });

    it('sets a guest aside, makes a larger one of it, and gives the old one back', async () => {
      const [guest, tag] = [spec(), randomUUID()];
      await driver.spawn(guest, signal);
      await booted(guest.id);
      await driver.setAside(guest.id, tag, 20_000, signal);
      await driver.setAside(guest.id, tag, 20_000, signal);
      expect(await driver.state(guest.id)).toBeNull();
      expect(await driver.listAside()).toContainEqual({ id: guest.id, tag });
      expect(await driver.list()).not.toContainEqual(expect.objectContaining({ id: guest.id }));

      await driver.spawn(larger(guest), signal, { fromAside: tag });
      await driver.spawn(larger(guest), signal, { fromAside: tag });
      // Asked late, once more: what is here now is not touched.
      await driver.setAside(guest.id, tag, 0, signal);
      expect(await power(guest.id)).toBe('running');
      await booted(guest.id);
      await driver.destroy(guest.id, signal);
      expect(await driver.listAside()).toContainEqual({ id: guest.id, tag });

      await driver.restoreAside(guest.id, tag, true, signal);
      await driver.restoreAside(guest.id, tag, true, signal);
      expect(await power(guest.id)).toBe('running');
      expect(await driver.listAside()).toEqual([]);
      await booted(guest.id);
      await driver.destroy(guest.id, signal);
      expect(await place.traces(guest.id)).toEqual([]);
    });

    it('forgets what was set aside, also after a restart, and that of another move only by its own name', async () => {
      const [guest, tag, second] = [spec(), randomUUID(), randomUUID()];
      await driver.spawn(guest, signal);
      await driver.setAside(guest.id, tag, 0, signal);
      await driver.close();
      driver = await place.open();
      await driver.spawn(larger(guest), signal, { fromAside: tag, start: false });
      expect(await power(guest.id)).toBe('shutdown');
      await driver.discardAside(guest.id, second);
      expect(await driver.listAside()).toEqual([{ id: guest.id, tag }]);
      await driver.discardAside(guest.id, tag);
      await driver.discardAside(guest.id, tag);
      expect(await driver.listAside()).toEqual([]);
      await driver.powerOn(guest.id, signal);
      await booted(guest.id);
      // The next move finds nothing in its way.
      await driver.setAside(guest.id, second, 0, signal);
      await driver.restoreAside(guest.id, second, false, signal);
      expect(await power(guest.id)).toBe('shutdown');
      await driver.destroy(guest.id, signal);
      expect(await place.traces(guest.id)).toEqual([]);
    });

    it('says so where there is no serial console, and gives one to a guest that is started again', async () => {
      await driver.close();
      driver = await place.open({ serial: false });
      const guest = spec();
      await driver.spawn(guest, signal);
      await booted(guest.id);
      await expect(driver.serialEndpoint(guest.id)).rejects.toThrow('Unavailable console type serial.');
      await driver.close();
      driver = await place.open();
      await booted(guest.id);
      if (real()) await expect(driver.serialEndpoint(guest.id)).rejects.toThrow('reboot it hard');
      await driver.reboot(guest.id, 'hard', 0, signal);
      expect(await place.converse(await driver.serialEndpoint(guest.id), 'now')).toContain('now');
      await driver.destroy(guest.id, signal);
    });

    it('gives a guest new disks', async () => {
      const guest = spec();
      await driver.spawn(guest, signal);
      await booted(guest.id);
      await driver.wipe(guest.id, false, 0, signal);
      await driver.wipe(guest.id, false, 0, signal);
      expect(await power(guest.id)).toBe('shutdown');
      await driver.spawn({ ...guest, memoryMb: 40 }, signal);
      expect(await power(guest.id)).toBe('running');
      await booted(guest.id);
      await driver.destroy(guest.id, signal);
      await driver.wipe(guest.id, false, 0, signal);
    });

    describe('with one guest', () => {
      let guest: GuestSpec;
      const events: LifecycleEvent[] = [];
      beforeAll(async () => {
        guest = spec();
        driver.onLifecycle((event) => events.push(event));
        await driver.spawn(guest, signal);
      });

      it('switches it off by its button, and on', async () => {
        await booted(guest.id);
        await driver.powerOff(guest.id, 20_000, signal);
        expect(await power(guest.id)).toBe('shutdown');
        await driver.powerOff(guest.id, 0, signal);
        await expect(driver.vncEndpoint(guest.id)).rejects.toThrow('not running');
        await driver.powerOn(guest.id, signal);
        await driver.powerOn(guest.id, signal);
        expect(await power(guest.id)).toBe('running');
        await booted(guest.id);
      });

      it('lets one talk on its serial console, and logs it', async () => {
        const talk = async (words: string): Promise<void> => {
          expect(await place.converse(await driver.serialEndpoint(guest.id), words)).toContain(words);
          await expect.poll(async () => (await driver.consoleLog(guest.id, 65_536)).toString()).toContain(words);
        };
        await talk('first');
        // Whoever goes leaves the line to the next one.
        await talk('second');
        expect((await driver.consoleLog(guest.id, 65_536)).toString()).toContain(place.bootMarker);
        await driver.close();
        driver = await place.open();
        driver.onLifecycle((event) => events.push(event));
        await talk('after a restart of nova-compute');
        await driver.powerOff(guest.id, 0, signal);
        await expect(driver.serialEndpoint(guest.id)).rejects.toThrow('not running');
        await driver.powerOn(guest.id, signal);
        await booted(guest.id);
        await talk('after a restart of the guest');
        await expect(driver.serialEndpoint(randomUUID())).rejects.toThrow('could not be found');
      });

      it('cuts the power of one that does not obey', async () => {
        await driver.pause(guest.id);
        await driver.powerOff(guest.id, 200, signal);
        expect(await power(guest.id)).toBe('shutdown');
        await driver.powerOn(guest.id, signal);
        await booted(guest.id);
      });

      it('reboots it softly and hard', async () => {
        await driver.reboot(guest.id, 'soft', 20_000, signal);
        expect(await power(guest.id)).toBe('running');
        await booted(guest.id);
        await driver.reboot(guest.id, 'hard', 0, signal);
        expect(await power(guest.id)).toBe('running');
        await booted(guest.id);
      });

      it('pauses and unpauses it', async () => {
        await driver.pause(guest.id);
        expect(await power(guest.id)).toBe('paused');
        await driver.unpause(guest.id);
        expect(await power(guest.id)).toBe('running');
      });

      it('suspends it to the disk and goes on where it was', async () => {
        const disk = volume();
        await driver.attachDisk(guest.id, disk, signal);
        const before = await boots(guest.id);
        await driver.suspend(guest.id, signal);
        await driver.suspend(guest.id, signal);
        expect(await power(guest.id)).toBe('shutdown');
        await driver.close();
        driver = await place.open();
        driver.onLifecycle((event) => events.push(event));
        await driver.resume(guest.id, signal);
        expect(await power(guest.id)).toBe('running');
        await driver.resume(guest.id, signal);
        expect(await place.converse(await driver.serialEndpoint(guest.id), 'resumed')).toContain('resumed');
        if (real()) expect(await boots(guest.id)).toBe(before);
        // What was plugged while it ran is where it was: the guest still lets go of it.
        await driver.detachDisk(guest.id, disk.volumeId, signal);
        await driver.suspend(guest.id, signal);
        await driver.reboot(guest.id, 'hard', 0, signal);
        await booted(guest.id);
        await driver.powerOff(guest.id, 0, signal);
        await driver.powerOn(guest.id, signal);
        await booted(guest.id);
      });

      it('rescues it, and lets it be as before', async () => {
        const system = { basePath: place.basePath, configDrive: { 'openstack/latest/meta_data.json': '{}' } };
        await driver.rescue(guest.id, system, 0, signal);
        await driver.rescue(guest.id, system, 0, signal);
        expect(await power(guest.id)).toBe('running');
        await booted(guest.id);
        if (real()) expect((await place.traces(guest.id)).join(' ')).toContain('disk.rescue');
        await driver.unrescue(guest.id, signal);
        await driver.unrescue(guest.id, signal);
        expect(await power(guest.id)).toBe('running');
        await booted(guest.id);
        expect((await place.traces(guest.id)).join(' ')).not.toContain('rescue');
      });

      it('copies its root disk, running or not', async () => {
        const path = join(tmpdir(), `copy-${randomUUID()}`);
        try {
          await driver.snapshot(guest.id, path, 'qcow2', signal);
          expect((await stat(path)).size).toBeGreaterThan(100);
          await rm(path);
          await driver.powerOff(guest.id, 0, signal);
          await driver.snapshot(guest.id, path, 'qcow2', signal);
          expect((await stat(path)).size).toBeGreaterThan(100);
          await driver.powerOn(guest.id, signal);
          await booted(guest.id);
        } finally {
          await rm(path, { force: true });
        }
      });

      it('says what it uses', async () => {
        const found = await driver.diagnostics(guest.id);
        expect(found).toMatchObject({
          power: 'running',
          cpus: [{ id: 0 }],
          disks: [{ device: 'vda' }],
          memory: { maximumMb: 32 },
        });
        expect(found.nics.map(({ mac: address }) => address)).toEqual(
          guest.interfaces.map(({ mac: address }) => address),
        );
        if (real()) {
          expect(found.disks[0]?.readBytes).toBeGreaterThan(0);
          expect(found.cpus[0]?.nanoseconds).toBeGreaterThan(0);
        }
      });

      it('sends it an interrupt, and sets no password without an agent', async () => {
        await driver.injectNmi(guest.id);
        const password = driver.setPassword(guest.id, 'root', 'secret', signal);
        if (real()) await expect(password).rejects.toThrow('agent is not enabled');
        else await password;
        await driver.reboot(guest.id, 'hard', 0, signal);
        await booted(guest.id);
      });

      it('attaches and detaches a volume while it runs', async () => {
        const disk = volume();
        await driver.attachDisk(guest.id, disk, signal);
        await driver.attachDisk(guest.id, disk, signal);
        await driver.detachDisk(guest.id, disk.volumeId, signal);
        await driver.detachDisk(guest.id, disk.volumeId, signal);
        // The file is free: it can be had by the next one.
        await driver.attachDisk(guest.id, volume(), signal);
        expect(await power(guest.id)).toBe('running');
      });

      it('keeps a volume over a restart of the guest', async () => {
        const disk = {
          ...volume(),
          device: 'vdc',
          connection: { ...volume().connection, path: `${place.volumePath}2` },
        };
        await driver.attachDisk(guest.id, disk, signal);
        await driver.reboot(guest.id, 'hard', 0, signal);
        await booted(guest.id);
        await driver.detachDisk(guest.id, disk.volumeId, signal);
        expect(await power(guest.id)).toBe('running');
      });

      it('attaches and detaches an interface while it runs', async (context) => {
        if (!place.vif) return context.skip();
        const extra = nic();
        const port = extra.portId.slice(0, 11);
        await driver.attachInterface(guest.id, extra, signal);
        await driver.attachInterface(guest.id, extra, signal);
        expect((await place.traces(guest.id)).join(' ')).toContain(port);
        await driver.detachInterface(guest.id, extra.portId, signal);
        await driver.detachInterface(guest.id, extra.portId, signal);
        expect((await place.traces(guest.id)).join(' ')).not.toContain(port);
        await driver.rewire(signal);
        expect(await power(guest.id)).toBe('running');
      });

      it('tells nothing of what it was asked to do', () => {
        expect(events).toEqual([]);
      });

      it('finds it again after a restart', async () => {
        await driver.close();
        driver = await place.open();
        expect(await driver.state(guest.id)).toEqual({ id: guest.id, name: guest.name, power: 'running' });
        await driver.spawn(guest, signal);
        await driver.pause(guest.id);
        expect(await power(guest.id)).toBe('paused');
        await driver.unpause(guest.id);
        await booted(guest.id);
      });

      it('tells when it dies by itself, and starts it again', async () => {
        const heard: LifecycleEvent[] = [];
        driver.onLifecycle((event) => heard.push(event));
        await driver.list();
        await place.kill(driver, guest.id);
        await expect.poll(() => heard, { timeout: 10_000 }).toEqual([{ id: guest.id, power: 'crashed' }]);
        expect(await power(guest.id)).not.toBe('running');
        await driver.powerOn(guest.id, signal);
        expect(await power(guest.id)).toBe('running');
      });

      it('leaves nothing of it', async () => {
        await driver.destroy(guest.id, signal);
        expect(await place.traces(guest.id)).toEqual([]);
      });
    });
  });
}
