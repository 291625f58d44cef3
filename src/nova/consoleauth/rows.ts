import { createHash } from 'node:crypto';
import type { Queryable } from '#common/db/database.ts';
import type { NovaTables } from '../tables.ts';

type Db = Queryable<NovaTables>;

/** What a token opens. */
export interface ConsoleGrant {
  readonly serverId: string;
  readonly type: string;
  readonly host: string;
  readonly port: number;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
}

const hashOf = (token: string): string => createHash('sha256').update(token).digest('hex');

export async function insertToken(db: Db, token: string, grant: ConsoleGrant): Promise<void> {
  await db
    .insertInto('console_tokens')
    .values({
      token_hash: hashOf(token),
      server_id: grant.serverId,
      type: grant.type,
      host: grant.host,
      port: grant.port,
      expires_at: grant.expiresAt,
    })
    .execute();
}

export async function findToken(db: Db, token: string): Promise<ConsoleGrant | null> {
  const row = await db
    .selectFrom('console_tokens')
    .selectAll()
    .where('token_hash', '=', hashOf(token))
    .executeTakeFirst();
  if (!row) return null;
  return {
    serverId: row.server_id,
    type: row.type,
    host: row.host,
    port: row.port,
    expiresAt: Number(row.expires_at),
  };
}

/** Where a server is now; null when it is nowhere. */
export async function hostOfServer(db: Db, serverId: string): Promise<string | null> {
  const row = await db
    .selectFrom('instances')
    .select('host')
    .where('id', '=', serverId)
    .where('deleted_at', 'is', null)
    .executeTakeFirst();
  return row?.host ?? null;
}

export async function forgetServer(db: Db, serverId: string): Promise<void> {
  await db.deleteFrom('console_tokens').where('server_id', '=', serverId).execute();
}

export async function forgetExpired(db: Db, now: number): Promise<void> {
  await db.deleteFrom('console_tokens').where('expires_at', '<', now).execute();
}
