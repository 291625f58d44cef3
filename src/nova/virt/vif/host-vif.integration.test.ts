import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Run } from '#common/host/run.ts';
import { silentLogger } from '#common/telemetry/log.ts';
import type { GuestInterface } from '../driver.ts';
import { makeTestHost, missingForGuests, type TestHost } from '../test-host.ts';
import { createHostVif } from './host-vif.ts';
import { readMarkedLinks } from './links.ts';
import { ovsConnection } from './ovs-connection.ts';
import { vifNames, type VifPlugger } from './vif.ts';

const missing = missingForGuests();
const skip = missing.length > 0 && !process.env['CI'];
if (skip) console.log(`skipped: missing ${missing.join(', ')}`);

describe.skipIf(skip)('wiring on the host', () => {
  let host: TestHost;
  let vif: VifPlugger;
  const commands: string[] = [];
  const guest = randomUUID();
  const nic = (more: Partial<GuestInterface> = {}): GuestInterface => ({
    portId: randomUUID(),
    mac: 'fa:16:3e:aa:bb:cc',
    mtu: 1454,
    model: 'virtio',
    vif: { type: 'ovs', bridge: 'br-int', hybrid: true },
    ...more,
  });
  const changes = (): string[] => commands.filter((command) => !command.startsWith('ip -j'));

  beforeAll(async () => {
    host = await makeTestHost();
    const noted: Run = (argv, options) => {
      commands.push(argv.join(' '));
      return host.run(argv, options);
    };
    const ovs = ovsConnection(host.ovsSocket, silentLogger);
    vif = createHostVif({ run: noted, ovs, installation: 'inst', bridgeTimeoutMs: 100 });
  });
  afterAll(async () => {
    vif.close();
    await host.close();
  });

  it('plugs hybrid, touches nothing the second time, repairs what is missing, and unplugs', async () => {
    const one = nic();
    const names = vifNames(one.portId);
    const started = performance.now();
    await vif.plug(guest, [one], { makeTap: true });
    console.log(`hybrid plug took ${Math.round(performance.now() - started)} ms`);
    const links = await readMarkedLinks(host.run);
    expect(links.get(names.qvb)).toMatchObject({ master: names.qbr, up: true, mtu: 1454, alias: `nova:inst:${guest}` });
    expect(links.get(names.tap)).toMatchObject({ master: names.qbr, mtu: 1454 });
    expect((await host.ports()).find(({ name }) => name === names.qvo)?.externalIds).toMatchObject({
      'iface-id': one.portId,
      'iface-status': 'active',
      'attached-mac': one.mac,
      'vm-uuid': guest,
    });
    expect((await host.run(['ethtool', '-k', names.qvb])).stdout).toContain('tx-checksumming: off');
    expect((await host.run(['ip', '-6', 'addr', 'show', 'dev', names.qbr])).stdout).toBe('');

    commands.length = 0;
    await vif.plug(guest, [one], { makeTap: true });
    expect(changes()).toEqual([]);

    await host.run(['ip', 'link', 'delete', names.qbr]);
    await vif.plug(guest, [one], { makeTap: true });
    expect((await readMarkedLinks(host.run)).get(names.tap)?.master).toBe(names.qbr);

    await vif.unplug([one]);
    await vif.unplug([one]);
    expect(await host.wiring()).toEqual([]);
  });

  it('plugs several at once, and plainly', async () => {
    const [a, b, plain] = [nic(), nic(), nic({ vif: { type: 'ovs', bridge: 'br-int', hybrid: false } })];
    commands.length = 0;
    await vif.plug(guest, [a, b, plain], { makeTap: false });
    expect(commands.filter((command) => command.startsWith('ip -batch'))).toHaveLength(1);
    expect((await host.ports()).map(({ name }) => name)).toContain(vifNames(plain.portId).tap);
    expect((await readMarkedLinks(host.run)).has(vifNames(a.portId).tap)).toBe(false);
    await vif.unplug([a, b, plain]);
    expect(await host.wiring()).toEqual([]);
  });

  it('plugs into a Linux bridge', async () => {
    const one = nic({ vif: { type: 'bridge', bridge: 'brq0', hybrid: false } });
    await vif.plug(guest, [one], { makeTap: true });
    expect((await readMarkedLinks(host.run)).get(vifNames(one.portId).tap)?.master).toBe('brq0');
    await vif.unplug([one]);
    expect(await host.wiring()).toEqual([]);
  });

  it('finds what is left of a crash, of this installation only', async () => {
    const [whole, half] = [nic(), nic()];
    await vif.plug(guest, [whole, half], { makeTap: true });
    await host.ports();
    await host.bridges.deletePort(vifNames(half.portId).qvo);
    const mine = (await vif.listOurs()).map(({ port }) => port).sort();
    expect(mine).toEqual([whole.portId.slice(0, 11), half.portId.slice(0, 11)].sort());
    const others = createHostVif({
      run: host.run,
      ovs: ovsConnection(host.ovsSocket, silentLogger),
      installation: 'other',
    });
    expect(await others.listOurs()).toEqual([]);
    others.close();
    await vif.remove(await vif.listOurs());
    expect(await host.wiring()).toEqual([]);
  });

  it('knows when the agent has taken a port up', async () => {
    const one = nic();
    const { qvo } = vifNames(one.portId);
    await vif.plug(guest, [one], { makeTap: true });
    expect(await vif.unwired([one], 50)).toEqual([one.portId]);
    await host.ports();
    await host.bridges.setTag(qvo, 4095);
    expect(await vif.unwired([one], 50)).toEqual([one.portId]);
    const wait = vif.unwired([one], 10_000);
    await host.bridges.setTag(qvo, 7);
    expect(await wait).toEqual([]);
    await vif.unplug([one]);
  });

  it('says what is wrong, and puts nothing strange into commands', async () => {
    const bad = (change: Partial<GuestInterface>): Promise<void> => vif.plug(guest, [nic(change)], { makeTap: true });
    await expect(bad({ vif: { type: 'ovs', bridge: 'br-none', hybrid: true } })).rejects.toThrow(
      'Start neutron-openvswitch-agent',
    );
    await expect(bad({ vif: { type: 'unbound', bridge: 'br-int', hybrid: false } })).rejects.toThrow('not bound');
    await expect(bad({ portId: 'x\nlink delete lo' })).rejects.toThrow('not the UUID');
    await expect(bad({ mac: 'up\nlink delete lo' })).rejects.toThrow('not a MAC');
    await expect(bad({ vif: { type: 'bridge', bridge: 'x\nlink', hybrid: false } })).rejects.toThrow(
      'name of a bridge',
    );
    expect(await host.wiring()).toEqual([]);
  });
});
