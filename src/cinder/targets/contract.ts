import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Connector } from '#clients/volume.ts';
import type { LocalVolume, VolumeSpec } from '../drivers/driver.ts';
import type { VolumeTarget } from './target.ts';

/** A place where a target works, for the suite. */
export interface TargetHarness {
  open(): Promise<VolumeTarget>;
  /** The bytes of a new volume. */
  local(volume: VolumeSpec): Promise<LocalVolume>;
  /** Whether exports are things of their own, which can be listed and lost. */
  readonly exports: boolean;
  close(): Promise<void>;
}

const { signal } = new AbortController();
export const connector: Connector = {
  initiator: 'iqn.1993-08.org.debian:01:test',
  ip: '127.0.0.1',
  host: 'stor1',
  multipath: false,
  platform: 'x86_64',
  os_type: 'linux2',
};

/** What every target must do. */
export function targetContract(name: string, make: () => Promise<TargetHarness>): void {
  describe(`the target ${name}`, () => {
    let place: TargetHarness;
    let target: VolumeTarget;
    beforeAll(async () => {
      place = await make();
      target = await place.open();
      await target.check(signal);
    });
    afterAll(() => place.close());
    const spec = (): VolumeSpec => {
      const id = randomUUID();
      return { id, name: `volume-${id}`, sizeGb: 1 };
    };

    it('exports a volume once, however often it is asked, under one address and secret', async () => {
      const volume = spec();
      const local = await place.local(volume);
      const made = await target.ensure(volume, local, null, signal);
      expect(await target.ensure(volume, local, made, signal)).toEqual(made);
      const again = await place.open();
      expect(await again.ensure(volume, local, made, signal)).toEqual(made);
      if (place.exports) expect((await target.list(signal)).filter((one) => one === volume.name)).toHaveLength(1);
      const { data } = target.connection(volume, local, made, connector, 'rw');
      expect(data).toMatchObject({ access_mode: 'rw', volume_id: volume.id });
      expect(target.connection(volume, local, made, connector, 'ro').data.access_mode).toBe('ro');
      await target.remove(volume, signal);
      await target.remove(volume, signal);
      expect(await target.list(signal)).not.toContain(volume.name);
    });

    it('gives every volume a secret of its own', async () => {
      const volumes = [spec(), spec()];
      const made = await Promise.all(
        volumes.map(async (volume) => target.ensure(volume, await place.local(volume), null, signal)),
      );
      if (made[0]?.auth !== null) expect(made[0]?.auth).not.toBe(made[1]?.auth);
      for (const volume of volumes) await target.remove(volume, signal);
    });

    it('removes what was never exported without complaint', async () => {
      await target.remove(spec(), signal);
    });
  });
}
