import { sql, type Insertable, type Selectable, type SelectQueryBuilder, type Updateable } from 'kysely';
import type { Queryable } from '#common/db/database.ts';
import { paginate, type SortKey } from '#common/db/pagination.ts';
import type { CinderTables, VolumeTable } from '../tables.ts';
import type { Volume } from './model.ts';
import type { VolumeStatus } from './states.ts';

export type Db = Queryable<CinderTables>;
type Row = Selectable<VolumeTable>;

const parse = <T>(text: string): T => JSON.parse(text) as T;

export const volumeOf = (row: Row): Volume => ({
  num: row.num,
  id: row.id,
  projectId: row.project_id,
  userId: row.user_id,
  name: row.name,
  description: row.description,
  status: row.status as VolumeStatus,
  sizeGb: row.size_gb,
  host: row.host,
  availabilityZone: row.availability_zone,
  typeId: row.volume_type_id,
  snapshotId: row.snapshot_id,
  sourceVolumeId: row.source_volume_id,
  imageId: row.image_id,
  imageMetadata: row.image_metadata === null ? null : parse(row.image_metadata),
  bootable: row.bootable === 1,
  multiattach: row.multiattach === 1,
  readonly: row.readonly === 1,
  encrypted: row.encrypted === 1,
  metadata: parse(row.metadata),
  adminMetadata: parse(row.admin_metadata),
  providerLocation: row.provider_location,
  providerAuth: row.provider_auth,
  migrationStatus: row.migration_status,
  previousStatus: row.previous_status as VolumeStatus | null,
  groupId: row.group_id,
  replicationStatus: row.replication_status,
  fault: row.fault,
  launchedAt: row.launched_at,
  createdAt: row.created_at,
  updatedAt: row.updated_at,
  deleted: row.deleted === 1,
  deletedAt: row.deleted_at,
});

export type NewVolumeRow = Insertable<VolumeTable>;

export async function insertVolume(db: Db, row: NewVolumeRow): Promise<void> {
  await db.insertInto('volumes').values(row).execute();
}

/** Null when there is none; deleted ones are found too. @param lock holds the row until the transaction ends */
export async function findVolume(db: Db, id: string, lock = false): Promise<Volume | null> {
  const query = db.selectFrom('volumes').selectAll().where('id', '=', id);
  const row = await (lock ? query.forUpdate() : query).executeTakeFirst();
  return row ? volumeOf(row) : null;
}

/** The keys of a change are columns; `updated_at` is always among them. */
export type VolumeChange = Updateable<Omit<VolumeTable, 'updated_at'>> & { readonly updated_at: string };

/** Nothing is written unless the row still fits `where`. @returns whether it did */
export async function updateVolume(
  db: Db,
  id: string,
  change: VolumeChange,
  where: { readonly status?: readonly VolumeStatus[]; readonly alive?: boolean } = {},
): Promise<boolean> {
  let query = db.updateTable('volumes').set(change).where('id', '=', id);
  if (where.status) query = query.where('status', 'in', where.status);
  if (where.alive ?? true) query = query.where('deleted', '=', 0);
  return (await query.executeTakeFirst()).numUpdatedRows > 0n;
}

/** The row stays, for what is billed and looked up later; nobody sees it any more. Its attachments and offers go. */
export async function markVolumeDeleted(trx: Db, id: string, now: string): Promise<void> {
  await trx.deleteFrom('attachments').where('volume_id', '=', id).execute();
  await trx.deleteFrom('transfers').where('volume_id', '=', id).execute();
  await trx
    .updateTable('volumes')
    .set({
      deleted: 1,
      deleted_at: now,
      updated_at: now,
      status: 'deleted',
      provider_location: null,
      provider_auth: null,
    })
    .where('id', '=', id)
    .where('deleted', '=', 0)
    .execute();
}

/** Volumes that belong into a back end. */
export async function volumesOnHost(db: Db, host: string): Promise<Volume[]> {
  const rows = await db
    .selectFrom('volumes')
    .selectAll()
    .where('deleted', '=', 0)
    .where((eb) => eb.or([eb('host', '=', host), eb('host', 'like', `${host}#%`)]))
    .orderBy('num')
    .execute();
  return rows.map(volumeOf);
}

/** GiB and number of volumes per back end, deleted ones left out. */
export async function allocatedByHost(db: Db): Promise<Map<string, { readonly gb: number; readonly volumes: number }>> {
  const rows = await db
    .selectFrom('volumes')
    .select(({ fn }) => ['host', fn.sum<number | null>('size_gb').as('gb'), fn.countAll<number>().as('volumes')])
    .where('deleted', '=', 0)
    .where('host', 'is not', null)
    .groupBy('host')
    .execute();
  return new Map(rows.map(({ host, gb, volumes }) => [host as string, { gb: Number(gb), volumes: Number(volumes) }]));
}

/** What a list asks for. */
export interface VolumeFilter {
  /** Columns that must have a value; null means none. */
  readonly equal?: Readonly<Record<string, string | number | null>>;
  readonly projectId?: string;
  /** Part of name or description, any case (`name~`). */
  readonly contains?: Readonly<Partial<Record<'name' | 'description' | 'status', string>>>;
  readonly ids?: readonly string[];
  readonly metadata?: readonly (readonly [string, string])[];
  readonly imageMetadata?: readonly (readonly [string, string])[];
  readonly groupIds?: readonly string[];
  /** `<column>` with a comparison and a time: `created_at=gt:…` (3.60). */
  readonly times?: readonly {
    readonly column: 'created_at' | 'updated_at';
    readonly operator: '>' | '>=' | '<' | '<=' | '=' | '!=';
    readonly value: string;
  }[];
  readonly deleted?: boolean;
  /** `host` and its pools. */
  readonly host?: string;
}

type Query<O> = SelectQueryBuilder<CinderTables, 'volumes', O>;

// `!` escapes: a backslash means different things to different engines.
const likeEscaped = (text: string): string => text.replace(/[!%_]/g, (c) => `!${c}`);
const like = (column: string, pattern: string) =>
  sql<boolean>`lower(${sql.ref(column)}) like ${pattern.toLowerCase()} escape '!'`;
const has = (column: string, json: string) =>
  sql<boolean>`${sql.ref(column)} like ${`%${likeEscaped(json)}%`} escape '!'`;

function filtered<O>(query: Query<O>, filter: VolumeFilter): Query<O> {
  let q = query.where('deleted', '=', filter.deleted ? 1 : 0);
  if (filter.projectId !== undefined) q = q.where('project_id', '=', filter.projectId);
  for (const [column, value] of Object.entries(filter.equal ?? {}))
    q = value === null ? q.where(column as 'host', 'is', null) : q.where(column as 'host', '=', value as string);
  for (const [column, value] of Object.entries(filter.contains ?? {}))
    q = q.where(like(column, `%${likeEscaped(value)}%`));
  if (filter.ids) q = filter.ids.length > 0 ? q.where('id', 'in', filter.ids) : q.where(sql<boolean>`1 = 0`);
  if (filter.host !== undefined) {
    const { host } = filter;
    q = q.where((eb) =>
      eb.or([eb('host', '=', host), eb('host', 'like', `${host}#%`), eb('host', 'like', `${host}@%`)]),
    );
  }
  for (const { column, operator, value } of filter.times ?? []) q = q.where(column, operator, value);
  for (const [name, value] of filter.metadata ?? [])
    q = q.where(has('metadata', `${JSON.stringify(name)}:${JSON.stringify(value)}`));
  for (const [name, value] of filter.imageMetadata ?? [])
    q = q.where(has('image_metadata', `${JSON.stringify(name)}:${JSON.stringify(value)}`));
  return q;
}

export interface RowPage {
  readonly sort: readonly SortKey[];
  /** The row after which the page begins, by columns. */
  readonly marker?: Readonly<Record<string, unknown>> | undefined;
  readonly limit: number;
  readonly offset?: number;
}

/** One page in one query. */
export async function listVolumes(db: Db, filter: VolumeFilter, page: RowPage): Promise<Volume[]> {
  let query = paginate(filtered(db.selectFrom('volumes').selectAll(), filter), page);
  if (page.offset) query = query.offset(page.offset);
  return (await query.execute()).map(volumeOf);
}

/** Number and GiB of all that fit. */
export async function countVolumes(db: Db, filter: VolumeFilter): Promise<{ count: number; gb: number }> {
  const { count, gb } = await filtered(
    db
      .selectFrom('volumes')
      .select(({ fn }) => [fn.countAll<number>().as('count'), fn.sum<number | null>('size_gb').as('gb')]),
    filter,
  ).executeTakeFirstOrThrow();
  return { count: Number(count), gb: Number(gb ?? 0) };
}

/** Metadata of all that fit: for the summary. */
export async function metadataOfVolumes(db: Db, filter: VolumeFilter): Promise<Readonly<Record<string, string>>[]> {
  const rows = await filtered(db.selectFrom('volumes').select('metadata'), filter).execute();
  return rows.map((row) => parse(row.metadata));
}

/** A marker's columns; null when no such volume may be seen. */
export async function findVolumeMarker(
  db: Db,
  id: string,
  projectId: string | undefined,
): Promise<Record<string, unknown> | null> {
  let query = db.selectFrom('volumes').selectAll().where('id', '=', id).where('deleted', '=', 0);
  if (projectId !== undefined) query = query.where('project_id', '=', projectId);
  return (await query.executeTakeFirst()) ?? null;
}

/** All of a group. */
export async function volumesOfGroup(db: Db, groupId: string): Promise<Volume[]> {
  const rows = await db
    .selectFrom('volumes')
    .selectAll()
    .where('group_id', '=', groupId)
    .where('deleted', '=', 0)
    .orderBy('num')
    .execute();
  return rows.map(volumeOf);
}

export async function isTypeInUse(db: Db, typeId: string): Promise<boolean> {
  const row = await db
    .selectFrom('volumes')
    .select('num')
    .where('volume_type_id', '=', typeId)
    .where('deleted', '=', 0)
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}

/** `cinder-manage db purge`: rows of what was deleted before a time. @returns how many */
export async function purgeDeleted(db: Db, before: string): Promise<number> {
  let gone = 0n;
  for (const table of ['volumes', 'snapshots', 'backups'] as const) {
    const result = await db
      .deleteFrom(table)
      .where('deleted', '=', 1)
      .where('deleted_at', '<', before)
      .executeTakeFirst();
    gone += result.numDeletedRows;
  }
  return Number(gone);
}

/** `cinder-manage volume update_host` @returns how many */
export async function renameHost(db: Db, from: string, to: string): Promise<number> {
  const result = await db
    .updateTable('volumes')
    .set({ host: to })
    .where('host', '=', from)
    .where('deleted', '=', 0)
    .executeTakeFirst();
  return Number(result.numUpdatedRows);
}
