import type { AgentDirectory } from '../agent-registry/directory.ts';
import { findAgentOf } from '../agent-registry/rows.ts';
import type { Changes } from '../changes.ts';
import { groupBy } from '../list-rows.ts';
import type { QuotaService } from '../quotas/service.ts';
import type { FirewallSpec, RouterFirewall } from '../rpc.ts';
import { routersOfAgent } from '../scheduling/rows.ts';
import type { Db, Store } from '../store.ts';
import type { FirewallRow, FirewallRuleRow } from '../tables.ts';
import { firewallErrors } from './errors.ts';
import {
  clearRouterState,
  firewallRows,
  renewFirewalls,
  routerStates,
  rulesOfPolicies,
  runningRouters,
  setRouterState,
  unsettledFirewalls,
} from './rows.ts';

export interface FirewallStatesDeps {
  readonly store: Store;
  readonly quotas: QuotaService;
  readonly directory: AgentDirectory;
}

/**
 * Firewalls between the API and the routers that enforce them. A change makes a firewall PENDING; it is ACTIVE, or gone, when
 * all routers of its project that run on living agents said that they enforce it, or do not any more. Without such a router
 * a new firewall waits for the first.
 */
export class FirewallStates {
  readonly #deps: FirewallStatesDeps;

  constructor(deps: FirewallStatesDeps) {
    this.#deps = deps;
  }

  /** The firewalls of a policy are enforced anew. @throws ApiError 409 when one of them is on its way already */
  async changed(db: Db, told: Changes, policyId: string): Promise<void> {
    const firewalls = await firewallRows.by(db, 'firewall_policy_id', [policyId]);
    for (const firewall of firewalls) refusePending(firewall);
    await renewFirewalls(
      db,
      firewalls.map(({ id }) => id),
    );
    for (const { project_id } of firewalls) told.firewallProjects.add(project_id);
  }

  /** What the routers of projects are to enforce. */
  async specs(projectIds: readonly string[]): Promise<readonly FirewallSpec[]> {
    const { store } = this.#deps;
    // Routers and agents come and go without a word from those that are left: every question is an occasion to look.
    await store.write((db, told) => this.settle(db, told));
    const rows = (await firewallRows.by(store.query, 'project_id', projectIds)).filter(
      ({ status }) => status !== 'PENDING_DELETE',
    );
    const policies = rows.flatMap(({ firewall_policy_id }) => firewall_policy_id ?? []);
    const rules = groupBy(await rulesOfPolicies(store.query, policies), (rule) => rule.firewall_policy_id);
    return rows.map((row) => ({
      id: row.id,
      projectId: row.project_id,
      generation: row.generation,
      adminStateUp: row.admin_state_up === 1,
      rules: (rules.get(row.firewall_policy_id) ?? []).filter(({ enabled }) => enabled === 1).map(ruleSpec),
    }));
  }

  /** Takes in what routers of a host enforce. */
  async report(host: string, routers: readonly RouterFirewall[]): Promise<void> {
    await this.#deps.store.write(async (db, told) => {
      const agent = await findAgentOf(db, 'L3 agent', host);
      if (!agent) return;
      const own = new Set((await routersOfAgent(db, agent.id)).map(({ id }) => id));
      const named = routers.flatMap(({ firewallId }) => firewallId ?? []);
      const known = new Set((await firewallRows.by(db, 'id', [...new Set(named)])).map(({ id }) => id));
      for (const { routerId, firewallId, generation, applied } of routers) {
        if (!own.has(routerId)) continue;
        if (firewallId === null || !known.has(firewallId)) await clearRouterState(db, routerId);
        else
          await setRouterState(db, {
            router_id: routerId,
            firewall_id: firewallId,
            generation,
            applied: Number(applied),
          });
      }
      await this.settle(db, told);
    });
  }

  /** Ends what pends and has nobody left to wait for. */
  async settle(db: Db, told: Changes): Promise<void> {
    const { directory, quotas } = this.#deps;
    const pending = await unsettledFirewalls(db);
    if (pending.length === 0) return;
    const routers = (await runningRouters(db, [...new Set(pending.map(({ project_id }) => project_id))])).filter(
      (one) => directory.isAlive(one),
    );
    const states = await routerStates(
      db,
      pending.map(({ id }) => id),
    );
    for (const firewall of pending) {
      const waiting = routers.filter(({ project_id }) => project_id === firewall.project_id);
      const said = waiting.map(({ router_id }) =>
        states.find((state) => state.router_id === router_id && state.firewall_id === firewall.id),
      );
      if (firewall.status === 'PENDING_DELETE') {
        if (said.some((state) => state !== undefined)) continue;
        await firewallRows.remove(db, firewall.id);
        await quotas.giveBack(db, firewall.project_id, 'firewall');
        told.firewallProjects.add(firewall.project_id);
      } else if (said.length > 0 && said.every((state) => state?.generation === firewall.generation)) {
        const applied = said.every((state) => state?.applied === 1);
        await firewallRows.update(db, firewall.id, { status: applied ? enforced(firewall) : 'ERROR' });
      }
    }
  }
}

/** @throws ApiError 409 */
export function refusePending({ id, status }: FirewallRow): void {
  if (status.startsWith('PENDING')) throw firewallErrors.pending(id, status);
}

const enforced = ({ admin_state_up }: FirewallRow): string => (admin_state_up === 1 ? 'ACTIVE' : 'DOWN');

const ruleSpec = (row: FirewallRuleRow): FirewallSpec['rules'][number] => ({
  ipVersion: row.ip_version === 6 ? 6 : 4,
  protocol: row.protocol,
  source: row.source_ip_address,
  destination: row.destination_ip_address,
  sourcePort: row.source_port,
  destinationPort: row.destination_port,
  action: row.action === 'allow' ? 'allow' : 'deny',
});
