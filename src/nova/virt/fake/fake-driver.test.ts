import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { driverContract } from '../contract.ts';
import type { GuestSpec } from '../driver.ts';
import { FakeDriver } from './fake-driver.ts';

driverContract('fake', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'fake-'));
  return {
    open: ({ serial } = { serial: true }) =>
      FakeDriver.create({ host: 'host1', stateFile: join(folder, 'guests.json'), serial }),
    basePath: '/nowhere',
    bootMarker: 'login:',
    vif: { type: 'ovs', bridge: 'br-int', hybrid: true },
    volumePath: '/nowhere',
    converse: async ({ host, port }, words) => {
      const socket = connect(port, host);
      socket.write(words);
      let heard = '';
      for await (const chunk of socket) {
        heard += String(chunk);
        if (heard.includes(words)) break;
      }
      return heard;
    },
    kill: (driver, id) => (driver as FakeDriver).crash(id),
    traces: async (id) => {
      const driver = await FakeDriver.create({ host: 'host1', stateFile: join(folder, 'guests.json') });
      return (await driver.state(id)) ? driver.devices(id).ports : [];
    },
    close: () => rm(folder, { recursive: true }),
  };
});

describe('FakeDriver', () => {
  it('makes a thousand guests in a moment, and keeps no password', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'fake-'));
    const stateFile = join(folder, 'guests.json');
    const driver = await FakeDriver.create({ host: 'host1', stateFile });
    const spec = (n: number): GuestSpec => ({
      id: `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`,
      name: `instance-${n}`,
      displayName: 's',
      projectId: 'p',
      vcpus: 1,
      memoryMb: 1,
      disks: [],
      interfaces: [],
      configDrive: { 'openstack/latest/meta_data.json': '{"admin_pass": "sesame"}' },
      vnc: null,
    });
    const signal = new AbortController().signal;
    await Promise.all(Array.from({ length: 1_000 }, (_, n) => driver.spawn(spec(n), signal)));
    await driver.close();
    const again = await FakeDriver.create({ host: 'host1', stateFile });
    expect(await again.list()).toHaveLength(1_000);
    expect(JSON.stringify(again.devices(spec(1).id))).not.toContain('sesame');
    await rm(folder, { recursive: true });
  });
});
