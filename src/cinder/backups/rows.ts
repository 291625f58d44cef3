import { sql, type Insertable, type Selectable, type SelectQueryBuilder, type Updateable } from 'kysely';
import type { Queryable } from '#common/db/database.ts';
import { paginate } from '#common/db/pagination.ts';
import type { BackupTable, CinderTables } from '../tables.ts';
import type { RowPage } from '../volumes/rows.ts';
import type { BackupStatus } from '../volumes/states.ts';

export type Db = Queryable<CinderTables>;

export interface Backup {
  readonly num: number;
  readonly id: string;
  readonly projectId: string;
  readonly userId: string;
  readonly volumeId: string;
  readonly snapshotId: string | null;
  /** The backup that this one builds on: it is incremental. */
  readonly parentId: string | null;
  readonly name: string | null;
  readonly description: string | null;
  readonly status: BackupStatus;
  readonly host: string | null;
  readonly availabilityZone: string | null;
  readonly container: string | null;
  readonly service: string | null;
  readonly serviceMetadata: string | null;
  readonly sizeGb: number;
  readonly objectCount: number;
  readonly metadata: Readonly<Record<string, string>>;
  readonly dataTimestamp: string | null;
  readonly restoreVolumeId: string | null;
  readonly failReason: string | null;
  readonly createdAt: string;
  readonly updatedAt: string | null;
  readonly deleted: boolean;
}

const backupOf = (row: Selectable<BackupTable>): Backup => ({
  num: row.num,
  id: row.id,
  projectId: row.project_id,
  userId: row.user_id,
  volumeId: row.volume_id,
  snapshotId: row.snapshot_id,
  parentId: row.parent_id,
  name: row.name,
  description: row.description,
  status: row.status as BackupStatus,
  host: row.host,
  availabilityZone: row.availability_zone,
  container: row.container,
  service: row.service,
  serviceMetadata: row.service_metadata,
  sizeGb: row.size_gb,
  objectCount: row.object_count,
  metadata: JSON.parse(row.metadata) as Record<string, string>,
  dataTimestamp: row.data_timestamp,
  restoreVolumeId: row.restore_volume_id,
  failReason: row.fail_reason,
  createdAt: row.created_at,
  updatedAt: row.updated_at,
  deleted: row.deleted === 1,
});

export async function insertBackup(db: Db, row: Insertable<BackupTable>): Promise<void> {
  await db.insertInto('backups').values(row).execute();
}

/** Null when there is none; deleted ones are found too. */
export async function findBackup(db: Db, id: string): Promise<Backup | null> {
  const row = await db.selectFrom('backups').selectAll().where('id', '=', id).executeTakeFirst();
  return row ? backupOf(row) : null;
}

export type BackupChange = Updateable<Omit<BackupTable, 'updated_at'>> & { readonly updated_at: string };

/** Nothing is written unless the row still fits `where`. @returns whether it did */
export async function updateBackup(
  db: Db,
  id: string,
  change: BackupChange,
  where: { readonly status?: readonly BackupStatus[] } = {},
): Promise<boolean> {
  let query = db.updateTable('backups').set(change).where('id', '=', id).where('deleted', '=', 0);
  if (where.status) query = query.where('status', 'in', where.status);
  return (await query.executeTakeFirst()).numUpdatedRows > 0n;
}

export async function markBackupDeleted(db: Db, id: string, now: string): Promise<void> {
  await db
    .updateTable('backups')
    .set({ deleted: 1, deleted_at: now, updated_at: now, status: 'deleted' })
    .where('id', '=', id)
    .where('deleted', '=', 0)
    .execute();
}

/** Those among `ids` that an incremental backup builds on. */
export async function backupsWithDependents(db: Db, ids: readonly string[]): Promise<ReadonlySet<string>> {
  if (ids.length === 0) return new Set();
  const rows = await db
    .selectFrom('backups')
    .select('parent_id')
    .distinct()
    .where('parent_id', 'in', ids)
    .where('deleted', '=', 0)
    .execute();
  return new Set(rows.map((row) => row.parent_id as string));
}

/** The newest finished backup of a volume: what an incremental one builds on. */
export async function latestBackup(db: Db, volumeId: string): Promise<Backup | null> {
  const row = await db
    .selectFrom('backups')
    .selectAll()
    .where('volume_id', '=', volumeId)
    .where('status', '=', 'available')
    .where('deleted', '=', 0)
    .orderBy('data_timestamp', 'desc')
    .orderBy('num', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row ? backupOf(row) : null;
}

export interface BackupFilter {
  readonly equal?: Readonly<Record<string, string | number | null>>;
  readonly projectId?: string;
  readonly contains?: Readonly<Partial<Record<'name' | 'status', string>>>;
  readonly metadata?: readonly (readonly [string, string])[];
}

const likeEscaped = (text: string): string => text.replace(/[!%_]/g, (c) => `!${c}`);

function filtered<O>(query: SelectQueryBuilder<CinderTables, 'backups', O>, filter: BackupFilter) {
  let q = query.where('deleted', '=', 0);
  if (filter.projectId !== undefined) q = q.where('project_id', '=', filter.projectId);
  for (const [column, value] of Object.entries(filter.equal ?? {}))
    q = value === null ? q.where(column as 'name', 'is', null) : q.where(column as 'name', '=', value as string);
  for (const [column, value] of Object.entries(filter.contains ?? {}))
    q = q.where(sql<boolean>`lower(${sql.ref(column)}) like ${`%${likeEscaped(value).toLowerCase()}%`} escape '!'`);
  for (const [name, value] of filter.metadata ?? [])
    q = q.where(
      sql<boolean>`metadata like ${`%${likeEscaped(`${JSON.stringify(name)}:${JSON.stringify(value)}`)}%`} escape '!'`,
    );
  return q;
}

/** One page in one query. */
export async function listBackups(db: Db, filter: BackupFilter, page: RowPage): Promise<Backup[]> {
  let query = paginate(filtered(db.selectFrom('backups').selectAll(), filter), page);
  if (page.offset) query = query.offset(page.offset);
  return (await query.execute()).map(backupOf);
}

export async function countBackups(db: Db, filter: BackupFilter): Promise<number> {
  const { count } = await filtered(
    db.selectFrom('backups').select(({ fn }) => fn.countAll<number>().as('count')),
    filter,
  ).executeTakeFirstOrThrow();
  return Number(count);
}

export async function findBackupMarker(
  db: Db,
  id: string,
  projectId: string | undefined,
): Promise<Record<string, unknown> | null> {
  let query = db.selectFrom('backups').selectAll().where('id', '=', id).where('deleted', '=', 0);
  if (projectId !== undefined) query = query.where('project_id', '=', projectId);
  return (await query.executeTakeFirst()) ?? null;
}
