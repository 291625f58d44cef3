import { inParts } from '../list-rows.ts';
import { PlainRows } from '../plain-rows.ts';
import type { Db } from '../store.ts';
import type { AgentRow, FirewallRow, FirewallRuleRow } from '../tables.ts';
import { firewallPolicyResource, firewallResource, firewallRuleResource } from './schema.ts';

export const firewallRows = new PlainRows({
  table: 'firewalls',
  resource: firewallResource,
  nullable: ['firewall_policy_id'],
});
export const policyRows = new PlainRows({
  table: 'firewall_policies',
  resource: firewallPolicyResource,
  shareable: true,
});
export const ruleRows = new PlainRows({
  table: 'firewall_rules',
  resource: firewallRuleResource,
  shareable: true,
  nullable: [
    ...['firewall_policy_id', 'protocol', 'source_ip_address', 'destination_ip_address', 'source_port'],
    ...['destination_port', 'position'],
  ],
});

/** In their order. */
export const rulesOfPolicies = (db: Db, policyIds: readonly string[]): Promise<FirewallRuleRow[]> =>
  inParts(policyIds, (part) =>
    db
      .selectFrom('firewall_rules')
      .selectAll()
      .where('firewall_policy_id', 'in', part)
      .orderBy('firewall_policy_id')
      .orderBy('position')
      .execute(),
  );

/** The policy has exactly these rules, in this order. */
export async function placeRules(db: Db, policyId: string, ruleIds: readonly string[]): Promise<void> {
  await db
    .updateTable('firewall_rules')
    .set({ firewall_policy_id: null, position: null })
    .where('firewall_policy_id', '=', policyId)
    .execute();
  for (const [index, id] of ruleIds.entries())
    await db
      .updateTable('firewall_rules')
      .set({ firewall_policy_id: policyId, position: index + 1 })
      .where('id', '=', id)
      .execute();
}

/** What routers enforce of these firewalls is old. */
export async function renewFirewalls(db: Db, ids: readonly string[]): Promise<void> {
  if (ids.length > 0)
    await db
      .updateTable('firewalls')
      .set((eb) => ({ status: 'PENDING_UPDATE', generation: eb('generation', '+', 1) }))
      .where('id', 'in', ids)
      .execute();
}

/** Those that wait for routers, and those that a router could not enforce yet. Held until the transaction ends. */
export const unsettledFirewalls = (db: Db): Promise<FirewallRow[]> =>
  db
    .selectFrom('firewalls')
    .selectAll()
    .where('status', 'not in', ['ACTIVE', 'DOWN'])
    .orderBy('id')
    .forUpdate()
    .execute();

/** The routers of projects that are to run, with the agent that runs each. */
export const runningRouters = (
  db: Db,
  projectIds: readonly string[],
): Promise<(Pick<AgentRow, 'heartbeat_timestamp'> & { readonly router_id: string; readonly project_id: string })[]> =>
  inParts(projectIds, (part) =>
    db
      .selectFrom('routers')
      .innerJoin('routerl3agentbindings as binding', 'binding.router_id', 'routers.id')
      .innerJoin('agents', 'agents.id', 'binding.agent_id')
      .select(['routers.id as router_id', 'routers.project_id', 'agents.heartbeat_timestamp'])
      .where('routers.project_id', 'in', part)
      .where('routers.admin_state_up', '=', 1)
      .execute(),
  );

export interface RouterState {
  readonly router_id: string;
  readonly firewall_id: string;
  readonly generation: number;
  readonly applied: number;
}

export const routerStates = (db: Db, firewallIds: readonly string[]): Promise<RouterState[]> =>
  inParts(firewallIds, (part) =>
    db.selectFrom('routerfirewalls').selectAll().where('firewall_id', 'in', part).execute(),
  );

export async function setRouterState(db: Db, state: RouterState): Promise<void> {
  await db
    .insertInto('routerfirewalls')
    .values(state)
    .onConflict((c) =>
      c.column('router_id').doUpdateSet((eb) => ({
        firewall_id: eb.ref('excluded.firewall_id'),
        generation: eb.ref('excluded.generation'),
        applied: eb.ref('excluded.applied'),
      })),
    )
    .execute();
}

export async function clearRouterState(db: Db, routerId: string): Promise<void> {
  await db.deleteFrom('routerfirewalls').where('router_id', '=', routerId).execute();
}
