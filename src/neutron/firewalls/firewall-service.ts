import type { Ids } from '#common/ids.ts';
import type { Caller, Scope } from '../api/access.ts';
import type { ResourceService } from '../api/controller.ts';
import type { ListQuery } from '../api/list-query.ts';
import type { CreateOf, UpdateOf, View } from '../api/resource.ts';
import type { QuotaService } from '../quotas/service.ts';
import type { Db, Store } from '../store.ts';
import type { FirewallRow } from '../tables.ts';
import { firewallErrors } from './errors.ts';
import { firewallRows, policyRows } from './rows.ts';
import type { firewallAttributes } from './schema.ts';
import { refusePending, type FirewallStates } from './states.ts';
import { firewallView } from './view.ts';

type Attributes = typeof firewallAttributes;

export interface FirewallDeps {
  readonly store: Store;
  readonly ids: Ids;
  readonly quotas: QuotaService;
  readonly states: FirewallStates;
}

export class FirewallService implements ResourceService<Attributes> {
  readonly #deps: FirewallDeps;

  constructor(deps: FirewallDeps) {
    this.#deps = deps;
  }

  notFound(id: string) {
    return firewallErrors.firewallNotFound(id);
  }

  async list(scope: Scope, query: ListQuery): Promise<readonly View[]> {
    const rows = await firewallRows.list(this.#deps.store.query, scope, query);
    if (!rows) throw firewallErrors.firewallNotFound(query.marker ?? '');
    return rows.map(firewallView);
  }

  async create(caller: Caller, items: readonly CreateOf<Attributes>[]): Promise<readonly View[]> {
    const { store, ids, quotas } = this.#deps;
    const rows = await store.write(
      async (db, told) => {
        const made: FirewallRow[] = [];
        for (const item of items) {
          await quotas.take(db, item.project_id, 'firewall');
          if ((await firewallRows.by(db, 'project_id', [item.project_id])).length > 0)
            throw firewallErrors.countExceeded(item.project_id);
          await this.#checkPolicy(db, caller, item.firewall_policy_id);
          const row: FirewallRow = {
            id: ids.uuid(),
            project_id: item.project_id,
            name: item.name,
            description: item.description,
            shared: Number(item.shared),
            admin_state_up: Number(item.admin_state_up),
            status: 'PENDING_CREATE',
            firewall_policy_id: item.firewall_policy_id,
            generation: 1,
          };
          await firewallRows.insert(db, row);
          told.firewallProjects.add(item.project_id);
          made.push(row);
        }
        return made;
      },
      // The second look finds the firewall of whoever was faster.
      { duplicateRetries: 1 },
    );
    return rows.map(firewallView);
  }

  async update(caller: Caller, current: View, changes: UpdateOf<Attributes>): Promise<View> {
    const { store } = this.#deps;
    const id = current['id'] as string;
    await store.write(async (db, told) => {
      const row = await firewallRows.lock(db, id);
      if (!row) throw firewallErrors.firewallNotFound(id);
      refusePending(row);
      if (changes.firewall_policy_id !== undefined) await this.#checkPolicy(db, caller, changes.firewall_policy_id);
      await firewallRows.update(db, id, {
        ...(changes.name !== undefined && { name: changes.name }),
        ...(changes.description !== undefined && { description: changes.description }),
        ...(changes.shared !== undefined && { shared: Number(changes.shared) }),
        ...(changes.admin_state_up !== undefined && { admin_state_up: Number(changes.admin_state_up) }),
        ...(changes.firewall_policy_id !== undefined && { firewall_policy_id: changes.firewall_policy_id }),
        status: 'PENDING_UPDATE',
        generation: row.generation + 1,
      });
      told.firewallProjects.add(row.project_id);
    });
    const row = await firewallRows.find(store.query, id);
    if (!row) throw firewallErrors.firewallNotFound(id);
    return firewallView(row);
  }

  /** Gone at once when no router enforces it; else when the last one has stopped to. */
  async remove(_caller: Caller, current: View): Promise<void> {
    const { store, states } = this.#deps;
    const id = current['id'] as string;
    await store.write(async (db, told) => {
      const row = await firewallRows.lock(db, id);
      if (!row) throw firewallErrors.firewallNotFound(id);
      await firewallRows.update(db, id, { status: 'PENDING_DELETE', generation: row.generation + 1 });
      told.firewallProjects.add(row.project_id);
      await states.settle(db, told);
    });
  }

  async #checkPolicy(db: Db, { scope }: Caller, id: string | null): Promise<void> {
    if (id !== null && !(await policyRows.find(db, id, scope))) throw firewallErrors.policyNotFound(id);
  }
}
