import type { Caller, Scope } from '../api/access.ts';
import type { ResourceService } from '../api/controller.ts';
import type { ListQuery } from '../api/list-query.ts';
import type { CreateOf, UpdateOf, View } from '../api/resource.ts';
import type { FirewallRuleRow } from '../tables.ts';
import { firewallErrors } from './errors.ts';
import type { FirewallDeps } from './firewall-service.ts';
import { policyRows, ruleRows } from './rows.ts';
import type { firewallRuleAttributes } from './schema.ts';
import { ruleView } from './view.ts';

type Attributes = typeof firewallRuleAttributes;

export class FirewallRuleService implements ResourceService<Attributes> {
  readonly #deps: FirewallDeps;

  constructor(deps: FirewallDeps) {
    this.#deps = deps;
  }

  notFound(id: string) {
    return firewallErrors.ruleNotFound(id);
  }

  async list(scope: Scope, query: ListQuery): Promise<readonly View[]> {
    const rows = await ruleRows.list(this.#deps.store.query, scope, query);
    if (!rows) throw firewallErrors.ruleNotFound(query.marker ?? '');
    return rows.map(ruleView);
  }

  async create(_caller: Caller, items: readonly CreateOf<Attributes>[]): Promise<readonly View[]> {
    const { store, ids, quotas } = this.#deps;
    const rows = await store.write(async (db) => {
      const made: FirewallRuleRow[] = [];
      for (const item of items) {
        await quotas.take(db, item.project_id, 'firewall_rule');
        const row: FirewallRuleRow = {
          id: ids.uuid(),
          project_id: item.project_id,
          name: item.name,
          description: item.description,
          firewall_policy_id: null,
          shared: Number(item.shared),
          protocol: item.protocol,
          ip_version: item.ip_version,
          source_ip_address: item.source_ip_address,
          destination_ip_address: item.destination_ip_address,
          source_port: item.source_port,
          destination_port: item.destination_port,
          action: item.action,
          enabled: Number(item.enabled),
          position: null,
        };
        checkRule(row);
        await ruleRows.insert(db, row);
        made.push(row);
      }
      return made;
    });
    return rows.map(ruleView);
  }

  async update(_caller: Caller, current: View, changes: UpdateOf<Attributes>): Promise<View> {
    const { store, states } = this.#deps;
    const id = current['id'] as string;
    const { shared, enabled, tenant_id: _tenant, project_id: _project, ...plain } = changes;
    await store.write(async (db, told) => {
      const row = await ruleRows.lock(db, id);
      if (!row) throw firewallErrors.ruleNotFound(id);
      const changed = {
        ...(plain as Partial<FirewallRuleRow>),
        ...(shared !== undefined && { shared: Number(shared) }),
        ...(enabled !== undefined && { enabled: Number(enabled) }),
      };
      checkRule({ ...row, ...changed });
      const policyId = row.firewall_policy_id;
      if (policyId !== null) {
        const policy = await policyRows.lock(db, policyId);
        if (policy?.shared === 1 && changed.shared === 0) throw firewallErrors.sharingConflict(id, policyId);
        await states.changed(db, told, policyId);
        // Whoever audited it saw other rules.
        await policyRows.update(db, policyId, { audited: 0 });
      }
      await ruleRows.update(db, id, changed);
    });
    const row = await ruleRows.find(store.query, id);
    if (!row) throw firewallErrors.ruleNotFound(id);
    return ruleView(row);
  }

  async remove(_caller: Caller, current: View): Promise<void> {
    const { store, quotas } = this.#deps;
    const id = current['id'] as string;
    await store.write(async (db) => {
      const row = await ruleRows.lock(db, id);
      if (!row) throw firewallErrors.ruleNotFound(id);
      if (row.firewall_policy_id !== null) throw firewallErrors.ruleInUse(id);
      await quotas.giveBack(db, row.project_id, 'firewall_rule');
      await ruleRows.remove(db, id);
    });
  }
}

/** What no packet filter could be made of. @throws ApiError 400 */
function checkRule(row: FirewallRuleRow): void {
  if (row.source_port !== null || row.destination_port !== null) {
    if (row.protocol === null) throw firewallErrors.portsWithoutProtocol();
    if (row.protocol === 'icmp') throw firewallErrors.portsWithIcmp();
  }
  for (const address of [row.source_ip_address, row.destination_ip_address])
    if (address !== null && address.includes(':') !== (row.ip_version === 6)) throw firewallErrors.versionConflict();
}
