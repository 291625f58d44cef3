import { isoMicros, type Clock } from '#common/clock.ts';
import { isDuplicateKey, isForeignKeyViolation } from '#common/db/errors.ts';
import type { Ids } from '#common/ids.ts';
import { owns, type Caller, type Scope } from '../api/access.ts';
import type { ResourceService } from '../api/controller.ts';
import type { ListQuery } from '../api/list-query.ts';
import type { CreateOf, UpdateOf, View } from '../api/resource.ts';
import { standardColumns, standardView } from '../api/standard-view.ts';
import { errors } from '../errors.ts';
import { groupBy } from '../list-rows.ts';
import type { QuotaService } from '../quotas/service.ts';
import type { Db, Store } from '../store.ts';
import type { RuleRow, SecurityGroupRow } from '../tables.ts';
import { fingerprintOf, initialRules, ruleView } from './rule.ts';
import {
  defaultProjectOf,
  deleteGroupRow,
  findDefault,
  findGroups,
  hasPorts,
  insertDefault,
  insertGroup,
  insertRules,
  listGroups,
  lockGroup,
  rulesNaming,
  rulesOf,
  updateGroup,
} from './rows.ts';
import type { groupAttributes } from './schema.ts';

type Attributes = typeof groupAttributes;

export interface GroupServiceDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly quotas: QuotaService;
}

export class GroupService implements ResourceService<Attributes> {
  readonly #deps: GroupServiceDeps;
  /** Projects whose default group was seen: most requests need not look again. */
  readonly #known = new Set<string>();

  constructor(deps: GroupServiceDeps) {
    this.#deps = deps;
  }

  notFound(id: string) {
    return errors.groupNotFound(id);
  }

  async list(scope: Scope, query: ListQuery): Promise<readonly View[]> {
    const { store } = this.#deps;
    if (scope.projectId !== null) await this.provideDefault(scope.projectId);
    const rows = await listGroups(store.query, scope, query);
    if (!rows) throw errors.groupNotFound(query.marker ?? '');
    return this.#views(rows);
  }

  async create(_caller: Caller, items: readonly CreateOf<Attributes>[]): Promise<readonly View[]> {
    if (items.some(({ name }) => name.toLowerCase() === 'default')) throw errors.defaultGroupExists();
    for (const project of new Set(items.map((item) => item.project_id))) await this.provideDefault(project);
    const rows = await this.#deps.store.write(async (db) => {
      const made: SecurityGroupRow[] = [];
      for (const item of items) {
        await this.#deps.quotas.take(db, item.project_id, 'security_group');
        made.push(await this.#insert(db, item, null));
      }
      return made;
    });
    return this.#views(rows);
  }

  async update(_caller: Caller, current: View, changes: UpdateOf<Attributes>): Promise<View> {
    const { store, clock } = this.#deps;
    const id = current['id'] as string;
    await store.write(async (db) => {
      const row = await lockGroup(db, id);
      if (!row) throw errors.groupNotFound(id);
      if (changes.name !== undefined && changes.name !== row.name && (await defaultProjectOf(db, id)))
        throw errors.defaultGroupFixed();
      if (changes.name?.toLowerCase() === 'default' && row.name !== changes.name) throw errors.defaultGroupExists();
      await updateGroup(db, id, {
        ...(changes.name !== undefined && { name: changes.name }),
        ...(changes.description !== undefined && { description: changes.description }),
        updated_at: isoMicros(clock.now()),
      });
    });
    const [view] = await this.#views(await findGroups(store.query, [id]));
    if (!view) throw errors.groupNotFound(id);
    return view;
  }

  async remove(caller: Caller, current: View): Promise<void> {
    const { store, quotas } = this.#deps;
    const id = current['id'] as string;
    try {
      await store.write(async (db, told) => {
        const row = await lockGroup(db, id);
        if (!row) throw errors.groupNotFound(id);
        if (await hasPorts(db, id)) throw errors.groupInUse(id);
        if (!caller.isAdmin && (await defaultProjectOf(db, id))) throw errors.defaultGroupKept();
        const own = await rulesOf(db, [id]);
        const naming = (await rulesNaming(db, id)).filter((rule) => rule.security_group_id !== id);
        await quotas.giveBack(db, row.project_id, 'security_group');
        await quotas.giveBack(db, row.project_id, 'security_group_rule', own.length);
        for (const rule of naming) {
          await quotas.giveBack(db, rule.project_id, 'security_group_rule');
          told.securityGroups.add(rule.security_group_id);
        }
        await deleteGroupRow(db, id);
      });
    } catch (error) {
      if (isForeignKeyViolation(error)) throw errors.groupInUse(id);
      throw error;
    }
    this.#known.delete(current['project_id'] as string);
  }

  /** Makes a project's default group if it has none, in a transaction of its own. */
  async provideDefault(projectId: string): Promise<void> {
    const { store } = this.#deps;
    if (this.#known.has(projectId)) return;
    if (!(await findDefault(store.query, projectId)))
      try {
        await store.write((db) => this.ensureDefault(db, projectId), { duplicateRetries: 1 });
      } catch (error) {
        if (!isDuplicateKey(error)) throw error;
      }
    if (this.#known.size > 10_000) this.#known.clear();
    this.#known.add(projectId);
  }

  /** The id of a project's default group, made when missing. Somebody faster makes it a duplicate key: repeat then. */
  async ensureDefault(db: Db, projectId: string): Promise<string> {
    const found = await findDefault(db, projectId);
    if (found) return found.security_group_id;
    await this.#deps.quotas.note(db, projectId, 'security_group');
    const row = await this.#insert(db, { project_id: projectId, name: 'default', description: 'default' }, 'default');
    await insertDefault(db, projectId, row.id);
    return row.id;
  }

  /**
   * Groups that may be put on a port: the project's own, any for an administrator, and those that it has already.
   * @throws ApiError 404
   */
  async usable(
    db: Db,
    ids: readonly string[],
    caller: Caller,
    projectId: string,
    already: readonly string[] = [],
  ): Promise<readonly string[]> {
    const found = new Map((await findGroups(db, ids)).map((row) => [row.id, row]));
    for (const id of ids) {
      const row = found.get(id);
      const own = row && (row.project_id === projectId || owns(caller.scope, row.project_id) || already.includes(id));
      if (!own) throw errors.groupNotFound(id);
    }
    return ids;
  }

  async #insert(
    db: Db,
    item: { readonly project_id: string; readonly name: string; readonly description: string | null },
    kind: 'default' | null,
  ): Promise<SecurityGroupRow> {
    const { clock, ids, quotas } = this.#deps;
    const row = { ...standardColumns(item, { id: ids.uuid(), clock, revision: 1 }), name: item.name };
    await insertGroup(db, row);
    const rules = initialRules(kind && row.id).map((content): RuleRow => ({
      ...standardColumns({ project_id: item.project_id }, { id: ids.uuid(), clock, revision: 0 }),
      description: null,
      security_group_id: row.id,
      ...content,
      fingerprint: fingerprintOf(content),
    }));
    await quotas.note(db, item.project_id, 'security_group_rule', rules.length);
    await insertRules(db, rules);
    return row;
  }

  /** With their rules: one query for any number of groups. */
  async #views(rows: readonly SecurityGroupRow[]): Promise<readonly View[]> {
    const ids = rows.map(({ id }) => id);
    const rules = groupBy(await rulesOf(this.#deps.store.query, ids), (rule) => rule.security_group_id);
    return rows.map((row) => ({
      id: row.id,
      name: row.name,
      stateful: true,
      shared: false,
      security_group_rules: (rules.get(row.id) ?? []).map(ruleView),
      ...standardView(row),
    }));
  }
}
