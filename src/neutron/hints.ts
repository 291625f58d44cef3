import type { Bus } from '#common/bus/bus.ts';
import type { Logger } from '#common/telemetry/log.ts';
import { Changes } from './changes.ts';
import { dhcpAgentRpc, l2AgentRpc, l3AgentRpc, loadBalancerAgentRpc, meteringAgentRpc } from './rpc.ts';

export interface HintsDeps {
  readonly bus: Bus;
  readonly log: Logger;
  /** Chooses agents for what a change left without one. */
  readonly schedule: (changes: Changes) => Promise<void>;
  /** There are events for Nova to be sent. */
  readonly novaEvents: () => void;
}

/** Tells agents what changed. A hint that is lost costs time, not truth: agents compare everything now and then. */
export class Hints {
  readonly #deps: HintsDeps;
  #waiting = new Changes();
  #flushing: Promise<void> | undefined;
  #closed = false;

  constructor(deps: HintsDeps) {
    this.#deps = deps;
  }

  /** Changes of requests that run at the same time go out together. */
  publish(changes: Changes): void {
    if (changes.empty || this.#closed) return;
    this.#waiting.add(changes);
    this.#flushing ??= this.#flush();
  }

  /** Resolves when everything published so far is out. */
  async settled(): Promise<void> {
    while (this.#flushing) await this.#flushing;
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.settled();
  }

  async #flush(): Promise<void> {
    // The rest of this turn's requests may join.
    await new Promise<void>((resolve) => setImmediate(resolve));
    const changes = this.#waiting;
    this.#waiting = new Changes();
    const { log, schedule, novaEvents } = this.#deps;
    if (changes.novaEvents) novaEvents();
    // First the choice of agents: the hints below then reach those that have something to do.
    await schedule(changes).catch((error: unknown) => log.error('No agents could be chosen', error));
    await this.#tell(changes).catch((error: unknown) =>
      log.warn('Agents could not be told of a change; they find it at their next full comparison', error),
    );
    this.#flushing = this.#waiting.empty ? undefined : this.#flush();
  }

  async #tell(changes: Changes): Promise<void> {
    const { bus } = this.#deps;
    const l2 = bus.client(l2AgentRpc);
    const deleted = changes.deletedPorts;
    const ports = [...changes.ports].filter((id) => !deleted.has(id));
    if (ports.length > 0) await l2.fanout('portsChanged', { portIds: ports });
    if (deleted.size > 0) await l2.fanout('portsDeleted', { portIds: [...deleted] });
    for (const networkId of changes.deletedNetworks) await l2.fanout('networkDeleted', { networkId });
    if (changes.securityGroups.size > 0)
      await l2.fanout('securityGroupsChanged', { groupIds: [...changes.securityGroups] });
    for (const tunnelType of changes.tunnelTypes) await l2.fanout('tunnelEndpointsChanged', { tunnelType });
    if (changes.dhcpNetworks.size > 0)
      await bus.client(dhcpAgentRpc).fanout('networksChanged', { networkIds: [...changes.dhcpNetworks] });
    if (changes.routers.size > 0)
      await bus.client(l3AgentRpc).fanout('routersChanged', { routerIds: [...changes.routers] });
    if (changes.firewallProjects.size > 0)
      await bus.client(l3AgentRpc).fanout('firewallsChanged', { projectIds: [...changes.firewallProjects] });
    // Which traffic of a router counts depends on its gateway.
    if (changes.meteringLabels.size > 0 || changes.routers.size > 0)
      await bus.client(meteringAgentRpc).fanout('metersChanged', {});
    if (changes.pools.size > 0)
      await bus.client(loadBalancerAgentRpc).fanout('poolsChanged', { poolIds: [...changes.pools] });
  }
}
