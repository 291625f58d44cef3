import { findAgentOf } from '../agent-registry/rows.ts';
import { groupBy } from '../list-rows.ts';
import type { MeteredRouter, MeteringLabelSpec } from '../rpc.ts';
import { routersOfAgent } from '../scheduling/rows.ts';
import type { Db } from '../store.ts';
import { labelsFor, rulesOf } from './rows.ts';

/** What the routers that the L3 agent of a host runs are to count. Five queries, however many. */
export async function metersOf(db: Db, host: string): Promise<readonly MeteredRouter[]> {
  const agent = await findAgentOf(db, 'L3 agent', host);
  if (!agent) return [];
  const routers = (await routersOfAgent(db, agent.id)).filter((router) => router.admin_state_up === 1);
  const rows = await labelsFor(db, [...new Set(routers.map((router) => router.project_id))]);
  const rules = groupBy(
    await rulesOf(
      db,
      rows.map(({ id }) => id),
    ),
    (rule) => rule.metering_label_id,
  );
  const specs = rows.map((row): MeteringLabelSpec & { readonly shared: boolean } => ({
    id: row.id,
    projectId: row.project_id,
    shared: row.shared === 1,
    rules: (rules.get(row.id) ?? []).map((rule) => ({
      direction: rule.direction as 'ingress' | 'egress',
      prefix: rule.remote_ip_prefix,
      excluded: rule.excluded === 1,
    })),
  }));
  return routers
    .map((router) => ({
      id: router.id,
      gatewayPortId: router.gw_port_id,
      labels: specs
        .filter((label) => label.shared || label.projectId === router.project_id)
        .map(({ id, projectId, rules: own }) => ({ id, projectId, rules: own })),
    }))
    .filter((router) => router.labels.length > 0);
}
