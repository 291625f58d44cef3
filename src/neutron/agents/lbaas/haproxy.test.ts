import { describe, expect, it } from 'vitest';
import type { LoadBalancerSpec } from '../../rpc.ts';
import { haproxyConfig, isServed } from './haproxy.ts';
import { parseStats } from './stats.ts';

const pool = {
  id: 'pool',
  generation: 1,
  protocol: 'HTTP',
  method: 'ROUND_ROBIN',
  adminStateUp: true,
  vip: {
    id: 'vip',
    protocolPort: 80,
    connectionLimit: -1,
    adminStateUp: true,
    persistence: null,
    port: {
      ...{ id: 'port', mac: 'fa:16:3e:00:00:01', mtu: 1450, subnets: [] },
      fixedIps: [{ subnetId: 's', ip: '10.0.0.9', prefixLength: 24 }],
    },
  },
  members: [
    { id: 'one', address: '10.0.0.1', protocolPort: 8080, weight: 3, adminStateUp: true },
    { id: 'off', address: '10.0.0.2', protocolPort: 8080, weight: 1, adminStateUp: false },
  ],
  monitors: [],
} as const satisfies LoadBalancerSpec;
type Served = Parameters<typeof haproxyConfig>[0];
const config = (over: Partial<Served> = {}, vip: Partial<Served['vip']> = {}): readonly string[] =>
  haproxyConfig({ ...pool, ...over, vip: { ...pool.vip, ...vip } }, { socket: '/s/sock', group: 'nogroup' })
    .split('\n')
    .map((line) => line.trim());
const monitor: Served['monitors'][number] = {
  ...{ id: 'm', type: 'HTTP', delay: 5, timeout: 3, maxRetries: 2 },
  ...{ httpMethod: 'get', urlPath: '/up', expectedCodes: '200, 202' },
};

describe('the configuration of haproxy', () => {
  it('is a frontend at the address of the VIP and a backend of the members that are up', () => {
    expect(config()).toEqual([
      ...['global', 'user nobody', 'group nogroup', 'nbthread 1', 'maxconn 2000', 'hard-stop-after 60s'],
      'stats socket /s/sock mode 0600 level admin expose-fd listeners',
      ...['defaults', 'retries 3', 'option redispatch', 'timeout connect 5000', 'timeout client 50000'],
      'timeout server 50000',
      ...['frontend vip', 'bind 10.0.0.9:80', 'mode http', 'default_backend pool', 'option forwardfor'],
      ...['backend pool', 'mode http', 'balance roundrobin', 'option forwardfor'],
      'server one 10.0.0.1:8080 weight 3',
      '',
    ]);
  });

  it('passes other protocols on as they are, spreads by the method, and keeps limits', () => {
    const tcp = config({ protocol: 'HTTPS', method: 'LEAST_CONNECTIONS' }, { connectionLimit: 5000 });
    expect(tcp.filter((line) => /mode (tcp|http)|forwardfor/.test(line))).toEqual(['mode tcp', 'mode tcp']);
    expect(tcp).toContain('balance leastconn');
    expect(tcp.filter((line) => line === 'maxconn 5000')).toHaveLength(2);
    expect(config({ method: 'SOURCE_IP' })).toContain('balance source');
  });

  it('remembers which member a client has', () => {
    expect(config({}, { persistence: { type: 'SOURCE_IP' } })).toContain('stick on src');
    const cookie = config({}, { persistence: { type: 'HTTP_COOKIE' } });
    expect(cookie).toContain('cookie SRV insert indirect nocache');
    expect(cookie).toContain('server one 10.0.0.1:8080 weight 3 cookie one');
    const app = { persistence: { type: 'APP_COOKIE', cookie_name: 'SID' } } as const;
    expect(config({}, app)).toContain('stick match req.cook(SID)');
    expect(config({ protocol: 'TCP' }, app).join()).not.toContain('SID');
  });

  it('probes members as the monitor says', () => {
    const http = config({ monitors: [monitor] });
    expect(http).toEqual(
      expect.arrayContaining(['timeout check 3s', 'option httpchk GET /up', 'http-check expect status 200,202']),
    );
    expect(http).toContain('server one 10.0.0.1:8080 weight 3 check inter 5s fall 2');
    const ping = config({ monitors: [{ ...monitor, type: 'PING', delay: 0 }] });
    expect(ping).toContain('server one 10.0.0.1:8080 weight 3 check inter 1s fall 2');
    expect(ping.join()).not.toContain('httpchk');
    expect(config({ monitors: [{ ...monitor, type: 'HTTPS' }] }).join()).toContain('check-ssl verify none');
  });

  it('is there only for a pool and a VIP that are up', () => {
    expect(isServed(pool)).toBe(true);
    expect(isServed({ ...pool, adminStateUp: false })).toBe(false);
    expect(isServed({ ...pool, vip: null })).toBe(false);
    expect(isServed({ ...pool, vip: { ...pool.vip, adminStateUp: false } })).toBe(false);
  });
});

describe('the statistics of haproxy', () => {
  it('are the traffic of the pool and the states of its members', () => {
    const csv = [
      '# pxname,svname,qcur,qmax,scur,smax,slim,stot,bin,bout,dreq,dresp,ereq,econ,eresp,wretr,wredis,status,weight',
      'vip,FRONTEND,,,1,2,2000,9,900,1800,0,0,0,,,,,OPEN,',
      'pool,one,0,0,0,1,,5,500,1000,,0,,0,0,0,0,UP 1/2,1',
      'pool,two,0,0,0,1,,4,400,800,,0,,0,0,0,0,DOWN,1',
      'pool,three,0,0,0,1,,4,400,800,,0,,0,0,0,0,no check,1',
      'pool,BACKEND,0,0,1,2,200,9,900,1800,0,0,,0,0,0,0,UP,2',
      '',
      '',
    ].join('\n');
    expect(parseStats('pool', csv)).toEqual({
      poolId: 'pool',
      stats: { bytes_in: 900, bytes_out: 1800, active_connections: 1, total_connections: 9 },
      members: [
        { id: 'one', status: 'ACTIVE' },
        { id: 'two', status: 'INACTIVE' },
        { id: 'three', status: 'ACTIVE' },
      ],
    });
    expect(parseStats('other', csv)).toBeUndefined();
  });
});
