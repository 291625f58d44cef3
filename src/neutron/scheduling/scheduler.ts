import { isDuplicateKey, isForeignKeyViolation } from '#common/db/errors.ts';
import type { Logger } from '#common/telemetry/log.ts';
import { configurationsOf, type AgentDirectory } from '../agent-registry/directory.ts';
import { agentsOfType } from '../agent-registry/rows.ts';
import type { Store } from '../store.ts';
import type { AgentRow } from '../tables.ts';
import { releaseDhcpPorts } from './dhcp-ports.ts';
import {
  bindNetwork,
  bindRouter,
  boundRouters,
  dhcpBindingsOf,
  dhcpLoads,
  l3Loads,
  networksLackingDhcp,
  networksOfAgent,
  routersWithoutAgent,
  unbindNetwork,
  unbindRouter,
} from './rows.ts';

export interface SchedulerDeps {
  readonly store: Store;
  readonly directory: AgentDirectory;
  readonly log: Logger;
  /** `dhcp_agents_per_network` */
  readonly dhcpAgentsPerNetwork: number;
  /** `network_auto_schedule`, `router_auto_schedule`: whether an agent that starts takes what nobody serves. */
  readonly networkAutoSchedule: boolean;
  readonly routerAutoSchedule: boolean;
  /** `allow_automatic_dhcp_failover`, `allow_automatic_l3agent_failover` */
  readonly dhcpFailover: boolean;
  readonly l3Failover: boolean;
}

const dhcp = 'DHCP agent';
const l3 = 'L3 agent';

/** Which agent serves which network and runs which router: the one with the least to do. */
export class Scheduler {
  readonly #deps: SchedulerDeps;

  constructor(deps: SchedulerDeps) {
    this.#deps = deps;
  }

  /** Gives networks to DHCP agents, as far as they lack them and agents are alive. */
  async scheduleNetworks(networkIds?: readonly string[]): Promise<void> {
    const { store, directory, dhcpAgentsPerNetwork: wanted } = this.#deps;
    const lacking = await networksLackingDhcp(store.query, wanted, networkIds);
    if (lacking.length === 0) return;
    const agents = await directory.ready(store.query, dhcp);
    if (agents.length === 0) return;
    const loads = new Map(await dhcpLoads(store.query));
    const bound = await dhcpBindingsOf(
      store.query,
      lacking.map(({ id }) => id),
    );
    for (const { id } of lacking) {
      const have = bound.filter((binding) => binding.network_id === id);
      const free = agents.filter((agent) => !have.some((binding) => binding.agent_id === agent.id));
      const places = Array.from({ length: wanted }, (_, index) => index + 1).filter(
        (place) => !have.some((binding) => binding.binding_index === place),
      );
      for (const place of places) {
        const agent = leastLoaded(free, loads);
        if (!agent) break;
        free.splice(free.indexOf(agent), 1);
        loads.set(agent.id, (loads.get(agent.id) ?? 0) + 1);
        await this.#quietly(async () => {
          await store.write(async (db, told) => {
            if (await bindNetwork(db, id, agent.id, place)) told.dhcpNetworks.add(id);
          });
        });
      }
    }
  }

  /** Gives routers to L3 agents, as far as they have none. */
  async scheduleRouters(routerIds?: readonly string[]): Promise<void> {
    const { store, directory } = this.#deps;
    const lacking = await routersWithoutAgent(store.query, routerIds);
    if (lacking.length === 0) return;
    const agents = await directory.ready(store.query, l3);
    const loads = new Map(await l3Loads(store.query));
    for (const { id, external } of lacking) {
      const agent = leastLoaded(
        agents.filter((one) => fits(one, external)),
        loads,
      );
      if (!agent) continue;
      loads.set(agent.id, (loads.get(agent.id) ?? 0) + 1);
      await this.#quietly(async () => {
        await store.write(async (db, told) => {
          if (await bindRouter(db, id, agent.id)) told.routers.add(id);
        });
      });
    }
  }

  /** An agent has started or is back: it takes what nobody serves, and looks at what it has. */
  async agentReady(agent: AgentRow): Promise<void> {
    const { networkAutoSchedule, routerAutoSchedule } = this.#deps;
    if (agent.agent_type === dhcp && networkAutoSchedule) await this.scheduleNetworks();
    if (agent.agent_type === l3 && routerAutoSchedule) await this.scheduleRouters();
  }

  /** Takes work from agents that are dead, and gives it to living ones; without a living one all stays. */
  async rescheduleFromDead(): Promise<void> {
    const { dhcpFailover, l3Failover } = this.#deps;
    if (dhcpFailover) await this.#freeNetworks();
    if (l3Failover) await this.#freeRouters();
  }

  async #freeNetworks(): Promise<void> {
    const { store, log } = this.#deps;
    for (const dead of await this.#deadWithHeirs(dhcp)) {
      const networks = await networksOfAgent(store.query, dead.id);
      if (networks.length === 0) continue;
      log.warn(`The DHCP agent on ${dead.host} is silent: its ${networks.length} networks go to others`);
      for (const { id } of networks)
        await store.write(async (db, told) => {
          if (await unbindNetwork(db, id, dead.id)) told.dhcpNetworks.add(id);
          await releaseDhcpPorts(db, id, dead.host);
        });
      await this.scheduleNetworks(networks.map(({ id }) => id));
    }
  }

  async #freeRouters(): Promise<void> {
    const { store, log } = this.#deps;
    for (const dead of await this.#deadWithHeirs(l3)) {
      const routers = await boundRouters(store.query, dead.id);
      if (routers.length === 0) continue;
      log.warn(`The L3 agent on ${dead.host} is silent: its ${routers.length} routers go to others`);
      for (const { router_id } of routers)
        await store.write(async (db, told) => {
          if (await unbindRouter(db, router_id, dead.id)) told.routers.add(router_id);
        });
      await this.scheduleRouters(routers.map(({ router_id }) => router_id));
    }
  }

  async #deadWithHeirs(type: string): Promise<readonly AgentRow[]> {
    const { store, directory } = this.#deps;
    const agents = await agentsOfType(store.query, type);
    const living = agents.some((agent) => agent.admin_state_up === 1 && directory.isAlive(agent));
    return living ? agents.filter((agent) => !directory.isAlive(agent)) : [];
  }

  /** Another server was faster, or the thing is gone meanwhile: both are fine. */
  async #quietly(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (!isDuplicateKey(error) && !isForeignKeyViolation(error)) throw error;
      this.#deps.log.debug('Scheduling lost a race', { reason: (error as Error).message });
    }
  }
}

function leastLoaded(agents: readonly AgentRow[], loads: ReadonlyMap<string, number>): AgentRow | undefined {
  return agents.toSorted((a, b) => (loads.get(a.id) ?? 0) - (loads.get(b.id) ?? 0) || (a.host < b.host ? -1 : 1))[0];
}

/** An agent may serve one external network only, or only routers with a gateway. */
function fits(agent: AgentRow, external: string | null): boolean {
  const { gateway_external_network_id: only, handle_internal_only_routers: internal } = configurationsOf(agent);
  if (external === null) return internal !== false;
  return typeof only !== 'string' || only === '' || only === external;
}
