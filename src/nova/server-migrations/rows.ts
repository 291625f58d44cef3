import type { Insertable, Selectable, Updateable } from 'kysely';
import type { Queryable } from '#common/db/database.ts';
import { paginate } from '#common/db/pagination.ts';
import type { FlavorSnapshot } from '../servers/model.ts';
import type { VmState } from '../servers/states.ts';
import type { MigrationTable, NovaTables } from '../tables.ts';

type Db = Queryable<NovaTables>;

export type MigrationType = 'resize' | 'migration' | 'evacuation' | 'live-migration';

/** A move of a server, as it was asked for and how far it came. */
export interface ServerMigration {
  readonly num: number;
  readonly uuid: string;
  readonly serverId: string;
  readonly projectId: string;
  readonly userId: string | null;
  readonly type: MigrationType;
  readonly status: string;
  readonly sourceCompute: string;
  readonly sourceNode: string | null;
  readonly destCompute: string | null;
  readonly destNode: string | null;
  readonly destHost: string | null;
  readonly oldFlavor: FlavorSnapshot;
  readonly newFlavor: FlavorSnapshot;
  readonly oldFlavorNum: number | null;
  readonly newFlavorNum: number | null;
  /** What the server was before, and is again after a revert. */
  readonly oldVmState: VmState;
  readonly createdAt: string;
  readonly updatedAt: string | null;
}

const migrationOf = (row: Selectable<MigrationTable>): ServerMigration => ({
  num: row.num,
  uuid: row.uuid,
  serverId: row.server_id,
  projectId: row.project_id,
  userId: row.user_id,
  type: row.type as MigrationType,
  status: row.status,
  sourceCompute: row.source_compute ?? '',
  sourceNode: row.source_node,
  destCompute: row.dest_compute,
  destNode: row.dest_node,
  destHost: row.dest_host,
  oldFlavor: JSON.parse(row.old_flavor) as FlavorSnapshot,
  newFlavor: JSON.parse(row.new_flavor) as FlavorSnapshot,
  oldFlavorNum: row.old_flavor_num,
  newFlavorNum: row.new_flavor_num,
  oldVmState: row.old_vm_state as VmState,
  createdAt: row.created_at,
  updatedAt: row.updated_at,
});

/** While a move is in one of these, its server's claim on the old host is held, and what is set aside there is kept. */
const open = ['accepted', 'pre-migrating', 'migrating', 'post-migrating', 'finished', 'confirming', 'reverting'];

export async function insertMigration(db: Db, row: Insertable<MigrationTable>): Promise<void> {
  await db.insertInto('migrations').values(row).execute();
}

/** @throws Error when there is none: who asks was told of it by the API */
export async function getMigration(db: Db, uuid: string): Promise<ServerMigration> {
  const row = await db.selectFrom('migrations').selectAll().where('uuid', '=', uuid).executeTakeFirst();
  if (!row) throw new Error(`Migration ${uuid} could not be found.`);
  return migrationOf(row);
}

export async function updateMigration(
  db: Db,
  uuid: string,
  change: Updateable<MigrationTable> & { readonly updated_at: string },
): Promise<void> {
  await db.updateTable('migrations').set(change).where('uuid', '=', uuid).execute();
}

/** The moves of a server that are not over, newest first. */
export async function openMigrations(db: Db, serverId: string): Promise<ServerMigration[]> {
  const rows = await db
    .selectFrom('migrations')
    .selectAll()
    .where('server_id', '=', serverId)
    .where('status', 'in', open)
    .orderBy('num', 'desc')
    .execute();
  return rows.map(migrationOf);
}

/** What a host must keep aside. */
export async function asidesOn(db: Db, host: string): Promise<{ id: string; tag: string }[]> {
  return db
    .selectFrom('migrations')
    .select(['server_id as id', 'uuid as tag'])
    .where('source_compute', '=', host)
    .where('type', 'in', ['resize', 'migration'])
    .where('status', 'in', open)
    .execute();
}

/** Finished moves that have waited for somebody's word since before `time`. */
export async function unconfirmedSince(db: Db, time: string): Promise<ServerMigration[]> {
  const rows = await db
    .selectFrom('migrations')
    .selectAll()
    .where('status', '=', 'finished')
    .where('type', 'in', ['resize', 'migration'])
    .where('updated_at', '<=', time)
    .orderBy('num')
    .limit(100)
    .execute();
  return rows.map(migrationOf);
}

export interface MigrationFilter {
  readonly serverId?: string | undefined;
  readonly status?: string | undefined;
  /** On either side. */
  readonly host?: string | undefined;
  readonly sourceCompute?: string | undefined;
  readonly type?: string | undefined;
  readonly userId?: string | undefined;
  readonly projectId?: string | undefined;
  readonly changesSince?: string | undefined;
  readonly changesBefore?: string | undefined;
}

/** @param page newest first, after the marker; null gives all, in the order in which they were made */
export async function listMigrations(
  db: Db,
  filter: MigrationFilter,
  page: { readonly limit: number; readonly marker: ServerMigration | null } | null,
): Promise<ServerMigration[]> {
  let query = db.selectFrom('migrations').selectAll();
  const equal = {
    server_id: filter.serverId,
    status: filter.status,
    source_compute: filter.sourceCompute,
    type: filter.type,
    user_id: filter.userId,
    project_id: filter.projectId,
  };
  for (const [column, value] of Object.entries(equal))
    if (value !== undefined) query = query.where(column as 'status', '=', value);
  const { host, changesSince, changesBefore } = filter;
  if (host !== undefined)
    query = query.where(({ or, eb }) => or([eb('source_compute', '=', host), eb('dest_compute', '=', host)]));
  if (changesSince !== undefined) query = query.where('updated_at', '>=', changesSince);
  if (changesBefore !== undefined) query = query.where('updated_at', '<=', changesBefore);
  if (!page) return (await query.orderBy('num').execute()).map(migrationOf);
  const marker = page.marker && { created_at: page.marker.createdAt, num: page.marker.num };
  const rows = await paginate(query, {
    sort: [
      { column: 'created_at', direction: 'desc' },
      { column: 'num', direction: 'desc' },
    ],
    ...(marker && { marker }),
    limit: page.limit,
  }).execute();
  return rows.map(migrationOf);
}

/** Null when there is none. */
export async function findMigration(
  db: Db,
  by: { readonly uuid: string } | { readonly num: number },
): Promise<ServerMigration | null> {
  const query = db.selectFrom('migrations').selectAll();
  const row = await (
    'uuid' in by ? query.where('uuid', '=', by.uuid) : query.where('num', '=', by.num)
  ).executeTakeFirst();
  return row ? migrationOf(row) : null;
}
