import { describe, expect, it } from 'vitest';
import { silentLogger } from '#common/telemetry/log.ts';
import { noVif } from '../virt/vif/vif.ts';
import { FakeDriver } from '../virt/fake/fake-driver.ts';
import { Reconciler } from './reconciler.ts';
import { ServerLocks } from './server-locks.ts';

const id = '32dec761-6096-481c-8bb6-ab8cc6bb6a4f';

describe('after a reboot of the host', () => {
  it('a guest whose volumes cannot be reached yet is tried again, and nobody calls it off meanwhile', async () => {
    const driver = await FakeDriver.create({ host: 'host1' });
    const { signal } = new AbortController();
    const spec = { id, name: 'i', displayName: 's', projectId: 'p', vcpus: 1, memoryMb: 1, disks: [], interfaces: [] };
    await driver.spawn({ ...spec, vnc: null }, signal);
    await driver.powerOff(id);
    const powerOn = driver.powerOn.bind(driver);
    let tries = 0;
    driver.powerOn = async (guest) => {
      if (++tries < 3) throw new Error('Failed to connect to LUN');
      await powerOn(guest);
    };
    const told: unknown[] = [];
    const conductor = {
      call: async () => ({
        servers: [{ id, name: 'i', vmState: 'active', taskState: null, powerState: 'running' }],
        asides: [],
      }),
      cast: async (_method: string, args: unknown) => void told.push(args),
    };
    const reconciler = new Reconciler({
      host: 'host1',
      driver,
      vif: noVif,
      locks: new ServerLocks(),
      conductor: conductor as never,
      log: silentLogger,
      boot: { rebooted: true, acknowledge: async () => undefined },
      resumeGuests: true,
      confirmMs: 10_000,
      signal,
    });
    expect([await reconciler.run(), await reconciler.run(), told]).toEqual([5_000, 5_000, []]);
    expect(await reconciler.run()).toBeUndefined();
    expect([tries, told]).toEqual([3, [{ host: 'host1', id, power: 'running' }]]);
    expect((await driver.state(id))?.power).toBe('running');
  });
});
