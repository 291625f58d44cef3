import { describe, expect, it } from 'vitest';
import { driverContract } from '../contract.ts';
import { makeTestHost, missingForGuests } from '../test-host.ts';
import { createLibvirtDriver, libvirtFolder } from './libvirt-driver.ts';
import { stopPrivateLibvirtd } from './private-libvirtd.ts';
import { commandLine } from '#common/host/process.ts';
import { readdirSync } from 'node:fs';

const missing = missingForGuests('libvirtd', 'unshare');
const skip = missing.length > 0 && !process.env['CI'];
if (skip) console.log(`skipped: missing ${missing.join(', ')}`);

describe.skipIf(skip)('LibvirtDriver', () => {
  driverContract('libvirt', async () => {
    const host = await makeTestHost();
    return {
      ...host,
      vif: { type: 'ovs', bridge: 'br-int', hybrid: true },
      open: ({ serial } = { serial: true }) =>
        createLibvirtDriver({ ...host.deps(), ...(!serial && { serial: null }) }),
      async kill(_, id) {
        const ofGuest = (pid: number): boolean => commandLine(pid)[commandLine(pid).indexOf('-uuid') + 1] === id;
        const pid = readdirSync('/proc')
          .map(Number)
          .find((one) => one > 1 && ofGuest(one));
        process.kill(pid!, 'SIGKILL');
      },
      async close() {
        await stopPrivateLibvirtd(libvirtFolder(host.folder));
        await host.close();
      },
    };
  });

  it('measures the way to a running process', async () => {
    const host = await makeTestHost();
    const driver = await createLibvirtDriver(host.deps());
    const signal = new AbortController().signal;
    const times: number[] = [];
    for (let n = 1; n <= 5; n++) {
      const id = `00000000-0000-4000-8000-00000000000${n}`;
      const started = performance.now();
      await driver.spawn(
        {
          id,
          name: `instance-0000000${n}`,
          displayName: 's',
          projectId: 'p',
          vcpus: 1,
          memoryMb: 32,
          disks: [{ kind: 'image', device: 'vda', bus: 'virtio', basePath: host.basePath, sizeGb: 1 }],
          interfaces: [
            {
              portId: `0000000${n}-0000-4000-8000-000000000000`,
              mac: `fa:16:3e:00:00:0${n}`,
              mtu: 1454,
              model: 'virtio',
              vif: { type: 'ovs', bridge: 'br-int', hybrid: n !== 5 },
            },
          ],
          vnc: { listen: '127.0.0.1' },
        },
        signal,
      );
      times.push(Math.round(performance.now() - started));
      await driver.destroy(id, signal);
    }
    console.log(`libvirt: spawn took ${times.join(', ')} ms (the last with a plain port)`);
    expect(await host.wiring()).toEqual([]);
    await driver.close();
    await stopPrivateLibvirtd(libvirtFolder(host.folder));
    await host.close();
  });
});
