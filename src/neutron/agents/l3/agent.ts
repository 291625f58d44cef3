import { join } from 'node:path';
import type { Run } from '#common/host/run.ts';
import type { Logger } from '#common/telemetry/log.ts';
import type { RpcClient } from '#common/bus/bus.ts';
import type { FirewallSpec, firewallRpc, RouterSpec } from '../../rpc.ts';
import { eachOf } from '../each-of.ts';
import type { PluginClient } from '../heartbeat.ts';
import { MetadataProxy, type MetadataListener } from '../metadata-proxy.ts';
import { routerNamespace } from '../names.ts';
import { OwnedNamespaces } from '../owned-namespaces.ts';
import { Plugger } from '../plug.ts';
import { PartialFailure } from '../reconciler.ts';
import type { HostSwitch } from '../switch.ts';
import { RouterWiring, type RouterWiringDeps } from './router-wiring.ts';

export interface L3AgentDeps {
  readonly host: string;
  readonly run: Run;
  readonly ovs: HostSwitch;
  readonly plugin: PluginClient;
  readonly log: Logger;
  /** Folder of this agent's files. */
  readonly folder: string;
  readonly integrationBridge: string;
  readonly externalBridge: string;
  /** Null: no metadata in the routers. */
  readonly metadata: { readonly port: number; readonly socket: string } | null;
  /** Null: projects' firewalls are not enforced here. */
  readonly firewalls: RpcClient<(typeof firewallRpc)['methods']> | null;
}

/** The routers of this host. */
export class L3Agent {
  readonly #deps: L3AgentDeps;
  readonly #wiringDeps: RouterWiringDeps;
  readonly #proxy: MetadataProxy | undefined;
  readonly #wirings = new Map<string, RouterWiring>();
  /** Routers that are wired. */
  readonly #routers = new Map<string, RouterSpec>();
  /** Floating IP → what the server was told of it. */
  readonly #told = new Map<string, string>();
  /** Router → which firewall the server was told that it enforces. */
  readonly #toldFirewalls = new Map<string, string>();
  #renewed = false;

  constructor(deps: L3AgentDeps) {
    const { run, log, folder, ovs, integrationBridge, externalBridge, metadata } = deps;
    this.#deps = deps;
    this.#wiringDeps = {
      ...{ run, log, integrationBridge, externalBridge, metadata },
      firewalls: deps.firewalls !== null,
      namespaces: new OwnedNamespaces(run, join(folder, '.namespaces')),
      plugger: new Plugger(run, ovs),
    };
    if (metadata)
      this.#proxy = new MetadataProxy({ folder: join(folder, '.metadata'), socket: metadata.socket, run, log });
  }

  async all(): Promise<void> {
    const { routers } = await this.#deps.plugin.call('routers', { host: this.#deps.host });
    // All is told again: a report that was lost is made up for.
    this.#toldFirewalls.clear();
    const stale = (await this.#wiringDeps.namespaces.list()).map((name) => name.slice(routerNamespace('').length));
    await this.#bring(new Set([...routers.map(({ id }) => id), ...stale]), routers);
  }

  async some(routerIds: ReadonlySet<string>): Promise<void> {
    const { routers } = await this.#deps.plugin.call('routers', { host: this.#deps.host, routerIds: [...routerIds] });
    await this.#bring(routerIds, routers);
  }

  /** Leaves everything running. */
  async close(): Promise<void> {
    await this.#proxy?.close();
  }

  /** Routers of these projects that run here: their firewall changed. */
  routersOf(projectIds: readonly string[]): readonly string[] {
    if (!this.#deps.firewalls) return [];
    return [...this.#routers.values()].filter(({ projectId }) => projectIds.includes(projectId)).map(({ id }) => id);
  }

  counts(): { routers: number; interfaces: number; floating_ips: number; ex_gw_ports: number } {
    const routers = [...this.#routers.values()];
    return {
      routers: routers.length,
      ex_gw_ports: routers.filter(({ gatewayPort }) => gatewayPort).length,
      interfaces: routers.reduce((sum, { interfaces }) => sum + interfaces.length, 0),
      floating_ips: routers.reduce((sum, { floatingIps }) => sum + floatingIps.length, 0),
    };
  }

  /** These routers become as the list says; those that it leaves out go. */
  async #bring(ids: ReadonlySet<string>, list: readonly RouterSpec[]): Promise<void> {
    const wanted = new Map(list.filter(({ adminStateUp }) => adminStateUp).map((router) => [router.id, router]));
    const firewalls = await this.#firewallsOf([...wanted.values()]);
    const failures = await eachOf([...ids], async (id) => {
      const router = wanted.get(id);
      if (!router) return;
      if (await this.#wiring(id).bring(router, firewalls.get(router.projectId) ?? null)) this.#renewed = true;
      this.#routers.set(id, router);
    });
    const gone = [...ids].filter((id) => !wanted.has(id));
    for (const id of gone) this.#routers.delete(id);
    // Before namespaces go: the proxy's sockets would keep them alive.
    const trouble: unknown = await this.#serveMetadata().catch((error: unknown) => error);
    for (const [id, error] of await eachOf(gone, (id) => this.#remove(id))) failures.set(id, error);
    await this.#tellFloatingIps([...wanted.values()], failures);
    await this.#tellFirewalls([...wanted.values()], firewalls, failures);
    if (failures.size > 0) throw new PartialFailure(failures);
    if (trouble) throw trouble as Error;
  }

  async #remove(id: string): Promise<void> {
    await this.#wiring(id).remove();
    this.#wirings.delete(id);
    this.#toldFirewalls.delete(id);
  }

  #wiring(id: string): RouterWiring {
    let wiring = this.#wirings.get(id);
    if (!wiring) this.#wirings.set(id, (wiring = new RouterWiring(id, this.#wiringDeps)));
    return wiring;
  }

  async #serveMetadata(): Promise<void> {
    const { metadata } = this.#deps;
    if (!metadata || !this.#proxy) return;
    const listeners: MetadataListener[] = [...this.#routers.keys()].map((id) => ({
      netns: routerNamespace(id),
      port: metadata.port,
      header: 'X-Neutron-Router-ID',
      id,
    }));
    await this.#proxy.listen(listeners, this.#renewed);
    this.#renewed = false;
  }

  /** By project. A router waits for the answer: without it, it would let through what a firewall drops. */
  async #firewallsOf(routers: readonly RouterSpec[]): Promise<ReadonlyMap<string, FirewallSpec>> {
    const client = this.#deps.firewalls;
    const projectIds = [...new Set(routers.map(({ projectId }) => projectId))];
    if (!client || projectIds.length === 0) return new Map();
    const { firewalls } = await client.call('firewalls', { host: this.#deps.host, projectIds });
    return new Map(firewalls.map((firewall) => [firewall.projectId, firewall]));
  }

  /** Once per change. */
  async #tellFirewalls(
    routers: readonly RouterSpec[],
    firewalls: ReadonlyMap<string, FirewallSpec>,
    failures: ReadonlyMap<string, unknown>,
  ): Promise<void> {
    if (!this.#deps.firewalls) return;
    const states = routers.map(({ id, projectId }) => {
      const firewall = firewalls.get(projectId);
      const applied = !failures.has(id);
      return { routerId: id, firewallId: firewall?.id ?? null, generation: firewall?.generation ?? 0, applied };
    });
    const news = states.filter((state) => this.#toldFirewalls.get(state.routerId) !== JSON.stringify(state));
    // One that could not be cleared of a firewall still has it: nothing to tell.
    const told = news.filter(({ firewallId, applied }) => firewallId !== null || applied);
    if (told.length > 0) await this.#deps.firewalls.cast('firewallStates', { host: this.#deps.host, routers: told });
    for (const state of told) this.#toldFirewalls.set(state.routerId, JSON.stringify(state));
  }

  /** Once per change; an ERROR is told when the router could not be wired. */
  async #tellFloatingIps(routers: readonly RouterSpec[], failures: ReadonlyMap<string, unknown>): Promise<void> {
    const states = routers.flatMap((router) =>
      router.floatingIps.map(({ id, fixedIp, floatingIp }) => {
        const status = failures.has(router.id)
          ? ('ERROR' as const)
          : router.gatewayPort
            ? ('ACTIVE' as const)
            : ('DOWN' as const);
        return { id, status, key: `${status} ${floatingIp} ${fixedIp} ${router.id}` };
      }),
    );
    const news = states.filter(({ id, key }) => this.#told.get(id) !== key);
    if (news.length > 0)
      await this.#deps.plugin.cast('floatingIpStatus', { floatingIps: news.map(({ id, status }) => ({ id, status })) });
    for (const { id, key } of news) this.#told.set(id, key);
    const known = new Set(
      [...this.#routers.values(), ...routers].flatMap(({ floatingIps }) => floatingIps.map(({ id }) => id)),
    );
    for (const id of this.#told.keys()) if (!known.has(id)) this.#told.delete(id);
  }
}
