import { sql } from 'kysely';
import type { Db } from '../store.ts';

/** Null when the database answers, otherwise why not. */
export async function reachable(db: Db): Promise<string | null> {
  try {
    await sql`select 1`.execute(db);
    return null;
  } catch (error) {
    return (error as Error).message;
  }
}
