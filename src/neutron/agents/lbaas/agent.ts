import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { RpcClient } from '#common/bus/bus.ts';
import { ensureFolder, readIfExists, writeFileAtomic, writeFileIfChanged } from '#common/host/files.ts';
import { Ip } from '#common/host/ip.ts';
import type { Run } from '#common/host/run.ts';
import { Supervisor, type SupervisedProgram } from '#common/host/supervisor.ts';
import type { Logger } from '#common/telemetry/log.ts';
import type { LoadBalancerSpec, loadBalancerRpc, PoolStats } from '../../rpc.ts';
import { eachOf } from '../each-of.ts';
import { deviceName, loadBalancerNamespace } from '../names.ts';
import { OwnedNamespaces } from '../owned-namespaces.ts';
import { Plugger } from '../plug.ts';
import { PartialFailure } from '../reconciler.ts';
import type { HostSwitch } from '../switch.ts';
import { DRAIN_S, haproxyConfig, isServed } from './haproxy.ts';
import { askHaproxy, parseStats } from './stats.ts';

export interface LoadBalancerAgentDeps {
  readonly host: string;
  readonly run: Run;
  readonly ovs: HostSwitch;
  readonly plugin: RpcClient<(typeof loadBalancerRpc)['methods']>;
  readonly log: Logger;
  /** One folder per pool. */
  readonly folder: string;
  readonly group: string;
  readonly integrationBridge: string;
}

/** One namespace and one haproxy per pool that has a VIP. */
export class LoadBalancerAgent {
  readonly #deps: LoadBalancerAgentDeps;
  readonly #namespaces: OwnedNamespaces;
  readonly #plugger: Plugger;
  readonly #supervisor: Supervisor;
  /** Pools that are balanced. */
  readonly #served = new Set<string>();
  /** Pool → what the server was told of its traffic. */
  readonly #told = new Map<string, string>();

  constructor(deps: LoadBalancerAgentDeps) {
    const { run, log, ovs, folder } = deps;
    this.#deps = deps;
    this.#namespaces = new OwnedNamespaces(run, join(folder, '.namespaces'));
    this.#plugger = new Plugger(run, ovs);
    this.#supervisor = new Supervisor({ folder: join(folder, '.processes'), run, log });
  }

  async all(): Promise<void> {
    const { plugin, host } = this.#deps;
    const { pools } = await plugin.call('pools', { host });
    const prefix = loadBalancerNamespace('').length;
    const left = (await this.#namespaces.list()).map((name) => name.slice(prefix));
    await this.#bring(new Set([...pools.map(({ id }) => id), ...left]), pools);
  }

  async some(poolIds: ReadonlySet<string>): Promise<void> {
    const { plugin, host } = this.#deps;
    const { pools } = await plugin.call('pools', { host, poolIds: [...poolIds] });
    await this.#bring(poolIds, pools);
  }

  /** Tells the server what haproxy counted and whom it reaches; once per change. */
  async reportStats(): Promise<void> {
    const { plugin, host, log } = this.#deps;
    const news: PoolStats[] = [];
    const failures = await eachOf([...this.#served], async (id) => {
      const stats = parseStats(id, await askHaproxy(this.#socket(id)));
      if (stats && this.#told.get(id) !== JSON.stringify(stats)) news.push(stats);
    });
    for (const [id, error] of failures) log.debug(`haproxy of pool ${id} says nothing`, { reason: String(error) });
    if (news.length === 0) return;
    await plugin.cast('poolStats', { host, pools: news });
    for (const stats of news) this.#told.set(stats.poolId, JSON.stringify(stats));
  }

  /** Leaves everything running. */
  close(): Promise<void> {
    return this.#supervisor.close();
  }

  get instances(): number {
    return this.#served.size;
  }

  /** These pools become as the list says; those that it leaves out go. */
  async #bring(ids: ReadonlySet<string>, list: readonly LoadBalancerSpec[]): Promise<void> {
    const { plugin, host } = this.#deps;
    const wanted = new Map(list.map((pool) => [pool.id, pool]));
    const present = new Set(await this.#namespaces.list());
    const failures = await eachOf([...ids], async (id) => {
      const pool = wanted.get(id);
      // What its probes say is told again: a member that was changed is judged anew.
      this.#told.delete(id);
      if (!pool || !isServed(pool)) {
        if (present.has(loadBalancerNamespace(id))) await this.#remove(id);
        return;
      }
      await this.#serve(pool);
      this.#served.add(id);
    });
    const states = list.map(({ id, generation }) => {
      const failure = failures.get(id);
      if (failure === undefined) return { poolId: id, generation, status: 'ACTIVE' as const };
      const reason = failure instanceof Error ? failure.message : String(failure);
      return { poolId: id, generation, status: 'ERROR' as const, reason };
    });
    if (states.length > 0) await plugin.cast('poolStates', { host, pools: states });
    if (failures.size > 0) throw new PartialFailure(failures);
  }

  async #serve(pool: LoadBalancerSpec & { readonly vip: NonNullable<LoadBalancerSpec['vip']> }): Promise<void> {
    const { run, integrationBridge, group } = this.#deps;
    const { port } = pool.vip;
    const netns = loadBalancerNamespace(pool.id);
    const device = deviceName('tap', port.id);
    // One that runs still listens in an older namespace.
    if (await this.#namespaces.ensure(netns)) await this.#supervisor.stop(processName(pool.id));
    await this.#plugger.unplug((await this.#plugger.pluggedInto(netns)).filter((name) => name !== device));
    const { id: portId, mac, mtu } = port;
    await this.#plugger.plug({ bridge: integrationBridge, device, portId, mac, netns, mtu, integration: true });
    const ip = new Ip(run, netns);
    const added = await ip.ensureAddresses(
      device,
      port.fixedIps.map((fixed) => `${fixed.ip}/${fixed.prefixLength}`),
    );
    for (const cidr of added) this.#announce(netns, device, cidr);
    const gateway = port.subnets.find(({ gatewayIp }) => gatewayIp && !gatewayIp.includes(':'))?.gatewayIp;
    await ip.ensureRoutes(gateway ? [{ to: 'default', via: gateway, dev: device }] : []);
    await this.#balance(pool.id, netns, haproxyConfig(pool, { socket: this.#socket(pool.id), group }));
  }

  async #balance(poolId: string, netns: string, config: string): Promise<void> {
    const folder = join(this.#deps.folder, poolId);
    await ensureFolder(folder);
    const [file, pidFile, running] = ['conf', 'pid', 'running'].map((name) => join(folder, name)) as [
      string,
      string,
      string,
    ];
    await writeFileIfChanged(file, config);
    const program: SupervisedProgram = {
      name: processName(poolId),
      argv: ['haproxy', '-D', '-p', pidFile, '-f', file],
      netns,
      pidFile,
    };
    // What haproxy has for sure; in a file, so that dying between writing and telling does no harm.
    const current = (await readIfExists(running)) === config;
    if (current) return void (await this.#supervisor.ensure(program));
    await this.#supervisor.succeed(program, {
      argv: ({ pid }) => ['-sf', String(pid), '-x', this.#socket(poolId)],
      farewell: 'SIGUSR1',
      patienceMs: (DRAIN_S + 5) * 1_000,
    });
    await writeFileAtomic(running, config);
  }

  async #remove(poolId: string): Promise<void> {
    const netns = loadBalancerNamespace(poolId);
    this.#served.delete(poolId);
    await this.#supervisor.stop(processName(poolId));
    await this.#plugger.unplug(await this.#plugger.pluggedInto(netns));
    await rm(join(this.#deps.folder, poolId), { recursive: true, force: true });
    // Last: while it is there, we know that there is something to remove.
    await this.#namespaces.delete(netns);
  }

  /** Tells the neighbours where the address is now. It takes a second, so nobody waits for it. */
  #announce(netns: string, device: string, cidr: string): void {
    const { run, log } = this.#deps;
    const [address = ''] = cidr.split('/');
    if (address.includes(':')) return;
    run(['arping', '-U', '-c', '1', '-w', '1', '-I', device, address], { netns, ok: [0, 1, 2] }).catch(
      (error: unknown) => log.warn(`${address} could not be announced`, error),
    );
  }

  #socket(poolId: string): string {
    return join(this.#deps.folder, poolId, 'sock');
  }
}

const processName = (poolId: string): string => `haproxy-${poolId}`;
