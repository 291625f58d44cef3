import type { Caller, Scope } from '../api/access.ts';
import type { ResourceService } from '../api/controller.ts';
import type { ListQuery } from '../api/list-query.ts';
import type { CreateOf, UpdateOf, View } from '../api/resource.ts';
import type { Db } from '../store.ts';
import type { FirewallPolicyRow } from '../tables.ts';
import { firewallErrors } from './errors.ts';
import type { FirewallDeps } from './firewall-service.ts';
import { firewallRows, placeRules, policyRows, ruleRows, rulesOfPolicies } from './rows.ts';
import type { firewallPolicyAttributes } from './schema.ts';
import { policyViews } from './view.ts';

type Attributes = typeof firewallPolicyAttributes;

/** Where a rule is put into a policy; first without either. */
export interface RulePlace {
  readonly before: string | null;
  readonly after: string | null;
}

export class PolicyService implements ResourceService<Attributes> {
  readonly #deps: FirewallDeps;

  constructor(deps: FirewallDeps) {
    this.#deps = deps;
  }

  notFound(id: string) {
    return firewallErrors.policyNotFound(id);
  }

  async list(scope: Scope, query: ListQuery): Promise<readonly View[]> {
    const db = this.#deps.store.query;
    const rows = await policyRows.list(db, scope, query);
    if (!rows) throw firewallErrors.policyNotFound(query.marker ?? '');
    return policyViews(db, rows);
  }

  async create(caller: Caller, items: readonly CreateOf<Attributes>[]): Promise<readonly View[]> {
    const { store, ids, quotas } = this.#deps;
    const rows = await store.write(async (db) => {
      const made: FirewallPolicyRow[] = [];
      for (const item of items) {
        await quotas.take(db, item.project_id, 'firewall_policy');
        const row: FirewallPolicyRow = {
          id: ids.uuid(),
          project_id: item.project_id,
          name: item.name,
          description: item.description,
          shared: Number(item.shared),
          audited: Number(item.audited),
        };
        await policyRows.insert(db, row);
        await this.#setRules(db, caller, row, item.firewall_rules);
        made.push(row);
      }
      return made;
    });
    return policyViews(store.query, rows);
  }

  async update(caller: Caller, current: View, changes: UpdateOf<Attributes>): Promise<View> {
    const id = current['id'] as string;
    return this.#change(id, async (db, row) => {
      const shared = changes.shared === undefined ? row.shared : Number(changes.shared);
      const present = (await rulesOfPolicies(db, [id])).map((rule) => rule.id);
      await this.#setRules(db, caller, { ...row, shared }, changes.firewall_rules ?? present);
      return {
        shared,
        ...(changes.name !== undefined && { name: changes.name }),
        ...(changes.description !== undefined && { description: changes.description }),
        audited: Number(changes.audited ?? false),
      };
    });
  }

  async remove(_caller: Caller, current: View): Promise<void> {
    const { store, quotas } = this.#deps;
    const id = current['id'] as string;
    await store.write(async (db) => {
      const row = await policyRows.lock(db, id);
      if (!row) throw firewallErrors.policyNotFound(id);
      if ((await firewallRows.by(db, 'firewall_policy_id', [id])).length > 0) throw firewallErrors.policyInUse(id);
      await quotas.giveBack(db, row.project_id, 'firewall_policy');
      await placeRules(db, id, []);
      await policyRows.remove(db, id);
    });
  }

  /** @throws ApiError 400, 404, 409 */
  insertRule(caller: Caller, id: string, ruleId: string, { before, after }: RulePlace): Promise<View> {
    return this.#change(id, async (db, row) => {
      const present = (await rulesOfPolicies(db, [id])).map((rule) => rule.id);
      if (present.includes(ruleId)) throw firewallErrors.ruleInUse(ruleId);
      const neighbour = before ?? after;
      const at = neighbour === null ? 0 : present.indexOf(neighbour);
      if (neighbour !== null && at < 0) {
        const known = await ruleRows.find(db, neighbour, caller.scope);
        throw known ? firewallErrors.ruleNotInPolicy(neighbour, id) : firewallErrors.ruleNotFound(neighbour);
      }
      const place = before === null && after !== null ? at + 1 : at;
      await this.#setRules(db, caller, row, present.toSpliced(place, 0, ruleId));
      return { audited: 0 };
    });
  }

  /** @throws ApiError 400, 404, 409 */
  removeRule(caller: Caller, id: string, ruleId: string): Promise<View> {
    return this.#change(id, async (db) => {
      const rule = await ruleRows.find(db, ruleId, caller.scope);
      if (!rule) throw firewallErrors.ruleNotFound(ruleId);
      if (rule.firewall_policy_id !== id) throw firewallErrors.ruleNotInPolicy(ruleId, id);
      const present = (await rulesOfPolicies(db, [id])).map((one) => one.id);
      await placeRules(
        db,
        id,
        present.filter((one) => one !== ruleId),
      );
      return { audited: 0 };
    });
  }

  /** Changes are one after the other, and the policy's firewalls are told. */
  async #change(
    id: string,
    work: (db: Db, row: FirewallPolicyRow) => Promise<Partial<FirewallPolicyRow>>,
  ): Promise<View> {
    const { store, states } = this.#deps;
    await store.write(async (db, told) => {
      const row = await policyRows.lock(db, id);
      if (!row) throw firewallErrors.policyNotFound(id);
      await states.changed(db, told, id);
      await policyRows.update(db, id, await work(db, row));
    });
    const [view] = await policyViews(store.query, await policyRows.by(store.query, 'id', [id]));
    if (!view) throw firewallErrors.policyNotFound(id);
    return view;
  }

  /** A rule is in one policy, and those of a shared policy are shared. */
  async #setRules(db: Db, { scope }: Caller, policy: FirewallPolicyRow, ruleIds: readonly string[]): Promise<void> {
    for (const id of ruleIds) {
      const rule = await ruleRows.find(db, id, scope);
      if (!rule) throw firewallErrors.ruleNotFound(id);
      if (rule.firewall_policy_id !== null && rule.firewall_policy_id !== policy.id) throw firewallErrors.ruleInUse(id);
      if (policy.shared === 1 && rule.shared !== 1) throw firewallErrors.sharingConflict(id, policy.id);
    }
    await placeRules(db, policy.id, [...new Set(ruleIds)]);
  }
}
