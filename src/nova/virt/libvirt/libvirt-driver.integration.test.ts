import { describe } from 'vitest';
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
});
