import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LocalVolume, SnapshotSpec, VolumeDriver, VolumeSpec } from './driver.ts';

/** A place where a driver works, for the suite. */
export interface DriverHarness {
  /** The driver over the same place; a second one is what a restart of cinder-volume is. */
  open(): Promise<VolumeDriver>;
  /** Text at the beginning of a volume. */
  write(local: LocalVolume, text: string): Promise<void>;
  read(local: LocalVolume, length: number): Promise<string>;
  /** Size that a guest would see. */
  bytes(local: LocalVolume): Promise<number>;
  /** Makes something of 1 GiB that Cinder does not know. @returns how `manage` would name it */
  foreign(): Promise<string>;
  close(): Promise<void>;
}

const { signal } = new AbortController();
const GIB = 1024 ** 3;

/** What every driver must do. `make` is called once; all tests share the place. */
export function driverContract(name: string, make: () => Promise<DriverHarness>): void {
  describe(`the driver ${name}`, () => {
    let place: DriverHarness;
    let driver: VolumeDriver;
    const volumes: VolumeSpec[] = [];
    const snapshots: SnapshotSpec[] = [];

    beforeAll(async () => {
      place = await make();
      driver = await place.open();
      await driver.check(signal);
    });
    afterAll(async () => {
      for (const snapshot of snapshots) await driver.deleteSnapshot(snapshot, signal);
      for (const volume of volumes) await driver.delete(volume, signal);
      await place.close();
    });

    const spec = (sizeGb = 1): VolumeSpec => {
      const id = randomUUID();
      const volume = { id, name: `volume-${id}`, sizeGb };
      volumes.push(volume);
      return volume;
    };
    const snapshotSpec = (volume: VolumeSpec): SnapshotSpec => {
      const id = randomUUID();
      const snapshot = { id, name: `snapshot-${id}`, volume };
      snapshots.push(snapshot);
      return snapshot;
    };
    const made = async (text: string, sizeGb = 1): Promise<VolumeSpec> => {
      const volume = spec(sizeGb);
      await driver.create(volume, signal);
      await place.write(await driver.open(volume, signal), text);
      return volume;
    };
    const text = async (volume: VolumeSpec, length: number): Promise<string> =>
      place.read(await driver.open(volume, signal), length);
    const size = async (volume: VolumeSpec): Promise<number> => place.bytes(await driver.open(volume, signal));
    const gone = async (volume: VolumeSpec): Promise<void> => {
      await driver.delete(volume, signal);
      await driver.delete(volume, signal);
      expect(await driver.list(signal)).not.toContain(volume.name);
    };

    it('says what the back end has', async () => {
      const stats = await driver.stats();
      expect(stats.storageProtocol).not.toBe('');
      expect(stats.totalGb).toBeGreaterThan(1);
      expect(stats.freeGb).toBeGreaterThan(0);
      expect(stats.freeGb).toBeLessThanOrEqual(stats.totalGb as number);
    });

    it('makes a volume once, however often it is asked, keeps it over restarts, and removes it', async () => {
      const volume = await made('first');
      await driver.create(volume, signal);
      expect(await size(volume)).toBe(GIB);
      expect(await text(volume, 5)).toBe('first');
      expect(await driver.list(signal)).toContain(volume.name);
      driver = await place.open();
      await driver.check(signal);
      expect(await text(volume, 5)).toBe('first');
      await gone(volume);
    });

    it('makes blank volumes blank, also where a deleted one was', async () => {
      const before = await made('secret');
      await gone(before);
      const volume = spec();
      await driver.create(volume, signal);
      expect(await text(volume, 6)).not.toBe('secret');
      await gone(volume);
    });

    it('deletes what was never made without complaint', async () => {
      await driver.delete(spec(), signal);
      await driver.deleteSnapshot(snapshotSpec(spec()), signal);
    });

    it('names what is not there', async () => {
      const absent = spec();
      await expect(driver.open(absent, signal)).rejects.toThrow(absent.name);
      await expect(driver.extend(absent, signal)).rejects.toThrow(absent.name);
      await expect(driver.createFromVolume(spec(), absent, signal)).rejects.toThrow(absent.name);
    });

    it('extends a volume with its data, to the size asked for and never below', async () => {
      const volume = await made('grown');
      const neighbour = await made('in the way');
      await driver.extend({ ...volume, sizeGb: 2 }, signal);
      await driver.extend({ ...volume, sizeGb: 2 }, signal);
      expect(await size(volume)).toBe(2 * GIB);
      expect(await text(volume, 5)).toBe('grown');
      await driver.extend(volume, signal);
      expect(await size(volume)).toBe(2 * GIB);
      await gone(volume);
      await gone(neighbour);
    });

    it('clones volumes, which live their own lives and may be larger', async () => {
      const source = await made('cloned');
      const clone = spec(2);
      await driver.createFromVolume(clone, source, signal);
      await driver.createFromVolume(clone, source, signal);
      expect(await size(clone)).toBe(2 * GIB);
      await place.write(await driver.open(source, signal), 'later!');
      expect(await text(clone, 6)).toBe('cloned');
      await gone(source);
      expect(await text(clone, 6)).toBe('cloned');
      await gone(clone);
    });

    it('keeps snapshots, makes volumes of them, and goes back to them', async () => {
      const volume = await made('before');
      const snapshot = snapshotSpec(volume);
      await driver.createSnapshot(snapshot, signal);
      await place.write(await driver.open(volume, signal), 'after.');
      await driver.createSnapshot(snapshot, signal);
      expect(await place.read(await driver.openSnapshot(snapshot, signal), 6)).toBe('before');
      expect(await driver.list(signal)).toContain(snapshot.name);
      const copy = spec(2);
      await driver.createFromSnapshot(copy, snapshot, signal);
      await driver.createFromSnapshot(copy, snapshot, signal);
      expect(await text(copy, 6)).toBe('before');
      expect(await size(copy)).toBe(2 * GIB);
      await driver.revertToSnapshot(snapshot, signal);
      await driver.revertToSnapshot(snapshot, signal);
      expect(await text(volume, 6)).toBe('before');
      expect(await size(volume)).toBe(GIB);
      await driver.deleteSnapshot(snapshot, signal);
      await driver.deleteSnapshot(snapshot, signal);
      expect(await driver.list(signal)).not.toContain(snapshot.name);
      await gone(volume);
      expect(await text(copy, 6)).toBe('before');
      await gone(copy);
    });

    it('takes over what was there, and lets go of it with its bytes', async () => {
      const existing = await place.foreign();
      const volume = spec();
      expect(await driver.adopt(volume, existing, signal)).toBe(1);
      expect(await driver.adopt(volume, existing, signal)).toBe(1);
      expect(await size(volume)).toBe(GIB);
      await place.write(await driver.open(volume, signal), 'mine');
      await driver.release(volume, signal);
      await driver.release(volume, signal);
      const names = await driver.list(signal);
      expect(names).not.toContain(volume.name);
      const left = names.find((one) => one.endsWith(volume.id)) as string;
      const again = spec();
      await driver.adopt(again, left, signal);
      expect(await text(again, 4)).toBe('mine');
      await gone(again);
    });

    it('refuses to take over what is not there', async () => {
      await expect(driver.adopt(spec(), 'nothing-of-that-name', signal)).rejects.toThrow('nothing-of-that-name');
    });
  });
}
