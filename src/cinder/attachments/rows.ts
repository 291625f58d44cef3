import type { Insertable, Selectable, Updateable } from 'kysely';
import type { Queryable } from '#common/db/database.ts';
import { paginate } from '#common/db/pagination.ts';
import type { ConnectionInfo, Connector } from '#clients/volume.ts';
import type { AttachmentTable, CinderTables } from '../tables.ts';
import type { RowPage } from '../volumes/rows.ts';
import type { AttachStatus } from '../volumes/states.ts';

export type Db = Queryable<CinderTables>;

/** A volume's tie to a server or a host. */
export interface Attachment {
  readonly num: number;
  readonly id: string;
  readonly volumeId: string;
  readonly projectId: string;
  /** Null for an attachment to a host. */
  readonly serverId: string | null;
  readonly attachedHost: string | null;
  /** `/dev/vdb` */
  readonly mountpoint: string | null;
  readonly status: AttachStatus;
  readonly mode: 'rw' | 'ro';
  readonly connector: Connector | null;
  /** Without secrets. */
  readonly connectionInfo: ConnectionInfo | null;
  readonly attachedAt: string | null;
  readonly createdAt: string;
}

const attachmentOf = (row: Selectable<AttachmentTable>): Attachment => ({
  num: row.num,
  id: row.id,
  volumeId: row.volume_id,
  projectId: row.project_id,
  serverId: row.server_id,
  attachedHost: row.attached_host,
  mountpoint: row.mountpoint,
  status: row.attach_status as AttachStatus,
  mode: row.mode,
  connector: row.connector === null ? null : (JSON.parse(row.connector) as Connector),
  connectionInfo: row.connection_info === null ? null : (JSON.parse(row.connection_info) as ConnectionInfo),
  attachedAt: row.attached_at,
  createdAt: row.created_at,
});

export async function insertAttachment(db: Db, row: Insertable<AttachmentTable>): Promise<void> {
  await db.insertInto('attachments').values(row).execute();
}

export async function findAttachment(db: Db, id: string): Promise<Attachment | null> {
  const row = await db.selectFrom('attachments').selectAll().where('id', '=', id).executeTakeFirst();
  return row ? attachmentOf(row) : null;
}

export type AttachmentChange = Updateable<Omit<AttachmentTable, 'updated_at'>> & { readonly updated_at: string };

/** @returns whether it is still there */
export async function updateAttachment(db: Db, id: string, change: AttachmentChange): Promise<boolean> {
  const { numUpdatedRows } = await db.updateTable('attachments').set(change).where('id', '=', id).executeTakeFirst();
  return numUpdatedRows > 0n;
}

/** @returns whether it was there */
export async function deleteAttachment(db: Db, id: string): Promise<boolean> {
  return (await db.deleteFrom('attachments').where('id', '=', id).executeTakeFirst()).numDeletedRows > 0n;
}

/** A volume's attachments, oldest first. */
export const attachmentsOfVolume = (db: Db, volumeId: string): Promise<Attachment[]> =>
  attachmentsOfVolumes(db, [volumeId]);

/** Those of many volumes in one query. */
export async function attachmentsOfVolumes(db: Db, volumeIds: readonly string[]): Promise<Attachment[]> {
  if (volumeIds.length === 0) return [];
  const rows = await db
    .selectFrom('attachments')
    .selectAll()
    .where('volume_id', 'in', volumeIds)
    .orderBy('num')
    .execute();
  return rows.map(attachmentOf);
}

export interface AttachmentFilter {
  readonly projectId?: string;
  readonly equal?: Readonly<Record<string, string>>;
}

/** One page in one query. */
export async function listAttachments(db: Db, filter: AttachmentFilter, page: RowPage): Promise<Attachment[]> {
  let query = db.selectFrom('attachments').selectAll();
  if (filter.projectId !== undefined) query = query.where('project_id', '=', filter.projectId);
  for (const [column, value] of Object.entries(filter.equal ?? {})) query = query.where(column as 'id', '=', value);
  query = paginate(query, page);
  if (page.offset) query = query.offset(page.offset);
  return (await query.execute()).map(attachmentOf);
}

export async function findAttachmentMarker(
  db: Db,
  id: string,
  projectId: string | undefined,
): Promise<Record<string, unknown> | null> {
  let query = db.selectFrom('attachments').selectAll().where('id', '=', id);
  if (projectId !== undefined) query = query.where('project_id', '=', projectId);
  return (await query.executeTakeFirst()) ?? null;
}

/** With a volume that changes hands. */
export async function giveAttachments(db: Db, volumeId: string, projectId: string): Promise<void> {
  await db.updateTable('attachments').set({ project_id: projectId }).where('volume_id', '=', volumeId).execute();
}
