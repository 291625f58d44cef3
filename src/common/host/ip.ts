import { output, type Run } from './run.ts';

export interface Link {
  readonly name: string;
  readonly index: number;
  readonly mac: string;
  /** Bytes. */
  readonly mtu: number;
  readonly up: boolean;
  /** The bridge it is a port of. */
  readonly master: string | undefined;
  /** `veth`, `bridge`, `tun` …; undefined for hardware. */
  readonly kind: string | undefined;
}

export interface Address {
  readonly dev: string;
  /** `10.0.0.2/24` */
  readonly cidr: string;
  readonly family: 4 | 6;
  readonly scope: string;
}

export interface Route {
  /** `10.1.0.0/16` or `default`. */
  readonly to: string;
  readonly via?: string;
  readonly dev?: string;
}

interface RawLink {
  readonly ifname: string;
  readonly ifindex: number;
  readonly address?: string;
  readonly mtu: number;
  readonly flags: readonly string[];
  readonly master?: string;
  readonly linkinfo?: { readonly info_kind?: string };
}
interface RawAddress {
  readonly ifname: string;
  readonly addr_info: readonly {
    readonly local: string;
    readonly prefixlen: number;
    readonly family: string;
    readonly scope: string;
  }[];
}
interface RawRoute {
  readonly dst: string;
  readonly gateway?: string;
  readonly dev?: string;
  readonly protocol?: string;
}

/** Links, addresses and routes of one network namespace, by iproute2's JSON output and its batch mode. */
export class Ip {
  readonly #run: Run;
  readonly #netns: string | undefined;

  constructor(run: Run, netns?: string) {
    this.#run = run;
    this.#netns = netns;
  }

  /** The same inside a namespace. */
  in(netns: string): Ip {
    return new Ip(this.#run, netns);
  }

  /** All links by name. */
  async links(): Promise<Map<string, Link>> {
    const raw = await this.#read<RawLink>('-d', 'link', 'show');
    return new Map(raw.map((link) => [link.ifname, toLink(link)]));
  }

  async link(name: string): Promise<Link | undefined> {
    return (await this.links()).get(name);
  }

  /** The addresses of one device, or of all. */
  async addresses(dev?: string): Promise<Address[]> {
    const raw = await this.#read<RawAddress>('address', 'show', ...(dev === undefined ? [] : ['dev', dev]));
    return raw.flatMap(({ ifname, addr_info }) =>
      addr_info.map(({ local, prefixlen, family, scope }) => ({
        dev: ifname,
        cidr: `${local}/${prefixlen}`,
        family: family === 'inet' ? (4 as const) : (6 as const),
        scope,
      })),
    );
  }

  /** The IPv4 routes of the main table that somebody set; those that come with an address are left out. */
  async routes(): Promise<Route[]> {
    const raw = await this.#read<RawRoute>('-4', 'route', 'show');
    return raw
      .filter(({ protocol }) => protocol !== 'kernel')
      .map(({ dst, gateway, dev }) => ({ to: normalCidr(dst), ...(gateway && { via: gateway }), ...(dev && { dev }) }));
  }

  /**
   * Runs lines of iproute2 (`addr add 10.0.0.1/24 dev x`) in one process, in order, up to the first that fails.
   * @throws CommandError with iproute2's words and the line number
   */
  async batch(lines: readonly string[]): Promise<void> {
    if (lines.length === 0) return;
    await this.#run([...this.#ip(), '-batch', '-'], { input: `${lines.join('\n')}\n` });
  }

  /** The device has exactly these addresses (kernel-made link-local ones of IPv6 apart). Says which were new. */
  async ensureAddresses(dev: string, cidrs: readonly string[]): Promise<string[]> {
    const present = (await this.addresses(dev))
      .filter(({ scope, family }) => !(family === 6 && scope === 'link'))
      .map(({ cidr }) => cidr);
    const added = cidrs.filter((cidr) => !present.includes(cidr));
    const gone = present.filter((cidr) => !cidrs.includes(cidr));
    await this.batch([
      ...gone.map((cidr) => `address del ${cidr} dev ${dev}`),
      ...added.map((cidr) => `address add ${cidr} ${cidr.includes(':') ? '' : 'brd + '}dev ${dev}`),
    ]);
    // With an address the kernel takes away the later ones of the same network: look again.
    if (gone.length > 0) await this.ensureAddresses(dev, cidrs);
    return added;
  }

  /** Exactly these IPv4 routes are set beside those that come with the addresses. */
  async ensureRoutes(wanted: readonly Route[]): Promise<void> {
    const present = await this.routes();
    const covered = (a: Route, b: Route): boolean =>
      normalCidr(a.to) === normalCidr(b.to) &&
      a.via === b.via &&
      (a.dev === undefined || b.dev === undefined || a.dev === b.dev);
    await this.batch([
      ...present
        .filter((route) => !wanted.some((other) => covered(other, route)))
        .map((route) => `route del ${words(route)}`),
      ...wanted
        .filter((route) => !present.some((other) => covered(route, other)))
        .map((route) => `route replace ${words(route)}`),
    ]);
  }

  /** A Linux bridge of that name exists and is up, forwarding at once (no spanning tree, no snooping). */
  async ensureBridge(name: string): Promise<void> {
    const link = await this.link(name);
    if (link?.up) return;
    const settings = 'type bridge forward_delay 0 stp_state 0 mcast_snooping 0';
    await this.batch([...(link ? [] : [`link add ${name} ${settings}`]), `link set ${name} up`]);
  }

  /**
   * A pair of veth devices exists. With `peerNetns` the other end is in that namespace (and may have the same name).
   * A pair that is half in place (its other end elsewhere) is made anew. Says whether it was made now.
   */
  async ensureVeth(
    name: string,
    peer: { readonly name: string; readonly netns?: string; readonly mac?: string },
  ): Promise<boolean> {
    const { far, here, there } = await this.#veth(name, peer);
    if (here?.kind === 'veth' && there?.kind === 'veth') return false;
    if (there) await far.batch([`link del ${peer.name}`]);
    const left = there ? await this.link(name) : here; // a pair goes with its other end
    const where = peer.netns === undefined ? '' : ` netns ${peer.netns}`;
    const mac = peer.mac === undefined ? '' : ` address ${peer.mac}`;
    await this.batch([
      ...(left ? [`link del ${name}`] : []),
      `link add ${name} type veth peer name ${peer.name}${mac}${where}`,
    ]);
    return true;
  }

  /** Whether both ends of such a pair are in place. */
  async hasVeth(name: string, peer: { readonly name: string; readonly netns?: string }): Promise<boolean> {
    const { here, there } = await this.#veth(name, peer);
    return here?.kind === 'veth' && there?.kind === 'veth';
  }

  /** Takes links away; absent ones are no error. */
  async deleteLinks(names: readonly string[]): Promise<void> {
    if (names.length === 0) return;
    // One by one in one process, going on after a failure: the end of a veth pair may go with the other.
    await this.#run([...this.#ip(), '-force', '-batch', '-'], {
      input: names.map((name) => `link del ${name}\n`).join(''),
      ok: [0, 1],
    });
    const left = await this.links();
    const stuck = names.find((name) => left.has(name));
    if (stuck !== undefined) await this.batch([`link del ${stuck}`]);
  }

  async #veth(name: string, peer: { readonly name: string; readonly netns?: string }) {
    const far = peer.netns === undefined ? this : this.in(peer.netns);
    const [here, there] = await Promise.all([this.link(name), far.link(peer.name)]);
    return { far, here, there };
  }

  #ip(): string[] {
    return this.#netns === undefined ? ['ip'] : ['ip', '-n', this.#netns];
  }

  async #read<T>(...args: readonly string[]): Promise<T[]> {
    const text = await output(this.#run, [...this.#ip(), '-j', ...args]);
    // iproute2 prints empty objects in the place of what its filter leaves out.
    return text === '' ? [] : (JSON.parse(text) as T[]).filter((item) => Object.keys(item as object).length > 0);
  }
}

const toLink = (raw: RawLink): Link => ({
  name: raw.ifname,
  index: raw.ifindex,
  mac: raw.address ?? '',
  mtu: raw.mtu,
  up: raw.flags.includes('UP'),
  master: raw.master,
  kind: raw.linkinfo?.info_kind,
});

/** iproute2 prints a host route without /32 and 0.0.0.0/0 as default. */
const normalCidr = (to: string): string => (to === '0.0.0.0/0' ? 'default' : to.replace(/\/32$/, ''));

const words = ({ to, via, dev }: Route): string =>
  `${to}${via === undefined ? '' : ` via ${via}`}${dev === undefined ? '' : ` dev ${dev}`}`;
