import type { View } from '../api/resource.ts';
import { groupBy } from '../list-rows.ts';
import type { Db } from '../store.ts';
import type { FirewallPolicyRow, FirewallRow, FirewallRuleRow, OwnedColumns } from '../tables.ts';
import { rulesOfPolicies } from './rows.ts';

const owned = ({ id, project_id }: OwnedColumns): View => ({ id, tenant_id: project_id, project_id });

export const firewallView = (row: FirewallRow): View => ({
  ...owned(row),
  name: row.name,
  description: row.description,
  admin_state_up: row.admin_state_up === 1,
  status: row.status,
  shared: row.shared === 1,
  firewall_policy_id: row.firewall_policy_id,
});

/** One query for any number of rows. */
export async function policyViews(db: Db, rows: readonly FirewallPolicyRow[]): Promise<readonly View[]> {
  const rules = groupBy(
    await rulesOfPolicies(
      db,
      rows.map(({ id }) => id),
    ),
    (rule) => rule.firewall_policy_id,
  );
  return rows.map((row) => ({
    ...owned(row),
    name: row.name,
    description: row.description,
    shared: row.shared === 1,
    firewall_rules: (rules.get(row.id) ?? []).map(({ id }) => id),
    audited: row.audited === 1,
  }));
}

export const ruleView = (row: FirewallRuleRow): View => ({
  ...owned(row),
  name: row.name,
  description: row.description,
  firewall_policy_id: row.firewall_policy_id,
  shared: row.shared === 1,
  protocol: row.protocol,
  ip_version: row.ip_version,
  source_ip_address: row.source_ip_address,
  destination_ip_address: row.destination_ip_address,
  source_port: row.source_port,
  destination_port: row.destination_port,
  position: row.position,
  action: row.action,
  enabled: row.enabled === 1,
});
