import type { LoadBalancerSpec } from '../../rpc.ts';

/** Seconds that a replaced haproxy may take to end its connections. */
export const DRAIN_S = 60;

export interface HaproxySettings {
  /** Where it answers questions about its state. */
  readonly socket: string;
  /** The group that it runs as. */
  readonly group: string;
}

type Served = LoadBalancerSpec & { readonly vip: NonNullable<LoadBalancerSpec['vip']> };
type Monitor = LoadBalancerSpec['monitors'][number];

/** Whether there is something to balance. */
export const isServed = (spec: LoadBalancerSpec): spec is Served =>
  spec.adminStateUp && spec.vip !== null && spec.vip.adminStateUp;

const methods = { ROUND_ROBIN: 'roundrobin', LEAST_CONNECTIONS: 'leastconn', SOURCE_IP: 'source' } as const;

/** haproxy's configuration of one pool. What comes from users into it was checked to be single words by the API. */
export function haproxyConfig(pool: Served, { socket, group }: HaproxySettings): string {
  const { vip } = pool;
  const http = pool.protocol === 'HTTP';
  const mode = `  mode ${http ? 'http' : 'tcp'}`;
  const forwarded = http ? ['  option forwardfor'] : [];
  const check = checkOf(pool.monitors);
  const addresses = vip.port.fixedIps.map(({ ip }) => (ip.includes(':') ? `[${ip}]` : ip));
  return [
    'global',
    '  user nobody',
    `  group ${group}`,
    '  nbthread 1',
    `  maxconn ${Math.max(2000, vip.connectionLimit)}`,
    `  hard-stop-after ${DRAIN_S}s`,
    // The successor takes the listening sockets over by it: no connection is refused meanwhile.
    `  stats socket ${socket} mode 0600 level admin expose-fd listeners`,
    'defaults',
    '  retries 3',
    '  option redispatch',
    '  timeout connect 5000',
    '  timeout client 50000',
    '  timeout server 50000',
    `frontend ${vip.id}`,
    ...addresses.map((address) => `  bind ${address}:${vip.protocolPort}`),
    mode,
    `  default_backend ${pool.id}`,
    ...(vip.connectionLimit >= 0 ? [`  maxconn ${vip.connectionLimit}`] : []),
    ...forwarded,
    `backend ${pool.id}`,
    mode,
    `  balance ${methods[pool.method]}`,
    ...forwarded,
    ...check.lines,
    ...persistence(pool),
    ...pool.members
      .filter(({ adminStateUp }) => adminStateUp)
      .map(({ id, address, protocolPort, weight }) => {
        const place = `${address.includes(':') ? `[${address}]` : address}:${protocolPort}`;
        const cookie = byCookie(pool) ? ` cookie ${id}` : '';
        return `  server ${id} ${place} weight ${weight}${check.server}${cookie}`;
      }),
    '',
  ].join('\n');
}

const byCookie = ({ protocol, vip }: Served): boolean => protocol === 'HTTP' && vip.persistence?.type === 'HTTP_COOKIE';

function persistence(pool: Served): string[] {
  const { vip, protocol } = pool;
  if (vip.persistence?.type === 'SOURCE_IP') return ['  stick-table type ip size 10k', '  stick on src'];
  if (byCookie(pool)) return ['  cookie SRV insert indirect nocache'];
  const name = vip.persistence?.cookie_name;
  if (protocol !== 'HTTP' || name === undefined) return [];
  // The application's own cookie, as long as `appsession`, which haproxy has no more, remembered it.
  return [
    '  stick-table type string len 56 size 10k expire 3h',
    `  stick store-response res.cook(${name})`,
    `  stick match req.cook(${name})`,
  ];
}

/** Several monitors of a pool: the first decides how, as haproxy probes a server in one way. */
function checkOf([monitor]: readonly Monitor[]): { readonly lines: readonly string[]; readonly server: string } {
  if (!monitor) return { lines: [], server: '' };
  const { type, delay, timeout, maxRetries } = monitor;
  const often = ` check inter ${Math.max(1, delay)}s fall ${maxRetries}`;
  const wait = `  timeout check ${Math.max(1, timeout)}s`;
  if (type === 'TCP' || type === 'PING') return { lines: [wait], server: often };
  return {
    lines: [
      wait,
      `  option httpchk ${monitor.httpMethod.toUpperCase()} ${monitor.urlPath}`,
      `  http-check expect status ${monitor.expectedCodes.replace(/\s+/g, '')}`,
    ],
    server: `${often}${type === 'HTTPS' ? ' check-ssl verify none' : ''}`,
  };
}
