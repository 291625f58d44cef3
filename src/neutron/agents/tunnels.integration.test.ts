import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { isRoot, missingPrograms } from '#common/host/privileges.ts';
import { run } from '#common/host/run.ts';
import type { Segment } from '../rpc.ts';
import { createOvsAgentDaemon } from './ovs/daemon.ts';
import { outgoing, rule, Scenario } from './testing/scenario.ts';
import { Testbed, type Guest } from './testing/testbed.ts';

const missing = [
  ...missingPrograms(['ovs-vswitchd', 'ovs-ofctl', 'ip', 'iptables', 'ipset', 'ethtool', 'nsenter']),
  ...(isRoot() ? [] : ['root']),
];
const skip = missing.length > 0 && !process.env['CI'];
if (skip) console.log(`skipped: missing ${missing.join(', ')}`);

describe.skipIf(skip)('networks across two hosts', () => {
  const left = new Testbed('left');
  const right = new Testbed('right', left);
  const beds = [left, right] as const;
  const soon = { timeout: 15_000, interval: 50 };
  const pings = async (from: Guest, ip: string): Promise<boolean> =>
    (await run(['ping', '-c1', '-W1', ip], { netns: from.netns, ok: [0, 1, 2] })).status === 0;

  /** The underlay: a cable between the hosts, plugged into a bridge that carries the tunnels' address. */
  beforeAll(async () => {
    for (const bed of beds) await bed.start();
    await left.ip.batch([`link add eth1 type veth peer name eth1 netns ${right.host}`]);
    for (const [i, bed] of beds.entries()) {
      await bed.bridges.ensureBridge('br-eth1', { datapathType: bed.ovs.datapathType, failMode: 'standalone' });
      await bed.bridges.ensurePort('br-eth1', 'eth1');
      await bed.ip.batch([
        `address add 10.255.0.${i + 1}/24 dev br-eth1`,
        'link set br-eth1 mtu 1600 up',
        'link set eth1 mtu 1600 up',
      ]);
      await bed.startDaemon(createOvsAgentDaemon(), {
        ovs: { local_ip: `10.255.0.${i + 1}`, bridge_mappings: 'physnet1:br-eth1' },
        agent: { tunnel_types: 'gre,vxlan' },
      });
    }
    await vi.waitFor(() => expect(left.plugin.endpoints).toHaveLength(2), soon);
    const { l2AgentRpc } = await import('../rpc.ts');
    const hint = left.bus.client(l2AgentRpc);
    for (const tunnelType of ['gre', 'vxlan'] as const) await hint.fanout('tunnelEndpointsChanged', { tunnelType });
  });
  afterAll(async () => {
    await right.stop();
    await left.stop();
  });

  const plugPair = async (segment: Segment, a: string, b: string): Promise<[Guest, Guest]> => {
    const scenario = new Scenario(left.plugin, segment);
    scenario.addNetwork(true);
    const guests: Guest[] = [];
    for (const [bed, ip] of [
      [left, a],
      [right, b],
    ] as const) {
      const port = scenario.addGuestPort(ip, [outgoing, rule({ protocol: 'icmp' })]);
      const guest = await bed.plugGuest(port.portId, port.mac);
      await bed.ip.in(guest.netns).batch([`address add ${ip}/24 dev eth0`, 'link set eth0 mtu 1450']);
      guests.push(guest);
    }
    return guests as [Guest, Guest];
  };

  it.each<[string, Segment]>([
    ['gre', { networkType: 'gre', physicalNetwork: null, segmentationId: 5 }],
    ['vxlan', { networkType: 'vxlan', physicalNetwork: null, segmentationId: 5 }],
    ['vlan', { networkType: 'vlan', physicalNetwork: 'physnet1', segmentationId: 105 }],
    ['flat', { networkType: 'flat', physicalNetwork: 'physnet1', segmentationId: null }],
  ])('reach each other on a network of type %s', async (_type, segment) => {
    const [a, b] = await plugPair(segment, '192.168.27.101', '192.168.27.102');
    await expect.poll(() => pings(a, '192.168.27.102'), soon).toBe(true);
    expect(await pings(b, '192.168.27.101')).toBe(true);
    // The next type uses the same addresses: networks do not see each other.
    await left.unplugGuest(a);
    expect(await pings(b, '192.168.27.101')).toBe(false);
  });

  it('keeps networks with the same addresses apart', async () => {
    const [a] = await plugPair(
      { networkType: 'gre', physicalNetwork: null, segmentationId: 11 },
      '192.168.27.111',
      '192.168.27.112',
    );
    const [c, d] = await plugPair(
      { networkType: 'gre', physicalNetwork: null, segmentationId: 12 },
      '192.168.27.113',
      '192.168.27.114',
    );
    await expect.poll(() => pings(a, '192.168.27.112'), soon).toBe(true);
    await expect.poll(() => pings(c, '192.168.27.114'), soon).toBe(true);
    expect(await pings(a, '192.168.27.113')).toBe(false);
    expect(await pings(d, '192.168.27.112')).toBe(false);
  });

  it('keeps a port switched off without traffic, and forgets tunnels of hosts that are gone', async () => {
    const [a, b] = await plugPair(
      { networkType: 'gre', physicalNetwork: null, segmentationId: 13 },
      '192.168.27.121',
      '192.168.27.122',
    );
    await expect.poll(() => pings(a, '192.168.27.122'), soon).toBe(true);
    const device = left.plugin.devices.get(b.portId)!;
    left.plugin.devices.set(b.portId, { ...device, adminStateUp: false });
    await left.plugin.hint();
    await expect.poll(() => pings(a, '192.168.27.122'), soon).toBe(false);
    await expect.poll(() => left.plugin.up.has(b.portId), soon).toBe(false);
    left.plugin.devices.set(b.portId, device);
    await left.plugin.hint();
    await expect.poll(() => pings(a, '192.168.27.122'), soon).toBe(true);

    const tunnels = () =>
      left.bridges
        .ports('br-tun')
        .map(({ name }) => name)
        .filter((name) => /^(gre|vxlan)-/.test(name))
        .sort();
    expect(tunnels()).toEqual(['gre-0aff0002', 'vxlan-0aff0002']);
    await right.stopDaemon('neutron-openvswitch-agent');
    left.plugin.endpoints.pop();
    const { l2AgentRpc } = await import('../rpc.ts');
    await left.bus.client(l2AgentRpc).fanout('tunnelEndpointsChanged', { tunnelType: 'gre' });
    await expect.poll(tunnels, soon).toEqual([]);
  });
});
