import { sql, type Insertable, type Selectable, type SelectQueryBuilder, type Updateable } from 'kysely';
import type { Queryable } from '#common/db/database.ts';
import { paginate } from '#common/db/pagination.ts';
import type { CinderTables, SnapshotTable } from '../tables.ts';
import type { RowPage } from '../volumes/rows.ts';
import type { SnapshotStatus } from '../volumes/states.ts';

export type Db = Queryable<CinderTables>;

export interface Snapshot {
  readonly num: number;
  readonly id: string;
  readonly projectId: string;
  readonly userId: string;
  readonly volumeId: string;
  readonly name: string | null;
  readonly description: string | null;
  readonly status: SnapshotStatus;
  /** `0%` … `100%` */
  readonly progress: string;
  readonly sizeGb: number;
  readonly typeId: string | null;
  readonly groupSnapshotId: string | null;
  readonly metadata: Readonly<Record<string, string>>;
  readonly fault: string | null;
  readonly createdAt: string;
  readonly updatedAt: string | null;
  readonly deleted: boolean;
}

export const snapshotOf = (row: Selectable<SnapshotTable>): Snapshot => ({
  num: row.num,
  id: row.id,
  projectId: row.project_id,
  userId: row.user_id,
  volumeId: row.volume_id,
  name: row.name,
  description: row.description,
  status: row.status as SnapshotStatus,
  progress: row.progress,
  sizeGb: row.size_gb,
  typeId: row.volume_type_id,
  groupSnapshotId: row.group_snapshot_id,
  metadata: JSON.parse(row.metadata) as Record<string, string>,
  fault: row.fault,
  createdAt: row.created_at,
  updatedAt: row.updated_at,
  deleted: row.deleted === 1,
});

export async function insertSnapshot(db: Db, row: Insertable<SnapshotTable>): Promise<void> {
  await db.insertInto('snapshots').values(row).execute();
}

/** Null when there is none; deleted ones are found too. @param lock holds the row until the transaction ends */
export async function findSnapshot(db: Db, id: string, lock = false): Promise<Snapshot | null> {
  const query = db.selectFrom('snapshots').selectAll().where('id', '=', id);
  const row = await (lock ? query.forUpdate() : query).executeTakeFirst();
  return row ? snapshotOf(row) : null;
}

export type SnapshotChange = Updateable<Omit<SnapshotTable, 'updated_at'>> & { readonly updated_at: string };

/** Nothing is written unless the row still fits `where`. @returns whether it did */
export async function updateSnapshot(
  db: Db,
  id: string,
  change: SnapshotChange,
  where: { readonly status?: readonly SnapshotStatus[] } = {},
): Promise<boolean> {
  let query = db.updateTable('snapshots').set(change).where('id', '=', id).where('deleted', '=', 0);
  if (where.status) query = query.where('status', 'in', where.status);
  return (await query.executeTakeFirst()).numUpdatedRows > 0n;
}

/** The row stays; nobody sees it any more. */
export async function markSnapshotDeleted(db: Db, id: string, now: string): Promise<void> {
  await db
    .updateTable('snapshots')
    .set({ deleted: 1, deleted_at: now, updated_at: now, status: 'deleted' })
    .where('id', '=', id)
    .where('deleted', '=', 0)
    .execute();
}

/** A volume's live snapshots, oldest first. */
export async function snapshotsOfVolume(db: Db, volumeId: string): Promise<Snapshot[]> {
  const rows = await db
    .selectFrom('snapshots')
    .selectAll()
    .where('volume_id', '=', volumeId)
    .where('deleted', '=', 0)
    .orderBy('num')
    .execute();
  return rows.map(snapshotOf);
}

/** Those of all volumes of a back end. */
export async function snapshotsOnHost(db: Db, host: string): Promise<Snapshot[]> {
  const rows = await db
    .selectFrom('snapshots')
    .innerJoin('volumes', 'volumes.id', 'snapshots.volume_id')
    .selectAll('snapshots')
    .where('snapshots.deleted', '=', 0)
    .where('volumes.host', '=', host)
    .orderBy('snapshots.num')
    .execute();
  return rows.map(snapshotOf);
}

export async function snapshotsOfGroupSnapshot(db: Db, groupSnapshotId: string): Promise<Snapshot[]> {
  const rows = await db
    .selectFrom('snapshots')
    .selectAll()
    .where('group_snapshot_id', '=', groupSnapshotId)
    .where('deleted', '=', 0)
    .orderBy('num')
    .execute();
  return rows.map(snapshotOf);
}

export interface SnapshotFilter {
  readonly equal?: Readonly<Record<string, string | number | null>>;
  readonly projectId?: string;
  readonly contains?: Readonly<Partial<Record<'name' | 'description' | 'status', string>>>;
  readonly metadata?: readonly (readonly [string, string])[];
  /** Of volumes in this zone. */
  readonly availabilityZone?: string;
  /** Of volumes in this back end. */
  readonly host?: string;
}

const likeEscaped = (text: string): string => text.replace(/[!%_]/g, (c) => `!${c}`);

function filtered<O>(query: SelectQueryBuilder<CinderTables, 'snapshots', O>, filter: SnapshotFilter) {
  let q = query.where('snapshots.deleted', '=', 0);
  if (filter.projectId !== undefined) q = q.where('snapshots.project_id', '=', filter.projectId);
  for (const [column, value] of Object.entries(filter.equal ?? {}))
    q = value === null ? q.where(column as 'name', 'is', null) : q.where(column as 'name', '=', value as string);
  for (const [column, value] of Object.entries(filter.contains ?? {}))
    q = q.where(sql<boolean>`lower(${sql.ref(column)}) like ${`%${likeEscaped(value).toLowerCase()}%`} escape '!'`);
  for (const [name, value] of filter.metadata ?? [])
    q = q.where(
      sql<boolean>`${sql.ref('snapshots.metadata')} like ${`%${likeEscaped(`${JSON.stringify(name)}:${JSON.stringify(value)}`)}%`} escape '!'`,
    );
  const { availabilityZone, host } = filter;
  if (availabilityZone !== undefined || host !== undefined)
    q = q.where('volume_id', 'in', (eb) => {
      let volumes = eb.selectFrom('volumes').select('volumes.id');
      if (availabilityZone !== undefined) volumes = volumes.where('volumes.availability_zone', '=', availabilityZone);
      if (host !== undefined) volumes = volumes.where('volumes.host', '=', host);
      return volumes;
    });
  return q;
}

/** One page in one query. */
export async function listSnapshots(db: Db, filter: SnapshotFilter, page: RowPage): Promise<Snapshot[]> {
  let query = paginate(filtered(db.selectFrom('snapshots').selectAll('snapshots'), filter), page);
  if (page.offset) query = query.offset(page.offset);
  return (await query.execute()).map(snapshotOf);
}

export async function countSnapshots(db: Db, filter: SnapshotFilter): Promise<number> {
  const { count } = await filtered(
    db.selectFrom('snapshots').select(({ fn }) => fn.countAll<number>().as('count')),
    filter,
  ).executeTakeFirstOrThrow();
  return Number(count);
}

export async function findSnapshotMarker(
  db: Db,
  id: string,
  projectId: string | undefined,
): Promise<Record<string, unknown> | null> {
  let query = db.selectFrom('snapshots').selectAll().where('id', '=', id).where('deleted', '=', 0);
  if (projectId !== undefined) query = query.where('project_id', '=', projectId);
  return (await query.executeTakeFirst()) ?? null;
}
