import type { Caller, Scope } from '../api/access.ts';
import type { ResourceService } from '../api/controller.ts';
import type { ListQuery } from '../api/list-query.ts';
import type { CreateOf, UpdateOf, View } from '../api/resource.ts';
import type { MonitorRow } from '../tables.ts';
import { lbErrors } from './errors.ts';
import { poolChanged, type LoadBalancerDeps } from './pool-service.ts';
import { associationsOfMonitors, monitorRows, renewAssociations } from './rows.ts';
import type { monitorAttributes } from './schema.ts';
import { monitorViews } from './view.ts';

type Attributes = typeof monitorAttributes;

export class MonitorService implements ResourceService<Attributes> {
  readonly #deps: LoadBalancerDeps;

  constructor(deps: LoadBalancerDeps) {
    this.#deps = deps;
  }

  notFound(id: string) {
    return lbErrors.monitorNotFound(id);
  }

  async list(scope: Scope, query: ListQuery): Promise<readonly View[]> {
    const db = this.#deps.store.query;
    const rows = await monitorRows.list(db, scope, query);
    if (!rows) throw lbErrors.monitorNotFound(query.marker ?? '');
    return monitorViews(db, rows);
  }

  async create(_caller: Caller, items: readonly CreateOf<Attributes>[]): Promise<readonly View[]> {
    const { store, ids, quotas } = this.#deps;
    const rows = await store.write(async (db) => {
      const made: MonitorRow[] = [];
      for (const item of items) {
        await quotas.take(db, item.project_id, 'health_monitor');
        if (item.delay < item.timeout) throw lbErrors.delayOrTimeout();
        const row: MonitorRow = {
          id: ids.uuid(),
          project_id: item.project_id,
          type: item.type,
          delay: item.delay,
          timeout: item.timeout,
          max_retries: item.max_retries,
          http_method: item.http_method,
          url_path: item.url_path,
          expected_codes: item.expected_codes,
          admin_state_up: Number(item.admin_state_up),
        };
        await monitorRows.insert(db, row);
        made.push(row);
      }
      return made;
    });
    return monitorViews(store.query, rows);
  }

  async update(_caller: Caller, current: View, changes: UpdateOf<Attributes>): Promise<View> {
    const { store } = this.#deps;
    const id = current['id'] as string;
    const { admin_state_up: up, delay, timeout, max_retries, http_method, url_path, expected_codes } = changes;
    await store.write(async (db, told) => {
      const row = await monitorRows.lock(db, id);
      if (!row) throw lbErrors.monitorNotFound(id);
      if ((delay ?? row.delay) < (timeout ?? row.timeout)) throw lbErrors.delayOrTimeout();
      await monitorRows.update(db, id, {
        ...(delay !== undefined && { delay }),
        ...(timeout !== undefined && { timeout }),
        ...(max_retries !== undefined && { max_retries }),
        ...(http_method !== undefined && { http_method }),
        ...(url_path !== undefined && { url_path }),
        ...(expected_codes !== undefined && { expected_codes }),
        ...(up !== undefined && { admin_state_up: Number(up) }),
      });
      await renewAssociations(db, id);
      for (const { pool_id } of await associationsOfMonitors(db, [id])) await poolChanged(db, told, pool_id);
    });
    const [view] = await monitorViews(store.query, await monitorRows.by(store.query, 'id', [id]));
    if (!view) throw lbErrors.monitorNotFound(id);
    return view;
  }

  async remove(_caller: Caller, current: View): Promise<void> {
    const { store, quotas } = this.#deps;
    const id = current['id'] as string;
    await store.write(async (db) => {
      const row = await monitorRows.lock(db, id);
      if (!row) throw lbErrors.monitorNotFound(id);
      if ((await associationsOfMonitors(db, [id])).length > 0) throw lbErrors.monitorInUse(id);
      await quotas.giveBack(db, row.project_id, 'health_monitor');
      await monitorRows.remove(db, id);
    });
  }
}
