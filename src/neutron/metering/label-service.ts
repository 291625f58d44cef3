import type { Ids } from '#common/ids.ts';
import type { Caller, Scope } from '../api/access.ts';
import type { ResourceService } from '../api/controller.ts';
import type { ListQuery } from '../api/list-query.ts';
import type { CreateOf, View } from '../api/resource.ts';
import { errors } from '../errors.ts';
import type { Store } from '../store.ts';
import type { MeteringLabelRow } from '../tables.ts';
import { labels } from './rows.ts';
import type { labelAttributes } from './schema.ts';

type Attributes = typeof labelAttributes;

/** Names for traffic that is counted: of the routers of a project, or of all routers. */
export class LabelService implements ResourceService<Attributes> {
  readonly #deps: { readonly store: Store; readonly ids: Ids };

  constructor(deps: { readonly store: Store; readonly ids: Ids }) {
    this.#deps = deps;
  }

  notFound(id: string) {
    return errors.labelNotFound(id);
  }

  async list(scope: Scope, query: ListQuery): Promise<readonly View[]> {
    const rows = await labels.list(this.#deps.store.query, scope, query);
    if (!rows) throw errors.labelNotFound(query.marker ?? '');
    return rows.map(viewOf);
  }

  async create(_caller: Caller, items: readonly CreateOf<Attributes>[]): Promise<readonly View[]> {
    const { store, ids } = this.#deps;
    const rows = items.map((item) => ({
      id: ids.uuid(),
      project_id: item.project_id,
      name: item.name,
      description: item.description,
      shared: Number(item.shared),
    }));
    await store.write(async (db, told) => {
      for (const row of rows) {
        await labels.insert(db, row);
        told.meteringLabels.add(row.id);
      }
    });
    return rows.map(viewOf);
  }

  /** No attribute of a label can be changed: the API has no route for it. */
  async update(_caller: Caller, current: View): Promise<View> {
    return current;
  }

  /** Its rules go along. */
  async remove(_caller: Caller, current: View): Promise<void> {
    const id = current['id'] as string;
    await this.#deps.store.write(async (db, told) => {
      if (!(await labels.lock(db, id))) throw errors.labelNotFound(id);
      await labels.remove(db, id);
      told.meteringLabels.add(id);
    });
  }
}

const viewOf = (row: MeteringLabelRow): View => ({
  id: row.id,
  name: row.name,
  description: row.description,
  tenant_id: row.project_id,
  project_id: row.project_id,
  shared: row.shared === 1,
});
