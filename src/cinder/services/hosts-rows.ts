import type { Queryable } from '#common/db/database.ts';
import type { CinderTables } from '../tables.ts';

type Db = Queryable<CinderTables>;

/** What a project has in a back end. */
export interface HostUse {
  readonly projectId: string;
  readonly volumes: number;
  readonly volumeGb: number;
  readonly snapshots: number;
  readonly snapshotGb: number;
}

/** Two queries, however many projects there are. */
export async function useOfHost(db: Db, host: string): Promise<HostUse[]> {
  const volumes = await db
    .selectFrom('volumes')
    .select(({ fn }) => ['project_id', fn.countAll<number>().as('count'), fn.sum<number>('size_gb').as('gb')])
    .where('host', '=', host)
    .where('deleted', '=', 0)
    .groupBy('project_id')
    .orderBy('project_id')
    .execute();
  const snapshots = await db
    .selectFrom('snapshots')
    .innerJoin('volumes', 'volumes.id', 'snapshots.volume_id')
    .select(({ fn }) => [
      'snapshots.project_id as project_id',
      fn.countAll<number>().as('count'),
      fn.sum<number>('snapshots.size_gb').as('gb'),
    ])
    .where('volumes.host', '=', host)
    .where('snapshots.deleted', '=', 0)
    .groupBy('snapshots.project_id')
    .execute();
  return volumes.map((row) => {
    const own = snapshots.find((one) => one.project_id === row.project_id);
    return {
      projectId: row.project_id,
      volumes: Number(row.count),
      volumeGb: Number(row.gb),
      snapshots: Number(own?.count ?? 0),
      snapshotGb: Number(own?.gb ?? 0),
    };
  });
}
