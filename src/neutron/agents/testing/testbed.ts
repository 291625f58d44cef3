import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createMemoryBus } from '#common/bus/memory.ts';
import type { Bus } from '#common/bus/bus.ts';
import { systemClock } from '#common/clock.ts';
import { fromObject } from '#common/config/load.ts';
import type { HttpRequest, HttpTransport } from '#common/api/transport.ts';
import type { Daemon, DaemonEnv, RunningDaemon } from '#common/daemon.ts';
import { Ip } from '#common/host/ip.ts';
import { NetworkNamespaces } from '#common/host/netns.ts';
import { startOpenvswitch, stopOpenvswitch, type OpenVswitch } from '#common/host/openvswitch.ts';
import { OvsBridges } from '#common/host/ovs-bridges.ts';
import { run, type Run } from '#common/host/run.ts';
import { Supervisor } from '#common/host/supervisor.ts';
import { randomIds } from '#common/ids.ts';
import { createLogger, silentLogger } from '#common/telemetry/log.ts';
import { removeAllNetworkDevices } from '../cleanup.ts';
import { DEAD_VLAN, portPart } from '../names.ts';
import { FakePlugin } from './fake-plugin.ts';

/** A guest for which a namespace stands in, with `eth0` in the place of the tap's other side. */
export interface Guest {
  readonly netns: string;
  readonly portId: string;
}

/**
 * One host made of a network namespace, with a private Open vSwitch, a fake server and the real agents. Programs of the
 * agents run inside it, so that nothing of the machine's own network is touched.
 */
export class Testbed {
  readonly host: string;
  readonly bus: Bus;
  readonly plugin: FakePlugin;
  /** Requests that reached "Nova". */
  readonly metadataRequests: HttpRequest[] = [];
  readonly run: Run;
  readonly ip: Ip;
  readonly guests: Guest[] = [];
  readonly #namespaces = new NetworkNamespaces(run);
  readonly #daemons = new Map<string, RunningDaemon>();
  folder = '';
  ovs!: OpenVswitch;
  bridges!: OvsBridges;
  supervisor!: Supervisor;

  /** @param shared another host of the same cloud */
  constructor(name: string, shared?: Testbed) {
    this.bus = shared?.bus ?? createMemoryBus();
    this.plugin = shared?.plugin ?? new FakePlugin(this.bus);
    this.host = `igt-${name}-${process.pid}`;
    const enter = ['nsenter', `--net=/run/netns/${this.host}`];
    this.run = (argv, options) =>
      options?.netns === undefined ? run([...enter, ...argv], options) : run(argv, options);
    this.ip = new Ip(this.run);
  }

  async start(): Promise<void> {
    this.folder = await mkdtemp(join(tmpdir(), 'agents-'));
    await this.#namespaces.ensure(this.host);
    this.supervisor = new Supervisor({ folder: this.folder, run: this.run, log: silentLogger, intervalMs: 20 });
    const { folder, run: inside, supervisor, host } = this;
    this.ovs = await startOpenvswitch({ folder, run: inside, supervisor, hostname: host });
    this.bridges = await OvsBridges.connect(this.ovs.socket, silentLogger);
    await this.plugin.start(); // the first one does it
  }

  async startDaemon(
    daemon: Daemon,
    options: Parameters<typeof fromObject>[0] = {},
    program: Run = this.run,
  ): Promise<void> {
    const common = { DEFAULT: { state_path: this.folder }, ovs: { run_dir: this.folder } };
    const config = { values: [...fromObject(common, 'test').values, ...fromObject(options, 'test').values] };
    const log = process.env['TEST_LOG']
      ? createLogger('neutron', ({ level, name, message, error }) => console.log(level, name, message, error ?? ''))
      : silentLogger;
    const transport: HttpTransport = {
      request: async (request) => {
        this.metadataRequests.push(request);
        const { Readable } = await import('node:stream');
        const body = `metadata of ${request.headers?.['X-Instance-ID']}`;
        return {
          status: 200,
          headers: { 'content-type': 'text/plain' },
          text: async () => body,
          json: async <T>() => body as T,
          stream: Readable.from([body]),
        };
      },
    };
    const http = { listen: () => Promise.reject(new Error('agents open no TCP port')) };
    const env: DaemonEnv = {
      config,
      bus: this.bus,
      http,
      transport,
      log,
      run: program,
      clock: systemClock,
      ids: randomIds,
      host: this.host,
    };
    this.#daemons.set(daemon.name, await daemon.start(env));
  }

  async stopDaemon(name: string): Promise<void> {
    await this.#daemons.get(name)?.stop();
    this.#daemons.delete(name);
  }

  health(name: string) {
    return this.#daemons.get(name)!.health();
  }

  /** Does what a virt driver does for a hybrid port: tap, qbr, qvb/qvo, and the port on br-int. */
  async plugGuest(portId: string, mac: string): Promise<Guest> {
    const part = portPart(portId);
    const guest = { netns: `${this.host}-g${this.guests.length}`, portId };
    this.guests.push(guest);
    await this.#namespaces.ensure(guest.netns);
    await this.ip.ensureBridge(`qbr${part}`);
    await this.ip.batch([
      `link add qvb${part} type veth peer name qvo${part}`,
      `link set qvb${part} master qbr${part} promisc on up`,
      `link set qvo${part} promisc on up`,
      `link add tap${part} type veth peer name eth0 address ${mac} netns ${guest.netns}`,
      `link set tap${part} master qbr${part} up`,
    ]);
    await this.run(['ethtool', '-K', `qvb${part}`, 'tx', 'off']);
    await run(['ethtool', '-K', 'eth0', 'tx', 'off'], { netns: guest.netns });
    await this.ip.in(guest.netns).batch(['link set eth0 up']);
    await this.bridges.ensurePort('br-int', `qvo${part}`, {
      tag: DEAD_VLAN,
      externalIds: {
        'iface-id': portId,
        'iface-status': 'active',
        'attached-mac': mac,
        'vm-uuid': `instance-of-${portId}`,
      },
    });
    return guest;
  }

  async unplugGuest({ netns, portId }: Guest): Promise<void> {
    const part = portPart(portId);
    await this.bridges.deletePort(`qvo${part}`);
    await this.ip.deleteLinks([`qvo${part}`, `tap${part}`, `qbr${part}`]);
    await this.#namespaces.delete(netns);
  }

  async stop(): Promise<void> {
    for (const name of this.#daemons.keys()) await this.stopDaemon(name);
    await removeAllNetworkDevices({ run: this.run, statePath: this.folder, bridges: this.bridges });
    this.bridges.close();
    await this.plugin.stop();
    await stopOpenvswitch(this.supervisor);
    await this.supervisor.close();
    for (const { netns } of this.guests) await this.#namespaces.delete(netns);
    await this.#namespaces.delete(this.host);
    await this.bus.close();
    await rm(this.folder, { recursive: true });
  }
}
