import { sql, type SqlBool } from 'kysely';
import { textKey } from '../ipam/address.ts';
import type { Scope } from '../api/access.ts';
import type { ListQuery } from '../api/list-query.ts';
import { inParts } from '../list-rows.ts';
import { PlainRows } from '../plain-rows.ts';
import type { Db } from '../store.ts';
import type { AgentRow, AssociationRow, PoolRow, VipRow } from '../tables.ts';
import { memberResource, monitorResource, poolResource, vipResource } from './schema.ts';

export const vipRows = new PlainRows({ table: 'vips', resource: vipResource, special: ['address'] });
export const poolRows = new PlainRows({ table: 'pools', resource: poolResource });
export const memberRows = new PlainRows({ table: 'members', resource: memberResource });
export const monitorRows = new PlainRows({ table: 'healthmonitors', resource: monitorResource });

/** A VIP's address is its port's. */
export function listVips(db: Db, scope: Scope, query: ListQuery): Promise<VipRow[] | null> {
  const keys = query.filters.get('address')?.map((address) => textKey(address) ?? 'none');
  return vipRows.list(db, scope, query, (rows) =>
    keys
      ? rows.where(
          sql<SqlBool>`vips.port_id in (select port_id from ipallocations where ip_address in (${sql.join(keys)}))`,
        )
      : rows,
  );
}

/** Something of the pool changed: what its agent applied is old. @returns false when there is no such pool */
export async function touchPool(db: Db, id: string): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('pools')
    .set((eb) => ({ generation: eb('generation', '+', 1) }))
    .where('id', '=', id)
    .executeTakeFirstOrThrow();
  return Number(numUpdatedRows) === 1;
}

export const associationsOfPools = (db: Db, poolIds: readonly string[]): Promise<AssociationRow[]> =>
  inParts(poolIds, (part) =>
    db.selectFrom('poolmonitorassociations').selectAll().where('pool_id', 'in', part).orderBy('monitor_id').execute(),
  );

export const associationsOfMonitors = (db: Db, monitorIds: readonly string[]): Promise<AssociationRow[]> =>
  inParts(monitorIds, (part) =>
    db.selectFrom('poolmonitorassociations').selectAll().where('monitor_id', 'in', part).orderBy('pool_id').execute(),
  );

export async function associate(db: Db, poolId: string, monitorId: string): Promise<void> {
  await db
    .insertInto('poolmonitorassociations')
    .values({ pool_id: poolId, monitor_id: monitorId, status: 'PENDING_CREATE', status_description: null })
    .execute();
}

export async function disassociate(db: Db, poolId: string, monitorId: string): Promise<boolean> {
  const { numDeletedRows } = await db
    .deleteFrom('poolmonitorassociations')
    .where('pool_id', '=', poolId)
    .where('monitor_id', '=', monitorId)
    .executeTakeFirstOrThrow();
  return Number(numDeletedRows) === 1;
}

/** A changed monitor is applied anew by each of its pools. */
export async function renewAssociations(db: Db, monitorId: string): Promise<void> {
  await db
    .updateTable('poolmonitorassociations')
    .set({ status: 'PENDING_UPDATE' })
    .where('monitor_id', '=', monitorId)
    .execute();
}

// Agents

export const agentOfPool = (db: Db, poolId: string): Promise<AgentRow | undefined> =>
  db
    .selectFrom('agents')
    .innerJoin('poolloadbalanceragentbindings as binding', 'binding.agent_id', 'agents.id')
    .selectAll('agents')
    .where('binding.pool_id', '=', poolId)
    .executeTakeFirst();

export const poolsOfAgent = (db: Db, agentId: string): Promise<PoolRow[]> =>
  db
    .selectFrom('pools')
    .innerJoin('poolloadbalanceragentbindings as binding', 'binding.pool_id', 'pools.id')
    .selectAll('pools')
    .where('binding.agent_id', '=', agentId)
    .orderBy('pools.id')
    .execute();

/** How many pools each agent balances. */
export async function agentLoads(db: Db): Promise<ReadonlyMap<string, number>> {
  const rows = await db
    .selectFrom('poolloadbalanceragentbindings')
    .select((eb) => ['agent_id', eb.fn.countAll<number>().as('load')])
    .groupBy('agent_id')
    .execute();
  return new Map(rows.map((row) => [row.agent_id, Number(row.load)]));
}

export const poolsWithoutAgent = (db: Db): Promise<{ readonly id: string }[]> =>
  db
    .selectFrom('pools')
    .leftJoin('poolloadbalanceragentbindings as binding', 'binding.pool_id', 'pools.id')
    .select('pools.id')
    .where('binding.agent_id', 'is', null)
    .orderBy('pools.id')
    .execute();

/** Does nothing when an agent has it already. */
export async function bindPool(db: Db, poolId: string, agentId: string): Promise<void> {
  await db
    .insertInto('poolloadbalanceragentbindings')
    .values({ pool_id: poolId, agent_id: agentId })
    .onConflict((c) => c.column('pool_id').doNothing())
    .execute();
}

// What agents report

/** The pool and all that belongs to it is as its agent says, unless it changed meanwhile. */
export async function settlePool(
  db: Db,
  poolId: string,
  generation: number,
  status: 'ACTIVE' | 'ERROR',
  reason: string | null,
): Promise<void> {
  const { numUpdatedRows } = await db
    .updateTable('pools')
    .set({ status, status_description: reason })
    .where('id', '=', poolId)
    .where('generation', '=', generation)
    .executeTakeFirstOrThrow();
  if (Number(numUpdatedRows) === 0) return;
  const changes = { status, status_description: reason };
  await db.updateTable('vips').set(changes).where('pool_id', '=', poolId).execute();
  await db.updateTable('poolmonitorassociations').set(changes).where('pool_id', '=', poolId).execute();
  if (status === 'ACTIVE')
    // A member that does not answer its probes stays so until they say otherwise.
    await db
      .updateTable('members')
      .set(changes)
      .where('pool_id', '=', poolId)
      .where('status', '!=', 'INACTIVE')
      .execute();
}

export async function setStats(db: Db, poolId: string, stats: string): Promise<void> {
  await db.updateTable('pools').set({ stats }).where('id', '=', poolId).execute();
}

/** What probes say of members; one that waits for its configuration is not judged yet. */
export async function setProbed(
  db: Db,
  poolId: string,
  memberIds: readonly string[],
  status: 'ACTIVE' | 'INACTIVE',
): Promise<void> {
  if (memberIds.length === 0) return;
  await db
    .updateTable('members')
    .set({ status })
    .where('pool_id', '=', poolId)
    .where('id', 'in', memberIds)
    .where('status', 'in', ['ACTIVE', 'INACTIVE'])
    .where('status', '!=', status)
    .execute();
}
