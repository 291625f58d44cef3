import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { ensureFolder, readIfExists, writeFileAtomic, writeFileIfChanged } from '#common/host/files.ts';
import { Ip } from '#common/host/ip.ts';
import type { Run } from '#common/host/run.ts';
import { Supervisor } from '#common/host/supervisor.ts';
import type { Logger } from '#common/telemetry/log.ts';
import type { DhcpNetwork } from '../../rpc.ts';
import type { PluginClient } from '../heartbeat.ts';
import { MetadataProxy, type MetadataListener } from '../metadata-proxy.ts';
import { deviceName, dhcpNamespace } from '../names.ts';
import { OwnedNamespaces } from '../owned-namespaces.ts';
import { Plugger } from '../plug.ts';
import { PartialFailure } from '../reconciler.ts';
import type { HostSwitch } from '../switch.ts';
import { eachOf } from '../each-of.ts';
import {
  isIsolated,
  needsRestart,
  planDnsmasq,
  servedSubnets,
  type DnsmasqPlan,
  type DnsmasqSettings,
} from './dnsmasq.ts';

export interface DhcpAgentDeps {
  readonly host: string;
  readonly run: Run;
  readonly ovs: HostSwitch;
  readonly plugin: PluginClient;
  readonly log: Logger;
  readonly integrationBridge: string;
  readonly dnsmasq: DnsmasqSettings;
  /** The metadata agent's socket. */
  readonly metadataSocket: string;
}

/** One namespace and one dnsmasq per network; metadata for networks without a router. */
export class DhcpAgent {
  readonly #deps: DhcpAgentDeps;
  readonly #namespaces: OwnedNamespaces;
  readonly #plugger: Plugger;
  readonly #supervisor: Supervisor;
  readonly #metadata: MetadataProxy;
  readonly #networks = new Map<string, DhcpNetwork>();
  #renewed = false;

  constructor(deps: DhcpAgentDeps) {
    const { run, log, dnsmasq, ovs, metadataSocket } = deps;
    this.#deps = deps;
    this.#namespaces = new OwnedNamespaces(run, join(dnsmasq.folder, '.namespaces'));
    this.#plugger = new Plugger(run, ovs);
    this.#supervisor = new Supervisor({ folder: join(dnsmasq.folder, '.processes'), run, log });
    this.#metadata = new MetadataProxy({ folder: join(dnsmasq.folder, '.metadata'), socket: metadataSocket, run, log });
  }

  async all(): Promise<void> {
    const { networks } = await this.#deps.plugin.call('dhcpNetworks', { host: this.#deps.host });
    const wanted = new Map(networks.filter(isServed).map((network) => [network.id, network]));
    const stale = (await this.#namespaces.list())
      .map((name) => name.slice(dhcpNamespace('').length))
      .filter((id) => !wanted.has(id));
    await this.#bring([...wanted.keys(), ...stale], wanted);
  }

  async some(networkIds: ReadonlySet<string>): Promise<void> {
    const { plugin, host } = this.#deps;
    const wanted = new Map<string, DhcpNetwork>();
    for (const networkId of networkIds) {
      const { network } = await plugin.call('dhcpNetwork', { host, networkId });
      if (network && isServed(network)) wanted.set(networkId, network);
    }
    await this.#bring([...networkIds], wanted);
  }

  /** Leaves everything running. */
  async close(): Promise<void> {
    await Promise.all([this.#supervisor.close(), this.#metadata.close()]);
  }

  counts(): { networks: number; subnets: number; ports: number } {
    const networks = [...this.#networks.values()];
    return {
      networks: networks.length,
      subnets: networks.reduce((sum, { subnets }) => sum + subnets.length, 0),
      ports: networks.reduce((sum, { ports }) => sum + ports.length, 0),
    };
  }

  /** These networks become as wanted; those that are not in `wanted` go. */
  async #bring(ids: readonly string[], wanted: ReadonlyMap<string, DhcpNetwork>): Promise<void> {
    const failures = await eachOf(ids, async (id) => {
      const network = wanted.get(id);
      if (!network) return;
      await this.#serve(network);
      this.#networks.set(id, network);
    });
    const gone = ids.filter((id) => !wanted.has(id));
    for (const id of gone) this.#networks.delete(id);
    // Before namespaces go: the proxy's sockets would keep them alive.
    const trouble: unknown = await this.#serveMetadata().catch((error: unknown) => error);
    for (const [id, error] of await eachOf(gone, (id) => this.#remove(id))) failures.set(id, error);
    if (failures.size > 0) throw new PartialFailure(failures);
    if (trouble) throw trouble as Error;
  }

  async #serve(network: DhcpNetwork): Promise<void> {
    const { run, integrationBridge, dnsmasq } = this.#deps;
    const { id, mac, fixedIps } = network.dhcpPort;
    const netns = dhcpNamespace(network.id);
    const device = deviceName('tap', id);
    if (await this.#namespaces.ensure(netns)) {
      this.#renewed = true;
      await this.#supervisor.stop(processName(network.id)); // one that runs still listens in an older namespace
    }
    await this.#plugger.unplug((await this.#plugger.pluggedInto(netns)).filter((name) => name !== device));
    await this.#plugger.plug({
      bridge: integrationBridge,
      device,
      portId: id,
      mac,
      netns,
      mtu: network.mtu,
      integration: true,
    });
    const ip = new Ip(run, netns);
    const metadata = this.#isolated(network) ? ['169.254.169.254/16'] : [];
    await ip.ensureAddresses(device, [...fixedIps.map((fixed) => `${fixed.ip}/${fixed.prefixLength}`), ...metadata]);
    const gateway = servedSubnets(network).find(({ ipVersion, gatewayIp }) => ipVersion === 4 && gatewayIp)?.gatewayIp;
    await ip.ensureRoutes(gateway ? [{ to: 'default', via: gateway, dev: device }] : []);
    await this.#runDnsmasq(network.id, netns, planDnsmasq(network, device, dnsmasq));
  }

  async #runDnsmasq(networkId: string, netns: string, { argv, pidFile, folder, files }: DnsmasqPlan): Promise<void> {
    await ensureFolder(folder);
    for (const [name, content] of Object.entries(files)) await writeFileIfChanged(join(folder, name), content);
    // What dnsmasq knows for sure; kept in a file, so that dying between writing and telling does no harm.
    const told = (await readIfExists(join(folder, 'told'))) ?? '{}';
    const program = { name: processName(networkId), argv, netns, pidFile };
    if (told === JSON.stringify(files)) return void (await this.#supervisor.ensure(program));
    const { host = '' } = JSON.parse(told) as Partial<DnsmasqPlan['files']>;
    if (needsRestart(host, files.host)) await this.#supervisor.restart(program);
    else {
      await this.#supervisor.ensure(program);
      this.#supervisor.signal(program.name, 'SIGHUP');
    }
    await writeFileAtomic(join(folder, 'told'), JSON.stringify(files));
  }

  #isolated(network: DhcpNetwork): boolean {
    return this.#deps.dnsmasq.isolatedMetadata && servedSubnets(network).some(isIsolated);
  }

  async #serveMetadata(): Promise<void> {
    const listeners: MetadataListener[] = [...this.#networks.values()]
      .filter((network) => this.#isolated(network))
      .map(({ id }) => ({ netns: dhcpNamespace(id), port: 80, header: 'X-Neutron-Network-ID', id }));
    await this.#metadata.listen(listeners, this.#renewed);
    this.#renewed = false;
  }

  async #remove(networkId: string): Promise<void> {
    const netns = dhcpNamespace(networkId);
    await this.#supervisor.stop(processName(networkId));
    await this.#plugger.unplug(await this.#plugger.pluggedInto(netns));
    await this.#namespaces.delete(netns);
    await rm(join(this.#deps.dnsmasq.folder, networkId), { recursive: true, force: true });
  }
}

const processName = (networkId: string): string => `dnsmasq-${networkId}`;
const isServed = (network: DhcpNetwork): boolean => network.adminStateUp && servedSubnets(network).length > 0;
