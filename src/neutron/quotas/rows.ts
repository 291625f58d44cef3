import type { Db } from '../store.ts';

export type QuotaResource =
  | 'network'
  | 'subnet'
  | 'subnetpool'
  | 'port'
  | 'router'
  | 'floatingip'
  | 'security_group'
  | 'security_group_rule'
  // of service plug-ins
  | 'vip'
  | 'pool'
  | 'member'
  | 'health_monitor'
  | 'firewall'
  | 'firewall_policy'
  | 'firewall_rule';

/**
 * Counts `amount` more of a resource (fewer when negative). The row is held until the transaction ends, so concurrent
 * requests of a project count one after the other.
 * @returns the usage now, and the project's own limit if it has one
 */
export async function countUsage(
  db: Db,
  projectId: string,
  resource: QuotaResource,
  amount: number,
): Promise<{ readonly used: number; readonly limit: number | null }> {
  const update = async (): Promise<boolean> => {
    const { numUpdatedRows } = await db
      .updateTable('quotausages')
      .set((eb) => ({ in_use: eb('in_use', '+', amount) }))
      .where('project_id', '=', projectId)
      .where('resource', '=', resource)
      .executeTakeFirstOrThrow();
    return Number(numUpdatedRows) === 1;
  };
  if (!(await update())) {
    await db
      .insertInto('quotausages')
      .values({ project_id: projectId, resource, in_use: 0 })
      .onConflict((c) => c.columns(['project_id', 'resource']).doNothing())
      .execute();
    await update();
  }
  const row = await db
    .selectFrom('quotausages')
    .leftJoin('quotas', (join) =>
      join
        .onRef('quotas.project_id', '=', 'quotausages.project_id')
        .onRef('quotas.resource', '=', 'quotausages.resource'),
    )
    .select(['quotausages.in_use', 'quotas.limit_value'])
    .where('quotausages.project_id', '=', projectId)
    .where('quotausages.resource', '=', resource)
    .executeTakeFirstOrThrow();
  return { used: row.in_use, limit: row.limit_value };
}

export const limitsOf = (
  db: Db,
  projectId: string,
): Promise<{ readonly resource: string; readonly limit_value: number }[]> =>
  db.selectFrom('quotas').select(['resource', 'limit_value']).where('project_id', '=', projectId).execute();

export const usagesOf = (
  db: Db,
  projectId: string,
): Promise<{ readonly resource: string; readonly in_use: number }[]> =>
  db.selectFrom('quotausages').select(['resource', 'in_use']).where('project_id', '=', projectId).execute();

/** Every project that has limits of its own. */
export const allLimits = (
  db: Db,
): Promise<{ readonly project_id: string; readonly resource: string; readonly limit_value: number }[]> =>
  db.selectFrom('quotas').selectAll().orderBy('project_id').execute();

export async function setLimits(db: Db, projectId: string, limits: Readonly<Record<string, number>>): Promise<void> {
  const rows = Object.entries(limits).map(([resource, limit_value]) => ({
    project_id: projectId,
    resource,
    limit_value,
  }));
  if (rows.length === 0) return;
  await db
    .insertInto('quotas')
    .values(rows)
    .onConflict((c) =>
      c.columns(['project_id', 'resource']).doUpdateSet((eb) => ({ limit_value: eb.ref('excluded.limit_value') })),
    )
    .execute();
}

export async function deleteLimits(db: Db, projectId: string): Promise<void> {
  await db.deleteFrom('quotas').where('project_id', '=', projectId).execute();
}
