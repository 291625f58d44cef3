import type { AgentService } from '../agent-registry/service.ts';
import { findAgent } from '../agent-registry/rows.ts';
import type { View } from '../api/resource.ts';
import { errors } from '../errors.ts';
import { findNetwork } from '../networks/rows.ts';
import { networkViews } from '../networks/view.ts';
import { findRouter } from '../routers/rows.ts';
import { routerViews } from '../routers/view.ts';
import type { Db, Store } from '../store.ts';
import type { AgentRow } from '../tables.ts';
import { releaseDhcpPorts } from './dhcp-ports.ts';
import {
  bindNetwork,
  bindRouter,
  dhcpAgentsOf,
  dhcpBindingsOf,
  l3AgentOf,
  networksOfAgent,
  routersOfAgent,
  unbindNetwork,
  unbindRouter,
} from './rows.ts';

/** An administrator's own choice of agents. */
export class AgentSchedules {
  readonly #store: Store;
  readonly #agents: AgentService;

  constructor({ store, agents }: { readonly store: Store; readonly agents: AgentService }) {
    this.#store = store;
    this.#agents = agents;
  }

  async networks(agentId: string): Promise<readonly View[]> {
    return networkViews(this.#store.query, await networksOfAgent(this.#store.query, agentId));
  }

  async dhcpAgents(networkId: string): Promise<readonly View[]> {
    return (await dhcpAgentsOf(this.#store.query, networkId)).map((row) => this.#agents.view(row));
  }

  addNetwork(agentId: string, networkId: string): Promise<void> {
    return this.#store.write(async (db, told) => {
      await usable(db, agentId, 'DHCP agent');
      if (!(await findNetwork(db, networkId))) throw errors.networkNotFound(networkId);
      const bound = await dhcpBindingsOf(db, [networkId]);
      const place = Math.max(0, ...bound.map((binding) => binding.binding_index)) + 1;
      if (!(await bindNetwork(db, networkId, agentId, place))) throw errors.networkHosted(networkId, agentId);
      told.dhcpNetworks.add(networkId);
    });
  }

  removeNetwork(agentId: string, networkId: string): Promise<void> {
    return this.#store.write(async (db, told) => {
      const agent = await known(db, agentId, 'DHCP agent');
      if (!(await unbindNetwork(db, networkId, agentId))) throw errors.networkNotHosted(networkId, agentId);
      await releaseDhcpPorts(db, networkId, agent.host);
      told.dhcpNetworks.add(networkId);
    });
  }

  async routers(agentId: string): Promise<readonly View[]> {
    return routerViews(this.#store.query, await routersOfAgent(this.#store.query, agentId));
  }

  async l3Agents(routerId: string): Promise<readonly View[]> {
    const row = await l3AgentOf(this.#store.query, routerId);
    return row ? [{ ...this.#agents.view(row), ha_state: null }] : [];
  }

  addRouter(agentId: string, routerId: string): Promise<void> {
    return this.#store.write(async (db, told) => {
      await usable(db, agentId, 'L3 agent');
      if (!(await findRouter(db, routerId))) throw errors.routerNotFound(routerId);
      const current = await l3AgentOf(db, routerId);
      if (current?.id === agentId) return;
      if (current) throw errors.routerHosted(routerId, current.id);
      await bindRouter(db, routerId, agentId);
      told.routers.add(routerId);
    });
  }

  removeRouter(agentId: string, routerId: string): Promise<void> {
    return this.#store.write(async (db, told) => {
      await known(db, agentId, 'L3 agent');
      if (!(await unbindRouter(db, routerId, agentId))) throw errors.routerNotHosted(routerId, agentId);
      told.routers.add(routerId);
    });
  }
}

async function known(db: Db, agentId: string, type: 'DHCP agent' | 'L3 agent'): Promise<AgentRow> {
  const agent = await findAgent(db, agentId);
  if (!agent) throw errors.agentNotFound(agentId);
  if (agent.agent_type !== type)
    throw type === 'L3 agent' ? errors.notAnL3Agent(agentId) : errors.notADhcpAgent(agentId);
  return agent;
}

async function usable(db: Db, agentId: string, type: 'DHCP agent' | 'L3 agent'): Promise<void> {
  const agent = await known(db, agentId, type);
  if (agent.admin_state_up !== 1)
    throw type === 'L3 agent' ? errors.notAnL3Agent(agentId) : errors.notADhcpAgent(agentId);
}
