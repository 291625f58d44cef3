import type { Selectable } from 'kysely';
import type { Queryable } from '#common/db/database.ts';
import { paginate } from '#common/db/pagination.ts';
import type { GlanceTables } from '../tables.ts';
import type { Task, TaskQuery, TaskStatus } from './task.ts';

type Db = Queryable<GlanceTables>;

const taskOf = (row: Selectable<GlanceTables['tasks']>): Task => ({
  id: row.id,
  type: row.type as Task['type'],
  status: row.status as TaskStatus,
  owner: row.owner,
  imageId: row.image_id,
  requestId: row.request_id,
  userId: row.user_id,
  input: JSON.parse(row.input) as Task['input'],
  result: row.result === null ? null : (JSON.parse(row.result) as Task['result']),
  message: row.message,
  expiresAt: row.expires_at,
  createdAt: row.created_at,
  updatedAt: row.updated_at,
});

export async function insertTask(db: Db, task: Task): Promise<void> {
  await db
    .insertInto('tasks')
    .values({
      id: task.id,
      type: task.type,
      status: task.status,
      owner: task.owner,
      image_id: task.imageId,
      request_id: task.requestId,
      user_id: task.userId,
      input: JSON.stringify(task.input),
      result: task.result && JSON.stringify(task.result),
      message: task.message,
      expires_at: task.expiresAt,
      created_at: task.createdAt,
      updated_at: task.updatedAt,
    })
    .execute();
}

/** Ends or begins a task. */
export async function updateTask(
  db: Db,
  id: string,
  change: Pick<Task, 'status' | 'message' | 'expiresAt' | 'result'>,
  now: string,
): Promise<void> {
  await db
    .updateTable('tasks')
    .set({
      status: change.status,
      message: change.message,
      result: change.result && JSON.stringify(change.result),
      expires_at: change.expiresAt,
      updated_at: now,
    })
    .where('id', '=', id)
    .execute();
}

export async function findTask(db: Db, id: string): Promise<Task | undefined> {
  const row = await db.selectFrom('tasks').selectAll().where('id', '=', id).executeTakeFirst();
  return row && taskOf(row);
}

/** One page of those that have not expired; undefined when the marker is not there. */
export async function listTasks(db: Db, wanted: TaskQuery, now: string): Promise<readonly Task[] | undefined> {
  const { status, type, sort, limit } = wanted;
  const marker =
    wanted.marker === undefined
      ? undefined
      : await db.selectFrom('tasks').selectAll().where('id', '=', wanted.marker).executeTakeFirst();
  if (wanted.marker !== undefined && !marker) return undefined;
  const query = db
    .selectFrom('tasks')
    .selectAll()
    .where((where) => where.or([where('expires_at', 'is', null), where('expires_at', '>', now)]))
    .$if(status !== undefined, (one) => one.where('status', '=', status as string))
    .$if(type !== undefined, (one) => one.where('type', '=', type as string));
  const rows = await paginate(query, {
    sort: [
      { column: sort.column, direction: sort.direction, nullable: sort.column === 'expires_at' },
      ...(sort.column === 'id' ? [] : [{ column: 'id', direction: sort.direction }]),
    ],
    marker,
    limit,
  }).execute();
  return rows.map(taskOf);
}

/** Those of an image that have not expired, the oldest first. */
export async function tasksOfImage(db: Db, imageId: string, now: string): Promise<readonly Task[]> {
  const rows = await db
    .selectFrom('tasks')
    .selectAll()
    .where('image_id', '=', imageId)
    .where((where) => where.or([where('expires_at', 'is', null), where('expires_at', '>', now)]))
    .orderBy('created_at')
    .orderBy('id')
    .execute();
  return rows.map(taskOf);
}

/** Forgets those that expired before `now`. */
export async function purgeTasks(db: Db, now: string): Promise<void> {
  await db.deleteFrom('tasks').where('expires_at', '<', now).execute();
}
