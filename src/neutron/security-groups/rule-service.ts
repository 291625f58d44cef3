import type { Clock } from '#common/clock.ts';
import { isDuplicateKey } from '#common/db/errors.ts';
import type { Ids } from '#common/ids.ts';
import { owns, type Caller, type Scope } from '../api/access.ts';
import type { ResourceService } from '../api/controller.ts';
import type { ListQuery } from '../api/list-query.ts';
import type { CreateOf, View } from '../api/resource.ts';
import { standardColumns } from '../api/standard-view.ts';
import { errors } from '../errors.ts';
import type { QuotaService } from '../quotas/service.ts';
import type { Db, Store } from '../store.ts';
import type { RuleRow } from '../tables.ts';
import type { GroupService } from './group-service.ts';
import { checkRule, fingerprintOf, ruleView } from './rule.ts';
import { deleteRuleRow, findGroup, findSameRule, insertRules, listRules, updateGroup } from './rows.ts';
import type { ruleAttributes } from './schema.ts';

type Attributes = typeof ruleAttributes;

export interface RuleServiceDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly quotas: QuotaService;
  readonly groups: GroupService;
}

export class RuleService implements ResourceService<Attributes> {
  readonly #deps: RuleServiceDeps;

  constructor(deps: RuleServiceDeps) {
    this.#deps = deps;
  }

  notFound(id: string) {
    return errors.ruleNotFound(id);
  }

  async list(scope: Scope, query: ListQuery): Promise<readonly View[]> {
    const { store, groups } = this.#deps;
    if (scope.kind === 'project' && scope.projectId !== null) await groups.provideDefault(scope.projectId);
    const rows = await listRules(store.query, scope, query);
    if (!rows) throw errors.ruleNotFound(query.marker ?? '');
    return rows.map(ruleView);
  }

  async create(caller: Caller, items: readonly CreateOf<Attributes>[]): Promise<readonly View[]> {
    for (const item of items) checkRule(item);
    if (new Set(items.map((item) => item.security_group_id)).size > 1) throw errors.rulesOfSeveralGroups();
    const prints = items.map(fingerprintOf);
    if (new Set(prints).size < prints.length) throw errors.duplicateRulesInPost();
    try {
      const rows = await this.#deps.store.write(
        async (db, told) => {
          const made: RuleRow[] = [];
          for (const item of items) made.push(await this.#createOne(db, caller, item));
          for (const { security_group_id } of made) told.securityGroups.add(security_group_id);
          return made;
        },
        // The second look finds the rule of whoever was faster, and says its id.
        { duplicateRetries: 1 },
      );
      return rows.map(ruleView);
    } catch (error) {
      if (isDuplicateKey(error)) throw errors.duplicateRulesInPost();
      throw error;
    }
  }

  /** Rules have nothing but their description, which v2.0 does not let change. */
  async update(_caller: Caller, current: View): Promise<View> {
    return current;
  }

  async remove(_caller: Caller, current: View): Promise<void> {
    const { store, quotas } = this.#deps;
    const [id, groupId, project] = [current['id'], current['security_group_id'], current['project_id']] as string[];
    await store.write(async (db, told) => {
      await quotas.giveBack(db, project as string, 'security_group_rule');
      if (!(await deleteRuleRow(db, id as string))) throw errors.ruleNotFound(id as string);
      await updateGroup(db, groupId as string, {});
      told.securityGroups.add(groupId as string);
    });
  }

  async #createOne(db: Db, caller: Caller, item: CreateOf<Attributes>): Promise<RuleRow> {
    const { clock, ids, quotas } = this.#deps;
    await quotas.take(db, item.project_id, 'security_group_rule');
    for (const id of [item.security_group_id, item.remote_group_id])
      if (id !== null) {
        const group = await findGroup(db, id);
        if (!group || !owns(caller.scope, group.project_id)) throw errors.groupNotFound(id);
      }
    const fingerprint = fingerprintOf(item);
    const same = await findSameRule(db, item.security_group_id, fingerprint);
    if (same) throw errors.ruleExists(same.id);
    const row: RuleRow = {
      ...standardColumns(item, { id: ids.uuid(), clock, revision: 0 }),
      security_group_id: item.security_group_id,
      direction: item.direction,
      ethertype: item.ethertype,
      protocol: item.protocol,
      port_range_min: item.port_range_min,
      port_range_max: item.port_range_max,
      remote_ip_prefix: item.remote_ip_prefix,
      remote_group_id: item.remote_group_id,
      fingerprint,
    };
    await insertRules(db, [row]);
    await updateGroup(db, item.security_group_id, {});
    return row;
  }
}
