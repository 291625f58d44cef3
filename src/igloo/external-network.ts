import { Ip } from '#common/host/ip.ts';
import { Iptables, type RuleSet } from '#common/host/iptables.ts';
import type { Run } from '#common/host/run.ts';
import { setSysctls } from '#common/host/sysctl.ts';

/**
 * The outside world of a cloud on one machine: the bridge `br-ex` carries the external network's gateway address on this
 * host, and the host translates what leaves through its other interfaces. In a cloud of many machines `br-ex` has a real
 * network card instead and none of this is used.
 */
export interface ExternalNetwork {
  /** `172.24.4.0/24` */
  readonly cidr: string;
  /** The host's address on it: the routers' gateway. */
  readonly gateway: string;
  readonly poolStart: string;
  readonly poolEnd: string;
}

const BRIDGE = 'br-ex';
const CHAIN = 'igloo-external';

const ofPrefix = (prefix: string): ExternalNetwork => ({
  cidr: `${prefix}.0/24`,
  gateway: `${prefix}.1`,
  poolStart: `${prefix}.10`,
  poolEnd: `${prefix}.250`,
});

const numeric = (ip: string): number => ip.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);

/** Whether two IPv4 networks share an address. */
export function overlaps(a: string, b: string): boolean {
  const range = (cidr: string): [number, number] => {
    const [ip = '', bits = '32'] = cidr.split('/');
    const size = 2 ** (32 - Number(bits));
    const start = Math.floor(numeric(ip) / size) * size;
    return [start, start + size];
  };
  const [x, y] = [range(a), range(b)];
  return x[0] < y[1] && y[0] < x[1];
}

/** The first candidate that collides with none of the host's networks. @throws Error when all do */
export function firstFree<T>(candidates: readonly T[], cidrOf: (one: T) => string, taken: readonly string[]): T {
  const free = candidates.find((one) => taken.every((cidr) => !overlaps(cidrOf(one), cidr)));
  if (free === undefined) throw new Error(`All of ${candidates.map(cidrOf).join(', ')} are in use on this machine`);
  return free;
}

/** The host's own IPv4 networks: addresses and routes, without a default route and without what is on `br-ex`. */
export async function hostNetworks(run: Run): Promise<string[]> {
  const ip = new Ip(run);
  const addresses = (await ip.addresses()).filter((one) => one.family === 4 && one.dev !== BRIDGE);
  const routes = (await ip.routes()).filter((one) => one.to !== 'default' && one.dev !== BRIDGE);
  return [...addresses.map((one) => one.cidr), ...routes.map((one) => one.to)];
}

/** Chosen so that neither the host's networks nor the other demo network can be hit. */
export const externalCandidates: readonly ExternalNetwork[] = [
  ...[4, 14, 24, 34].map((n) => ofPrefix(`172.24.${n}`)),
  ...[4, 14, 24].map((n) => ofPrefix(`10.124.${n}`)),
];
/** Tenant subnets for `demo-subnet`; the manual's first. */
export const tenantCandidates: readonly string[] = ['192.168.27.0/24', '192.168.127.0/24', '10.127.27.0/24'];

const rules = (cidr: string): RuleSet => ({
  nat: {
    // Not what only crosses a guest's bridge: those frames pass here too, and must keep their source.
    chains: { [CHAIN]: [`-s ${cidr} ! -o ${BRIDGE} -m physdev ! --physdev-is-bridged -j MASQUERADE`] },
    jumps: { POSTROUTING: [`-j ${CHAIN}`] },
  },
  filter: {
    // Docker and others set the policy of FORWARD to DROP: what is ours must pass before.
    chains: { [CHAIN]: [`-i ${BRIDGE} -j ACCEPT`, `-o ${BRIDGE} -j ACCEPT`] },
    jumps: { FORWARD: [`-j ${CHAIN}`] },
  },
});

const filter = (run: Run): Iptables => new Iptables({ run, owns: (chain) => chain === CHAIN });

/** Gives `br-ex` its address and lets its traffic out. Idempotent. The bridge must exist. */
export async function openExternalNetwork(run: Run, network: ExternalNetwork): Promise<void> {
  await new Ip(run).batch([`addr replace ${network.gateway}/24 dev ${BRIDGE}`, `link set ${BRIDGE} up`]);
  await setSysctls(run, { 'net.ipv4.ip_forward': 1 });
  await filter(run).apply(rules(network.cidr));
}

/** Takes the rules away; the address goes with the bridge. `ip_forward` stays: others may rely on it by now. */
export async function closeExternalNetwork(run: Run): Promise<void> {
  await filter(run).remove();
}
