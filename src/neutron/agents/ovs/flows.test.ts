import { describe, expect, it } from 'vitest';
import { integrationFlows, physicalFlows, tunnelFlows, type LocalNetwork } from './flows.ts';
import { FlowTables } from './flow-tables.ts';
import { LocalVlans, rememberedAs } from './local-vlans.ts';

const gre: LocalNetwork = {
  networkId: 'n1',
  vlan: 1,
  segment: { networkType: 'gre', physicalNetwork: null, segmentationId: 2 },
};
const vlan: LocalNetwork = {
  networkId: 'n2',
  vlan: 2,
  segment: { networkType: 'vlan', physicalNetwork: 'physnet1', segmentationId: 100 },
};
const flat: LocalNetwork = {
  networkId: 'n3',
  vlan: 3,
  segment: { networkType: 'flat', physicalNetwork: 'physnet1', segmentationId: null },
};
const patch = { bridge: 'br-eth1', physicalNetwork: 'physnet1', intPort: 5, phyPort: 7 };

describe('flows', () => {
  it('sends each local VLAN into its own tunnel id, to all tunnels of the type, and back', () => {
    const flows = tunnelFlows(
      1,
      [gre, vlan],
      [
        { type: 'gre', ofport: 2 },
        { type: 'gre', ofport: 3 },
        { type: 'vxlan', ofport: 4 },
      ],
    );
    expect(flows).toContain('table=21,priority=1,dl_vlan=1,actions=strip_vlan,set_tunnel:2,output:2,output:3');
    expect(flows).toContain('table=2,priority=1,tun_id=2,actions=mod_vlan_vid:1,resubmit(,10)');
    expect(flows).toContain('table=0,priority=1,in_port=4,actions=resubmit(,3)');
    expect(flows.filter((flow) => flow.includes('dl_vlan=2'))).toEqual([]);
  });

  it('floods nowhere without tunnels', () => {
    expect(tunnelFlows(1, [gre], []).filter((flow) => flow.includes('set_tunnel'))).toEqual([]);
  });

  it('translates VLANs between br-int and physical networks, and drops the rest', () => {
    expect(integrationFlows([gre, vlan, flat], [patch], [9])).toEqual([
      'table=0,priority=1,actions=NORMAL',
      'table=23,priority=0,actions=drop',
      'table=0,priority=2,in_port=5,actions=drop',
      'table=0,priority=3,in_port=5,dl_vlan=100,actions=mod_vlan_vid:2,NORMAL',
      'table=0,priority=3,in_port=5,vlan_tci=0x0000/0x1000,actions=mod_vlan_vid:3,NORMAL',
      'table=0,priority=2,in_port=9,actions=drop',
    ]);
    expect(physicalFlows(patch, [gre, vlan, flat])).toEqual([
      'table=0,priority=2,in_port=7,actions=drop',
      'table=0,priority=4,in_port=7,dl_vlan=2,actions=mod_vlan_vid:100,NORMAL',
      'table=0,priority=4,in_port=7,dl_vlan=3,actions=strip_vlan,NORMAL',
    ]);
  });
});

describe('FlowTables', () => {
  it('sends all once, then only differences, and all again after a restart', async () => {
    const sent: unknown[] = [];
    const tables = new FlowTables({
      replace: async (bridge, flows) => void sent.push([bridge, flows]),
      change: async (bridge, changes) => void sent.push([bridge, changes]),
      dump: async () => [],
    });
    await tables.sync('br', [
      'table=0,priority=1,actions=NORMAL',
      'table=21,dl_vlan=1,actions=output:1',
      'table=2,tun_id=1,actions=drop',
    ]);
    await tables.sync('br', ['table=0,priority=1,actions=NORMAL', 'table=21,dl_vlan=1,actions=output:1,output:2']);
    tables.forget();
    await tables.sync('br', ['table=0,actions=drop']);
    expect(sent.slice(1)).toEqual([
      ['br', { removeStrict: ['table=2,tun_id=1'], add: ['table=21,dl_vlan=1,actions=output:1,output:2'] }],
      ['br', ['table=0,actions=drop']],
    ]);
  });
});

describe('LocalVlans', () => {
  it('takes over what the ports remember, and gives the lowest free one', () => {
    const vlans = new LocalVlans();
    const port = (tag: number, network: LocalNetwork) => ({
      bridge: 'br-int',
      name: 'x',
      type: '',
      tag,
      ofport: 1,
      options: {},
      externalIds: {},
      otherConfig: rememberedAs(network),
      mac: undefined,
      error: undefined,
    });
    vlans.restore([port(2, vlan), port(4095, gre)]);
    expect(vlans.list()).toEqual([vlan]);
    expect(vlans.ensure('n1', gre.segment).vlan).toBe(1);
    expect(vlans.ensure('n3', flat.segment)).toEqual(flat);
    vlans.keep(new Set(['n3']));
    expect(vlans.ensure('n9', gre.segment).vlan).toBe(1);
    expect(vlans.ensure('n3', flat.segment).vlan).toBe(3);
  });
});
