import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { driverContract } from '../contract.ts';
import { makeTestHost, missingForGuests } from '../test-host.ts';
import { findGuestProcesses } from './guest-process.ts';
import { createQemuDriver } from './qemu-driver.ts';

const missing = missingForGuests();
const skip = missing.length > 0 && !process.env['CI'];
if (skip) console.log(`skipped: missing ${missing.join(', ')}`);

describe.skipIf(skip)('QemuDriver', () => {
  driverContract('qemu', async () => {
    const host = await makeTestHost();
    const instances = host.deps().instancesPath;
    return {
      ...host,
      vif: { type: 'ovs', bridge: 'br-int', hybrid: true },
      open: () => createQemuDriver(host.deps()),
      async kill(_, id) {
        const [identity] = findGuestProcesses(id, join(instances, id));
        process.kill(identity!.pid, 'SIGKILL');
      },
    };
  });

  it('measures the way to a running process', async () => {
    const host = await makeTestHost();
    const driver = await createQemuDriver(host.deps());
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
    console.log(`qemu: spawn took ${times.join(', ')} ms (the last with a plain port)`);
    expect(await host.wiring()).toEqual([]);
    await driver.close();
    await host.close();
  });
});
