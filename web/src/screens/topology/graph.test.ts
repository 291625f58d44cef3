import { describe, expect, it } from 'vitest';
import { graphOf, statesOf, type Cloud } from './graph.ts';
import { cloud, guest, leg, network, plug, port, router } from './testing.ts';

const none: ReadonlySet<string> = new Set();
const small = cloud({
  networks: [network('b-alone'), network('lan'), network('dmz'), network('public', true)],
  routers: [router('edge', 'public'), router('inner', null)],
  ports: [leg('edge', 'lan'), leg('inner', 'lan'), leg('inner', 'dmz'), plug('web-2', 'lan'), plug('web-10', 'dmz')],
  guests: [guest('web-10', 'ERROR'), guest('web-2'), guest('nowhere')],
});
const drawn = (some: Cloud, filter = '', unfolded = none) => {
  const { bars, devices } = graphOf(some, filter, unfolded);
  return { bars: bars.map(({ id }) => id), devices: devices.map(({ id }) => id) };
};
const crowd = (count: number): Cloud =>
  cloud({
    networks: [network('lan'), network('dmz')],
    guests: Array.from({ length: count }, (_, at) => guest(`web-${at}`, at % 4 === 0 ? 'SHUTOFF' : 'ACTIVE')),
    ports: Array.from({ length: count }, (_, at) => plug(`web-${at}`, at < 3 ? 'dmz' : 'lan')),
  });

describe('the picture of the network', () => {
  it('has the outside first, networks of one router side by side, lonely ones last', () => {
    expect(drawn(small)).toEqual({
      bars: ['public', 'lan', 'dmz', 'b-alone'],
      devices: ['edge', 'inner', 'nowhere', 'web-2', 'web-10'],
    });
  });
  it('knows what is plugged in where, and the addresses outside', () => {
    const { devices } = graphOf(
      {
        ...small,
        floating: [
          {
            id: 'f1',
            floating_ip_address: '192.0.2.9',
            fixed_ip_address: '10.0.0.5',
            floating_network_id: 'public',
            port_id: 'web-2@lan',
            router_id: 'edge',
            status: 'ACTIVE',
            tenant_id: 'p1',
          },
        ],
      },
      '',
      none,
    );
    expect(devices[0]?.plugs).toEqual([
      { network: 'public', addresses: [] },
      { network: 'lan', addresses: ['10.0.0.1'] },
    ]);
    expect(devices.find(({ id }) => id === 'web-2')).toMatchObject({
      plugs: [{ network: 'lan', addresses: ['10.0.0.5'] }],
      floating: ['192.0.2.9'],
    });
  });
  it('leaves out networks that nobody here may see', () => {
    const hidden = { ...small, ports: [...small.ports, port('web-2', 'compute:nova', 'secret', '10.9.9.9')] };
    const { devices } = graphOf(hidden, '', none);
    expect(devices.find(({ id }) => id === 'web-2')?.plugs.map((one) => one.network)).toEqual(['lan']);
  });
  it('is filtered by name, address and state', () => {
    expect(drawn(small, 'error')).toEqual({ bars: ['dmz'], devices: ['web-10'] });
    expect(drawn(small, '10.0.0.1')).toEqual({ bars: ['public', 'lan', 'dmz'], devices: ['edge', 'inner'] });
    expect(drawn(small, 'alone')).toEqual({ bars: ['b-alone'], devices: [] });
  });
});

describe('a crowd of guests', () => {
  it('becomes one thing for each set of networks; a few stay as they are', () => {
    expect(drawn(crowd(30)).devices).toHaveLength(30);
    const { devices } = graphOf(crowd(200), '', none);
    expect(devices.map(({ id }) => id)).toEqual(['web-0', 'web-1', 'web-2', 'stack:lan']);
    const stack = devices.at(-1);
    expect(stack?.kind === 'stack' && statesOf(stack.guests)).toEqual([
      ['ACTIVE', 148],
      ['SHUTOFF', 49],
    ]);
  });
  it('is shown one by one when asked for', () => {
    expect(drawn(crowd(200), '', new Set(['stack:lan'])).devices).toHaveLength(200);
  });
});
