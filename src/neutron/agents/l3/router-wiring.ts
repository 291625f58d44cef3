import { cutConnections } from '#common/host/conntrack.ts';
import { Ip, type Route } from '#common/host/ip.ts';
import { Iptables } from '#common/host/iptables.ts';
import type { Run } from '#common/host/run.ts';
import { setSysctls } from '#common/host/sysctl.ts';
import type { Logger } from '#common/telemetry/log.ts';
import type { FirewallSpec, RouterPort, RouterSpec } from '../../rpc.ts';
import { deviceName, routerNamespace } from '../names.ts';
import type { OwnedNamespaces } from '../owned-namespaces.ts';
import type { Plugger } from '../plug.ts';
import { firewallRules } from './firewall-rules.ts';
import { ownsRouterChain, routerRules, type MetadataRedirect } from './router-rules.ts';

export interface RouterWiringDeps {
  readonly run: Run;
  readonly log: Logger;
  readonly namespaces: OwnedNamespaces;
  readonly plugger: Plugger;
  readonly integrationBridge: string;
  /** '' when outer ports are plugged into br-int. */
  readonly externalBridge: string;
  readonly metadata: MetadataRedirect | null;
  /** Whether projects' firewalls are enforced. */
  readonly firewalls: boolean;
}

/** One router: its namespace, ports, addresses, routes and packet filter. */
export class RouterWiring {
  readonly #deps: RouterWiringDeps;
  readonly #netns: string;
  readonly #tables: Iptables;
  readonly #tables6: Iptables;
  #prepared = false;
  #floating: ReadonlyMap<string, string> = new Map();

  constructor(routerId: string, deps: RouterWiringDeps) {
    this.#deps = deps;
    this.#netns = routerNamespace(routerId);
    const common = { run: deps.run, netns: this.#netns, owns: ownsRouterChain };
    this.#tables = new Iptables(common);
    this.#tables6 = new Iptables({ ...common, family: 6 });
  }

  /** Brings the machine to what the router is to be. Idempotent. Says whether its namespace was made now. */
  async bring(router: RouterSpec, firewall: FirewallSpec | null): Promise<boolean> {
    const { run, namespaces, plugger, metadata, firewalls } = this.#deps;
    const netns = this.#netns;
    const made = await namespaces.ensure(netns);
    if (made || !this.#prepared) await setSysctls(run, forwarding, netns);
    this.#prepared = true;
    const devices = new Map(portsOf(router).map(({ device, port }) => [device, port]));
    await plugger.unplug((await plugger.pluggedInto(netns)).filter((device) => !devices.has(device)));
    for (const [device, port] of devices) await this.#plug(device, port);
    // The filter first: no moment in which an address answers untranslated.
    await this.#tables.apply(routerRules(router, metadata, firewall));
    if (firewalls) await this.#tables6.apply(firewall ? { filter: firewallRules(6, firewall) } : {});
    const ip = new Ip(run, netns);
    for (const [device, port] of devices) {
      const added = await ip.ensureAddresses(device, addressesOf(port, device.startsWith('qg-') ? router : undefined));
      this.#announce(device, added);
    }
    await ip.ensureRoutes(routesOf(router));
    await this.#cutReleased(router);
    return made;
  }

  /** Takes everything away. Idempotent. */
  async remove(): Promise<void> {
    const { plugger, namespaces } = this.#deps;
    await plugger.unplug(await plugger.pluggedInto(this.#netns));
    await namespaces.delete(this.#netns);
  }

  #plug(device: string, { id, mac, mtu }: RouterPort): Promise<void> {
    const { plugger, integrationBridge, externalBridge } = this.#deps;
    const outside = device.startsWith('qg-') && externalBridge !== '';
    const bridge = outside ? externalBridge : integrationBridge;
    return plugger.plug({ bridge, device, portId: id, mac, netns: this.#netns, mtu, integration: !outside });
  }

  /** Tells the neighbours where the address is now. It takes a second, so nobody waits for it. */
  #announce(device: string, cidrs: readonly string[]): void {
    const { run, log } = this.#deps;
    for (const cidr of cidrs) {
      const [address = ''] = cidr.split('/');
      if (address.includes(':')) continue;
      // Status 1: nobody answered, as it should be.
      run(['arping', '-U', '-c', '1', '-w', '1', '-I', device, address], { netns: this.#netns, ok: [0, 1, 2] }).catch(
        (error: unknown) => log.warn(`${address} could not be announced`, error),
      );
    }
  }

  /** Connections by a floating IP that is no longer the guest's end with it. */
  async #cutReleased({ floatingIps, gatewayPort }: RouterSpec): Promise<void> {
    const now = new Map(gatewayPort ? floatingIps.map(({ floatingIp, fixedIp }) => [floatingIp, fixedIp]) : []);
    const released = [...this.#floating].filter(([floatingIp, fixedIp]) => now.get(floatingIp) !== fixedIp);
    await cutConnections(
      this.#deps.run,
      released.flatMap(([floatingIp, fixedIp]) => [
        { family: 4 as const, destination: floatingIp },
        { family: 4 as const, source: fixedIp },
      ]),
      this.#netns,
    );
    this.#floating = now;
  }
}

const forwarding = {
  'net.ipv4.ip_forward': 1,
  'net.ipv4.conf.all.rp_filter': 0,
  'net.ipv4.conf.default.rp_filter': 0,
  'net.ipv6.conf.all.forwarding': 1,
};

const portsOf = ({ interfaces, gatewayPort }: RouterSpec): { device: string; port: RouterPort }[] => [
  ...interfaces.map((port) => ({ device: deviceName('qr-', port.id), port })),
  ...(gatewayPort ? [{ device: deviceName('qg-', gatewayPort.id), port: gatewayPort }] : []),
];

const addressesOf = ({ fixedIps }: RouterPort, outer: RouterSpec | undefined): string[] => [
  ...fixedIps.map(({ ip, prefixLength }) => `${ip}/${prefixLength}`),
  ...(outer?.floatingIps ?? []).map(({ floatingIp }) => `${floatingIp}/32`),
];

function routesOf({ gatewayPort, routes }: RouterSpec): Route[] {
  const extra = routes.filter(({ destination }) => !destination.includes(':'));
  const gateway = gatewayPort?.subnets.find(
    ({ id, gatewayIp }) =>
      gatewayIp && !gatewayIp.includes(':') && gatewayPort.fixedIps.some(({ subnetId }) => subnetId === id),
  )?.gatewayIp;
  const viaGateway = gateway ? [{ to: 'default', via: gateway, dev: deviceName('qg-', gatewayPort.id) }] : [];
  const hasDefault = extra.some(({ destination }) => destination === '0.0.0.0/0');
  return [
    ...(hasDefault ? [] : viaGateway),
    ...extra.map(({ destination, nexthop }) => ({ to: destination, via: nexthop })),
  ];
}
