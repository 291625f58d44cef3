import type { Queryable } from '#common/db/database.ts';
import { isDuplicateKey } from '#common/db/errors.ts';
import type { NovaTables } from '../tables.ts';

type Db = Queryable<NovaTables>;

/** What has a number of its own in the EC2 API; servers have theirs in `instances`. */
export type NumberedKind = 'image' | 'volume' | 'snapshot';

/** The number of each id, made at first sight: the first 32 bits of the UUID, or the next that is free. */
export async function numbersOf(db: Db, kind: NumberedKind, ids: readonly string[]): Promise<Map<string, number>> {
  const known = new Map<string, number>();
  const wanted = [...new Set(ids)];
  if (wanted.length === 0) return known;
  const rows = await db.selectFrom('ec2_ids').selectAll().where('kind', '=', kind).where('id', 'in', wanted).execute();
  for (const row of rows) known.set(row.id, Number(row.num));
  for (const id of wanted) if (!known.has(id)) known.set(id, await makeNumber(db, kind, id));
  return known;
}

async function makeNumber(db: Db, kind: NumberedKind, id: string): Promise<number> {
  for (let num = Number.parseInt(id.replaceAll('-', '').slice(0, 8), 16) || 1; ; num = (num + 1) % 2 ** 32 || 1) {
    try {
      await db.insertInto('ec2_ids').values({ kind, num, id }).execute();
      return num;
    } catch (error) {
      if (!isDuplicateKey(error)) throw error;
      // Another has the number, or somebody was faster with the very same id.
      const own = await db
        .selectFrom('ec2_ids')
        .select('num')
        .where('kind', '=', kind)
        .where('id', '=', id)
        .executeTakeFirst();
      if (own) return Number(own.num);
    }
  }
}

export async function idOfNumber(db: Db, kind: NumberedKind, num: number): Promise<string | null> {
  const row = await db
    .selectFrom('ec2_ids')
    .select('id')
    .where('kind', '=', kind)
    .where('num', '=', num)
    .executeTakeFirst();
  return row?.id ?? null;
}

/** Live servers by number. @param projectId null finds those of all projects */
export async function serverIdsOf(
  db: Db,
  nums: readonly number[],
  projectId: string | null,
): Promise<Map<number, string>> {
  if (nums.length === 0) return new Map();
  let query = db.selectFrom('instances').select(['num', 'id']).where('num', 'in', nums).where('deleted', '=', 0);
  if (projectId !== null) query = query.where('project_id', '=', projectId);
  return new Map((await query.execute()).map((row) => [row.num, row.id]));
}

/** The numbers of servers, deleted ones too. */
export async function serverNumbers(db: Db, ids: readonly string[]): Promise<Map<string, number>> {
  if (ids.length === 0) return new Map();
  const rows = await db.selectFrom('instances').select(['num', 'id']).where('id', 'in', ids).execute();
  return new Map(rows.map((row) => [row.id, row.num]));
}

export async function reservationOfToken(db: Db, projectId: string, token: string): Promise<string | null> {
  const row = await db
    .selectFrom('ec2_client_tokens')
    .select('reservation_id')
    .where('project_id', '=', projectId)
    .where('token', '=', token)
    .executeTakeFirst();
  return row?.reservation_id ?? null;
}

/** The first to say it is the one that is kept. */
export async function keepToken(
  db: Db,
  projectId: string,
  token: string,
  reservationId: string,
  now: string,
): Promise<void> {
  await db
    .insertInto('ec2_client_tokens')
    .values({ project_id: projectId, token, reservation_id: reservationId, created_at: now })
    .execute()
    .catch((error: unknown) => {
      if (!isDuplicateKey(error)) throw error;
    });
}
