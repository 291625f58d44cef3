import type { Ids } from '#common/ids.ts';
import type { Caller, Scope } from '../api/access.ts';
import type { ResourceService } from '../api/controller.ts';
import type { ListQuery } from '../api/list-query.ts';
import type { CreateOf, View } from '../api/resource.ts';
import { errors } from '../errors.ts';
import { overlaps, parseCidr } from '../ipam/address.ts';
import type { Db, Store } from '../store.ts';
import type { MeteringRuleRow } from '../tables.ts';
import { labelRules, labels, rulesOf } from './rows.ts';
import type { labelRuleAttributes } from './schema.ts';

type Attributes = typeof labelRuleAttributes;

/** Which traffic a label counts. */
export class LabelRuleService implements ResourceService<Attributes> {
  readonly #deps: { readonly store: Store; readonly ids: Ids };

  constructor(deps: { readonly store: Store; readonly ids: Ids }) {
    this.#deps = deps;
  }

  notFound(id: string) {
    return errors.labelRuleNotFound(id);
  }

  async list(scope: Scope, query: ListQuery): Promise<readonly View[]> {
    const rows = await labelRules.list(this.#deps.store.query, scope, query);
    if (!rows) throw errors.labelRuleNotFound(query.marker ?? '');
    return rows.map(viewOf);
  }

  async create(caller: Caller, items: readonly CreateOf<Attributes>[]): Promise<readonly View[]> {
    return this.#deps.store.write(async (db, told) => {
      const made: View[] = [];
      for (const item of items) {
        made.push(viewOf(await this.#createOne(db, caller, item)));
        told.meteringLabels.add(item.metering_label_id);
      }
      return made;
    });
  }

  /** No attribute of a rule can be changed: the API has no route for it. */
  async update(_caller: Caller, current: View): Promise<View> {
    return current;
  }

  async remove(_caller: Caller, current: View): Promise<void> {
    const id = current['id'] as string;
    await this.#deps.store.write(async (db, told) => {
      const row = await labelRules.lock(db, id);
      if (!row) throw errors.labelRuleNotFound(id);
      await labelRules.remove(db, id);
      told.meteringLabels.add(row.metering_label_id);
    });
  }

  async #createOne(db: Db, caller: Caller, item: CreateOf<Attributes>): Promise<MeteringRuleRow> {
    const labelId = item.metering_label_id;
    // Held: two overlapping rules must not be made at once.
    if (!(await labels.find(db, labelId, caller.scope)) || !(await labels.lock(db, labelId)))
      throw errors.labelNotFound(labelId);
    const row: MeteringRuleRow = {
      id: this.#deps.ids.uuid(),
      project_id: item.project_id,
      metering_label_id: labelId,
      direction: item.direction,
      remote_ip_prefix: item.remote_ip_prefix,
      excluded: Number(item.excluded),
    };
    if ((await rulesOf(db, [labelId])).some((other) => countsSame(other, row)))
      throw errors.labelRuleOverlaps(row.remote_ip_prefix);
    await labelRules.insert(db, row);
    return row;
  }
}

/** Whether both decide over some of the same traffic alike. */
function countsSame(a: MeteringRuleRow, b: MeteringRuleRow): boolean {
  if (a.direction !== b.direction || a.excluded !== b.excluded) return false;
  const [one, two] = [parseCidr(a.remote_ip_prefix), parseCidr(b.remote_ip_prefix)];
  return one !== null && one.version === two?.version && overlaps(one, two);
}

const viewOf = (row: MeteringRuleRow): View => ({
  id: row.id,
  metering_label_id: row.metering_label_id,
  direction: row.direction,
  remote_ip_prefix: row.remote_ip_prefix,
  excluded: row.excluded === 1,
});
