import type {
  FloatingIp,
  Network,
  Port,
  Router,
  SecurityGroup,
  SecurityGroupRule,
  Subnet,
} from '#api/network/networks.ts';
import { parseIp } from '../networks/address.ts';
import { covers, type Match } from '../security-groups/rule.ts';

/** What a person sees of the network. */
export interface Surroundings {
  readonly ports: readonly Port[];
  readonly routers: readonly Router[];
  readonly subnets: readonly Subnet[];
  readonly groups: readonly SecurityGroup[];
  readonly floating: readonly FloatingIp[];
}

export type Obstacle =
  | { readonly kind: 'noRouter'; readonly cidr: string }
  | { readonly kind: 'noGateway' | 'otherPool'; readonly router: Router }
  | { readonly kind: 'taken'; readonly by: string };

/** An address inside that a floating IP could stand for. */
export interface Candidate {
  /** Unique: a port may have several addresses. */
  readonly key: string;
  readonly port: Port;
  readonly address: string;
  /** Why it cannot be; null when it can. */
  readonly obstacle: Obstacle | null;
}

/** Routers with a leg in a subnet, with that leg's address. */
const routersIn = (subnet: string, { ports, routers }: Surroundings): readonly { router: Router; address: string }[] =>
  ports
    .filter(({ device_owner }) => device_owner.startsWith('network:router_interface'))
    .flatMap((port) =>
      port.fixed_ips
        .filter(({ subnet_id }) => subnet_id === subnet)
        .flatMap(({ ip_address: address }) => {
          const router = routers.find(({ id }) => id === port.device_id);
          return router ? [{ router, address }] : [];
        }),
    );

function wayOut(subnet: string, pool: string, around: Surroundings): Obstacle | null {
  const all = routersIn(subnet, around).map(({ router }) => router);
  if (all.some(({ external_gateway_info }) => external_gateway_info?.network_id === pool)) return null;
  const other = all.find(({ external_gateway_info }) => external_gateway_info !== null);
  if (other) return { kind: 'otherPool', router: other };
  if (all[0]) return { kind: 'noGateway', router: all[0] };
  return { kind: 'noRouter', cidr: around.subnets.find(({ id }) => id === subnet)?.cidr ?? subnet.slice(0, 8) };
}

/** All IPv4 addresses of instances' and free ports, those that the pool can reach first. */
export function candidates(pool: Pick<Network, 'id'>, around: Surroundings): readonly Candidate[] {
  const found = around.ports
    .filter(({ device_owner }) => device_owner === '' || device_owner.startsWith('compute:'))
    .flatMap((port) =>
      port.fixed_ips
        .filter(({ ip_address }) => parseIp(ip_address)?.version === 4)
        .map(({ ip_address: address, subnet_id }): Candidate => {
          const has = around.floating.find(
            (one) => one.port_id === port.id && one.fixed_ip_address === address && one.floating_network_id === pool.id,
          );
          return {
            key: `${port.id} ${address}`,
            port,
            address,
            obstacle: has ? { kind: 'taken', by: has.floating_ip_address } : wayOut(subnet_id, pool.id, around),
          };
        }),
    );
  return found.toSorted((a, b) => Number(a.obstacle !== null) - Number(b.obstacle !== null));
}

/** One thing that must be so for packets to arrive. */
export type Check =
  | { readonly id: 'associated' | 'instance' | 'port' | 'floating'; readonly verdict: 'ok' | 'bad' }
  | { readonly id: 'router' | 'gateway'; readonly verdict: 'ok' | 'bad'; readonly router: Router | null }
  /** The instance's answers leave by another way than they came. */
  | { readonly id: 'answers'; readonly verdict: 'ok' | 'partly'; readonly gateway: string | null }
  | { readonly id: 'ssh' | 'ping'; readonly verdict: 'ok' | 'bad' }
  | { readonly id: 'ssh' | 'ping'; readonly verdict: 'partly'; readonly from: readonly string[] };

const ingress: Omit<Match, 'protocol' | 'port_range_min' | 'port_range_max'> = {
  direction: 'ingress',
  ethertype: 'IPv4',
  remote_ip_prefix: null,
  remote_group_id: null,
};
const wanted: Readonly<Record<'ssh' | 'ping', Match>> = {
  ssh: { ...ingress, protocol: 'tcp', port_range_min: 22, port_range_max: 22 },
  ping: { ...ingress, protocol: 'icmp', port_range_min: 8, port_range_max: null },
};

/** Whether the port's groups let it in from anywhere, from some addresses, or not at all. */
function admission(id: 'ssh' | 'ping', port: Port, groups: readonly SecurityGroup[]): Check {
  if (port.port_security_enabled === false) return { id, verdict: 'ok' };
  const rules = groups.filter((group) => port.security_groups.includes(group.id)).flatMap(rulesIn);
  if (rules.some((rule) => covers(rule, wanted[id]))) return { id, verdict: 'ok' };
  const from = rules
    .filter((rule) => rule.remote_ip_prefix !== null && covers({ ...rule, remote_ip_prefix: null }, wanted[id]))
    .flatMap(({ remote_ip_prefix }) => remote_ip_prefix ?? []);
  return from.length > 0 ? { id, verdict: 'partly', from } : { id, verdict: 'bad' };
}
const rulesIn = ({ security_group_rules }: SecurityGroup): readonly SecurityGroupRule[] => security_group_rules;

/**
 * What there is between a floating IP and its instance, from the outside in: everything that must be so.
 * @param instanceStatus of the port's instance, when it has one that is known
 */
export function checks(
  floating: FloatingIp,
  around: Surroundings,
  instanceStatus: string | undefined,
): readonly Check[] {
  const port = around.ports.find(({ id }) => id === floating.port_id);
  if (floating.port_id === null || !port)
    return [{ id: 'associated', verdict: floating.port_id === null ? 'bad' : 'ok' }];
  const router = around.routers.find(({ id }) => id === floating.router_id) ?? null;
  const subnetId = port.fixed_ips.find(({ ip_address }) => ip_address === floating.fixed_ip_address)?.subnet_id ?? '';
  const gateway = around.subnets.find(({ id }) => id === subnetId)?.gateway_ip;
  const leg = routersIn(subnetId, around).find((one) => one.router.id === router?.id)?.address;
  const is = (ok: boolean): 'ok' | 'bad' => (ok ? 'ok' : 'bad');
  return [
    { id: 'associated', verdict: 'ok' },
    { id: 'floating', verdict: is(floating.status === 'ACTIVE') },
    { id: 'router', verdict: is(router?.admin_state_up === true && router.status === 'ACTIVE'), router },
    {
      id: 'gateway',
      verdict: is(router?.external_gateway_info?.network_id === floating.floating_network_id),
      router,
    },
    ...(gateway !== undefined && leg !== undefined
      ? [{ id: 'answers' as const, verdict: gateway === leg ? ('ok' as const) : ('partly' as const), gateway }]
      : []),
    ...(instanceStatus === undefined ? [] : [{ id: 'instance' as const, verdict: is(instanceStatus === 'ACTIVE') }]),
    { id: 'port', verdict: is(port.admin_state_up && port.status === 'ACTIVE') },
    admission('ping', port, around.groups),
    admission('ssh', port, around.groups),
  ];
}

export type Reachable = 'unused' | 'yes' | 'partly' | 'no';

/** All checks in one word: without a way in or an answer `no`; what groups or routes restrict `partly`. */
export function verdictOf(all: readonly Check[]): Reachable {
  if (all.some(({ id, verdict }) => id === 'associated' && verdict === 'bad')) return 'unused';
  const bad = all.filter(({ verdict }) => verdict === 'bad').map(({ id }) => id);
  if (bad.some((id) => id !== 'ssh' && id !== 'ping')) return 'no';
  if (bad.length === 2) return 'no';
  return bad.length === 1 || all.some(({ verdict }) => verdict === 'partly') ? 'partly' : 'yes';
}
