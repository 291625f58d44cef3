import type { Server } from '#api/compute/servers.ts';
import type { FloatingIp, Network, Port, Router, Subnet } from '#api/network/networks.ts';
import { byVersion, called } from '../networks/names.ts';

/** A network, drawn as a bar. */
export interface Bar {
  readonly id: string;
  readonly network: Network;
  readonly cidrs: readonly string[];
}
/** Where a thing is connected to a network. */
export interface Plug {
  readonly network: string;
  readonly addresses: readonly string[];
}
interface Common {
  readonly id: string;
  readonly name: string;
  readonly plugs: readonly Plug[];
}
/** What hangs between and on networks. */
export type Device =
  | (Common & { readonly kind: 'router'; readonly router: Router })
  | (Common & { readonly kind: 'guest'; readonly guest: Server; readonly floating: readonly string[] })
  /** Many guests of the same networks. */
  | (Common & { readonly kind: 'stack'; readonly guests: readonly Server[] });

export interface Graph {
  readonly bars: readonly Bar[];
  readonly devices: readonly Device[];
}

export interface Cloud {
  readonly networks: readonly Network[];
  readonly subnets: readonly Subnet[];
  readonly ports: readonly Port[];
  readonly routers: readonly Router[];
  readonly floating: readonly FloatingIp[];
  readonly guests: readonly Server[];
}

/** With more guests than this, those of the same networks are drawn as one. */
const CROWD = 30;
/** Fewer of one kind are shown one by one even in a crowd. */
const STACK = 5;

/**
 * What is to be drawn.
 * @param filter words: things that have them all, and the networks of those things
 * @param unfolded ids of stacks whose guests are shown one by one
 */
export function graphOf(cloud: Cloud, filter: string, unfolded: ReadonlySet<string>): Graph {
  const bars = orderBars(cloud).map((network) => ({
    id: network.id,
    network,
    cidrs: cloud.subnets
      .filter(({ network_id }) => network_id === network.id)
      .toSorted(byVersion)
      .map(({ cidr }) => cidr),
  }));
  const known = new Set(bars.map(({ id }) => id));
  const routers = cloud.routers.map((router) => routerDevice(router, cloud.ports, known));
  const guests = guestDevices(cloud, known);
  const words = filter.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return { bars, devices: [...routers, ...stacked(guests, unfolded)] };
  const has = (...texts: readonly string[]): boolean => {
    const text = texts.join('\n').toLowerCase();
    return words.every((word) => text.includes(word));
  };
  const devices = [
    ...routers.filter((one) => has(one.name, ...addressesOf(one))),
    ...guests.filter((one) => has(one.name, one.guest.status, ...addressesOf(one), ...one.floating)),
  ];
  const touched = new Set(devices.flatMap(({ plugs }) => plugs.map(({ network }) => network)));
  return {
    bars: bars.filter(({ id, network, cidrs }) => touched.has(id) || has(called(network), ...cidrs)),
    devices: [...devices.filter(({ kind }) => kind === 'router'), ...stacked(devices.filter(isGuest), unfolded)],
  };
}

type Guest = Extract<Device, { kind: 'guest' }>;
const isGuest = (device: Device): device is Guest => device.kind === 'guest';
const addressesOf = ({ plugs }: Device): readonly string[] => plugs.flatMap(({ addresses }) => addresses);
const byName = (a: { readonly name: string }, b: { readonly name: string }): number =>
  a.name.localeCompare(b.name, undefined, { numeric: true });

/** External networks first, then those behind a router side by side, then what is on its own. */
function orderBars({ networks, ports, routers }: Cloud): readonly Network[] {
  const outside = networks.filter((network) => network['router:external']).toSorted(byName);
  const inside = networks.filter((network) => !network['router:external']).toSorted(byName);
  const order = new Set<Network>(outside);
  const leading = routers.toSorted(
    (a, b) => Number(b.external_gateway_info !== null) - Number(a.external_gateway_info !== null) || byName(a, b),
  );
  for (const router of leading) {
    const legs = new Set(
      ports.filter((port) => port.device_id === router.id && isLeg(port)).map(({ network_id }) => network_id),
    );
    for (const network of inside) if (legs.has(network.id)) order.add(network);
  }
  for (const network of inside) order.add(network);
  return [...order];
}
const isLeg = ({ device_owner }: Port): boolean => device_owner.startsWith('network:router_interface');

function routerDevice(
  router: Router,
  ports: readonly Port[],
  known: ReadonlySet<string>,
): Extract<Device, { kind: 'router' }> {
  const gateway = router.external_gateway_info;
  const plugs = [
    ...(gateway
      ? [
          {
            network: gateway.network_id,
            addresses: (gateway.external_fixed_ips ?? []).map(({ ip_address }) => ip_address),
          },
        ]
      : []),
    ...plugsOf(ports.filter((port) => port.device_id === router.id && isLeg(port))),
  ].filter(({ network }) => known.has(network));
  return { kind: 'router', id: router.id, name: called(router), plugs, router };
}

const plugsOf = (ports: readonly Port[]): readonly Plug[] =>
  [...Map.groupBy(ports, ({ network_id }) => network_id)].map(([network, some]) => ({
    network,
    addresses: some.flatMap(({ fixed_ips }) => fixed_ips.map(({ ip_address }) => ip_address)),
  }));

function guestDevices({ guests, ports, floating }: Cloud, known: ReadonlySet<string>): readonly Guest[] {
  const own = Map.groupBy(ports, ({ device_id }) => device_id);
  const outside = Map.groupBy(floating, ({ port_id }) => port_id ?? '');
  return guests.toSorted(byName).map((guest) => {
    const its = own.get(guest.id) ?? [];
    return {
      kind: 'guest',
      id: guest.id,
      name: called(guest),
      plugs: plugsOf(its).filter(({ network }) => known.has(network)),
      floating: its.flatMap(({ id }) => (outside.get(id) ?? []).map(({ floating_ip_address }) => floating_ip_address)),
      guest,
    };
  });
}

function stacked(guests: readonly Guest[], unfolded: ReadonlySet<string>): readonly Device[] {
  if (guests.length <= CROWD) return guests;
  const groups = Map.groupBy(
    guests,
    ({ plugs }) =>
      `stack:${plugs
        .map(({ network }) => network)
        .toSorted()
        .join('+')}`,
  );
  return [...groups].flatMap(([id, some]): readonly Device[] =>
    some.length <= STACK || unfolded.has(id)
      ? some
      : [
          {
            kind: 'stack',
            id,
            name: id,
            plugs: (some[0]?.plugs ?? []).map(({ network }) => ({ network, addresses: [] })),
            guests: some.map(({ guest }) => guest),
          },
        ],
  );
}

/** How many of a stack are in which state, the most first. */
export const statesOf = (guests: readonly Server[]): readonly (readonly [string, number])[] =>
  [...Map.groupBy(guests, ({ status }) => status)]
    .map(([status, some]) => [status, some.length] as const)
    .toSorted((a, b) => b[1] - a[1]);
