import { isDuplicateKey } from '#common/db/errors.ts';
import type { Caller, Scope } from '../api/access.ts';
import type { ResourceService } from '../api/controller.ts';
import type { ListQuery } from '../api/list-query.ts';
import type { CreateOf, UpdateOf, View } from '../api/resource.ts';
import type { Db } from '../store.ts';
import type { MemberRow } from '../tables.ts';
import { lbErrors } from './errors.ts';
import { poolChanged, type LoadBalancerDeps } from './pool-service.ts';
import { memberRows, poolRows } from './rows.ts';
import type { memberAttributes } from './schema.ts';
import { memberView } from './view.ts';

type Attributes = typeof memberAttributes;
type Place = Pick<MemberRow, 'address' | 'protocol_port' | 'pool_id'>;

export class MemberService implements ResourceService<Attributes> {
  readonly #deps: LoadBalancerDeps;

  constructor(deps: LoadBalancerDeps) {
    this.#deps = deps;
  }

  notFound(id: string) {
    return lbErrors.memberNotFound(id);
  }

  async list(scope: Scope, query: ListQuery): Promise<readonly View[]> {
    const rows = await memberRows.list(this.#deps.store.query, scope, query);
    if (!rows) throw lbErrors.memberNotFound(query.marker ?? '');
    return rows.map(memberView);
  }

  async create(caller: Caller, items: readonly CreateOf<Attributes>[]): Promise<readonly View[]> {
    const { store, ids, quotas } = this.#deps;
    const rows = await store.write(
      async (db, told) => {
        const made: MemberRow[] = [];
        for (const item of items) {
          await quotas.take(db, item.project_id, 'member');
          await this.#checkPlace(db, caller, item);
          const row: MemberRow = {
            id: ids.uuid(),
            project_id: item.project_id,
            pool_id: item.pool_id,
            address: item.address,
            protocol_port: item.protocol_port,
            weight: item.weight,
            admin_state_up: Number(item.admin_state_up),
            status: 'PENDING_CREATE',
            status_description: null,
          };
          await memberRows.insert(db, row);
          await poolChanged(db, told, item.pool_id);
          made.push(row);
        }
        return made;
      },
      // The second look finds the member of whoever was faster.
      { duplicateRetries: 1 },
    );
    return rows.map(memberView);
  }

  async update(caller: Caller, current: View, changes: UpdateOf<Attributes>): Promise<View> {
    const { store } = this.#deps;
    const id = current['id'] as string;
    await store
      .write(async (db, told) => {
        const row = await memberRows.lock(db, id);
        if (!row) throw lbErrors.memberNotFound(id);
        const poolId = changes.pool_id ?? row.pool_id;
        if (poolId !== row.pool_id) {
          await this.#checkPlace(db, caller, { ...row, pool_id: poolId });
          await poolChanged(db, told, row.pool_id);
        }
        await memberRows.update(db, id, {
          pool_id: poolId,
          ...(changes.weight !== undefined && { weight: changes.weight }),
          ...(changes.admin_state_up !== undefined && { admin_state_up: Number(changes.admin_state_up) }),
          status: 'PENDING_UPDATE',
        });
        await poolChanged(db, told, poolId);
      })
      .catch((error: unknown) => {
        if (!isDuplicateKey(error)) throw error;
        const { address, protocol_port } = current as unknown as MemberRow;
        throw lbErrors.memberExists(address, protocol_port, changes.pool_id ?? '');
      });
    const row = await memberRows.find(store.query, id);
    if (!row) throw lbErrors.memberNotFound(id);
    return memberView(row);
  }

  async remove(_caller: Caller, current: View): Promise<void> {
    const { store, quotas } = this.#deps;
    const id = current['id'] as string;
    await store.write(async (db, told) => {
      const row = await memberRows.lock(db, id);
      if (!row) throw lbErrors.memberNotFound(id);
      await quotas.giveBack(db, row.project_id, 'member');
      await memberRows.remove(db, id);
      await poolChanged(db, told, row.pool_id);
    });
  }

  async #checkPlace(db: Db, { scope }: Caller, { pool_id, address, protocol_port }: Place): Promise<void> {
    if (!(await poolRows.find(db, pool_id, scope))) throw lbErrors.poolNotFound(pool_id);
    const others = await memberRows.by(db, 'pool_id', [pool_id]);
    if (others.some((one) => one.address === address && one.protocol_port === protocol_port))
      throw lbErrors.memberExists(address, protocol_port, pool_id);
  }
}
