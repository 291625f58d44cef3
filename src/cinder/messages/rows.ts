import type { Selectable } from 'kysely';
import { isoMicros } from '#common/clock.ts';
import type { Queryable } from '#common/db/database.ts';
import { paginate } from '#common/db/pagination.ts';
import type { CinderTables } from '../tables.ts';
import type { RowPage } from '../volumes/rows.ts';
import { messageActions, messageDetails, type MessageAction, type MessageDetail } from './texts.ts';

type Db = Queryable<CinderTables>;

/** Why something that was asked for did not come about: API 3.3. */
export interface Message {
  readonly num: number;
  readonly id: string;
  readonly projectId: string;
  readonly requestId: string | null;
  readonly resourceType: string | null;
  readonly resourceId: string | null;
  readonly actionId: string;
  readonly detailId: string;
  readonly level: string;
  readonly createdAt: string;
  readonly expiresAt: string;
}

const messageOf = (row: Selectable<CinderTables['messages']>): Message => ({
  num: row.num,
  id: row.id,
  projectId: row.project_id,
  requestId: row.request_id,
  resourceType: row.resource_type,
  resourceId: row.resource_id,
  actionId: row.action_id,
  detailId: row.detail_id,
  level: row.level,
  createdAt: row.created_at,
  expiresAt: row.expires_at,
});

/** Tells a project why something failed, in one of the texts of texts.ts; inserted together with what it is about. */
export async function insertMessage(
  db: Db,
  message: {
    readonly id: string;
    readonly projectId: string;
    readonly requestId: string | null;
    readonly resourceType: 'VOLUME' | 'VOLUME_SNAPSHOT' | 'VOLUME_BACKUP';
    readonly resourceId: string;
    readonly action: MessageAction;
    readonly detail: MessageDetail;
    readonly now: Date;
    /** Seconds: `message_ttl`. */
    readonly ttl: number;
  },
): Promise<void> {
  await db
    .insertInto('messages')
    .values({
      id: message.id,
      project_id: message.projectId,
      request_id: message.requestId,
      resource_type: message.resourceType,
      resource_id: message.resourceId,
      action_id: messageActions[message.action][0],
      detail_id: messageDetails[message.detail][0],
      level: 'ERROR',
      created_at: isoMicros(message.now),
      expires_at: isoMicros(new Date(message.now.getTime() + message.ttl * 1000)),
    })
    .execute();
}

export async function findMessage(db: Db, id: string): Promise<Message | null> {
  const row = await db.selectFrom('messages').selectAll().where('id', '=', id).executeTakeFirst();
  return row ? messageOf(row) : null;
}

export async function deleteMessage(db: Db, id: string): Promise<void> {
  await db.deleteFrom('messages').where('id', '=', id).execute();
}

/** One page in one query. */
export async function listMessages(
  db: Db,
  filter: { readonly projectId?: string; readonly equal?: Readonly<Record<string, string>> },
  page: RowPage,
): Promise<Message[]> {
  let query = db.selectFrom('messages').selectAll();
  if (filter.projectId !== undefined) query = query.where('project_id', '=', filter.projectId);
  for (const [column, value] of Object.entries(filter.equal ?? {})) query = query.where(column as 'id', '=', value);
  query = paginate(query, page);
  if (page.offset) query = query.offset(page.offset);
  return (await query.execute()).map(messageOf);
}

export async function findMessageMarker(
  db: Db,
  id: string,
  projectId: string | undefined,
): Promise<Record<string, unknown> | null> {
  let query = db.selectFrom('messages').selectAll().where('id', '=', id);
  if (projectId !== undefined) query = query.where('project_id', '=', projectId);
  return (await query.executeTakeFirst()) ?? null;
}

export async function deleteExpiredMessages(db: Db, now: string): Promise<void> {
  await db.deleteFrom('messages').where('expires_at', '<', now).execute();
}
