import { isForeignKeyViolation } from '#common/db/errors.ts';
import type { AgentDirectory } from '../agent-registry/directory.ts';
import { findAgent, findAgentOf } from '../agent-registry/rows.ts';
import type { AgentService } from '../agent-registry/service.ts';
import type { View } from '../api/resource.ts';
import { errors } from '../errors.ts';
import type { Store } from '../store.ts';
import type { PoolRow } from '../tables.ts';
import { lbErrors } from './errors.ts';
import { agentLoads, agentOfPool, bindPool, poolRows, poolsOfAgent, poolsWithoutAgent } from './rows.ts';
import { poolViews } from './view.ts';

export const LB_AGENT = 'Loadbalancer agent';

export interface PoolAgentsDeps {
  readonly store: Store;
  readonly directory: AgentDirectory;
  readonly agents: AgentService;
}

/** Which agent balances which pool. */
export class PoolAgents {
  readonly #deps: PoolAgentsDeps;

  constructor(deps: PoolAgentsDeps) {
    this.#deps = deps;
  }

  /** Gives a new pool to the agent with the fewest. @throws ApiError 404 when none lives; the pool is in ERROR then */
  async choose(poolId: string): Promise<void> {
    const { store, directory } = this.#deps;
    const loads = await agentLoads(store.query);
    const [agent] = (await directory.ready(store.query, LB_AGENT)).toSorted(
      (a, b) => (loads.get(a.id) ?? 0) - (loads.get(b.id) ?? 0) || (a.host < b.host ? -1 : 1),
    );
    await store.write(async (db, told) => {
      if (agent) await bindPool(db, poolId, agent.id);
      else await poolRows.update(db, poolId, { status: 'ERROR', status_description: 'No eligible backend' });
      told.pools.add(poolId);
    });
    if (!agent) throw lbErrors.noEligibleBackend(poolId);
  }

  /** The pools of a host's agent. @param takeFree with those that nobody has, which it gets now */
  async poolsOn(host: string, takeFree: boolean): Promise<readonly PoolRow[]> {
    const { store } = this.#deps;
    const agent = await findAgentOf(store.query, LB_AGENT, host);
    if (!agent) return [];
    if (takeFree && agent.admin_state_up === 1)
      for (const { id } of await poolsWithoutAgent(store.query))
        await store
          .write((db) => bindPool(db, id, agent.id))
          .catch((error: unknown) => {
            // The pool is gone meanwhile.
            if (!isForeignKeyViolation(error)) throw error;
          });
    return poolsOfAgent(store.query, agent.id);
  }

  async poolsOf(agentId: string): Promise<readonly View[]> {
    const db = this.#deps.store.query;
    if (!(await findAgent(db, agentId))) throw errors.agentNotFound(agentId);
    return poolViews(db, await poolsOfAgent(db, agentId));
  }

  async agentOf(poolId: string): Promise<View | null> {
    const row = await agentOfPool(this.#deps.store.query, poolId);
    return row ? this.#deps.agents.view(row) : null;
  }
}
