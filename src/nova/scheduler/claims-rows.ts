import type { Queryable } from '#common/db/database.ts';
import type { NovaTables } from '../tables.ts';

type Db = Queryable<NovaTables>;

export interface Room {
  readonly vcpus: number;
  readonly memoryMb: number;
  readonly diskGb: number;
}

/** The most that may be claimed on a host; null where no filter limits it. */
export type Limits = { readonly [K in keyof Room]: number | null };

export interface Claim extends Room {
  readonly serverId: string;
  readonly host: string;
}

/**
 * Claims room on a host for a server, if there still is room now: the host's sums and the claim change together, so no two
 * schedulers can hand out the same room.
 * @returns whether there was room
 */
export async function claimRoom(trx: Db, claim: Claim, limits: Limits, now: string): Promise<boolean> {
  let query = trx
    .updateTable('compute_nodes')
    .set((eb) => ({
      vcpus_used: eb('vcpus_used', '+', claim.vcpus),
      memory_mb_used: eb('memory_mb_used', '+', claim.memoryMb),
      disk_gb_used: eb('disk_gb_used', '+', claim.diskGb),
      changed_at: now,
    }))
    .where('host', '=', claim.host);
  if (limits.vcpus !== null) query = query.where('vcpus_used', '<=', limits.vcpus - claim.vcpus);
  if (limits.memoryMb !== null) query = query.where('memory_mb_used', '<=', limits.memoryMb - claim.memoryMb);
  if (limits.diskGb !== null) query = query.where('disk_gb_used', '<=', limits.diskGb - claim.diskGb);
  if ((await query.executeTakeFirst()).numUpdatedRows === 0n) return false;
  await trx
    .insertInto('allocations')
    .values({
      server_id: claim.serverId,
      host: claim.host,
      vcpus: claim.vcpus,
      memory_mb: claim.memoryMb,
      disk_gb: claim.diskGb,
    })
    .execute();
  return true;
}

/** Gives a server's room back. Nothing happens when it has none. */
export async function releaseRoom(trx: Db, serverId: string, now: string): Promise<void> {
  const claim = await trx
    .selectFrom('allocations')
    .selectAll()
    .where('server_id', '=', serverId)
    .forUpdate()
    .executeTakeFirst();
  if (!claim) return;
  await trx.deleteFrom('allocations').where('server_id', '=', serverId).execute();
  await trx
    .updateTable('compute_nodes')
    .set((eb) => ({
      vcpus_used: eb('vcpus_used', '-', claim.vcpus),
      memory_mb_used: eb('memory_mb_used', '-', claim.memory_mb),
      disk_gb_used: eb('disk_gb_used', '-', claim.disk_gb),
      changed_at: now,
    }))
    .where('host', '=', claim.host)
    .execute();
}

/** The host on which a server has room; null when on none. */
export async function claimedHost(db: Db, serverId: string): Promise<string | null> {
  const row = await db.selectFrom('allocations').select('host').where('server_id', '=', serverId).executeTakeFirst();
  return row?.host ?? null;
}

/** Hosts of these servers, for hints that name them. */
export async function claimedHosts(db: Db, serverIds: readonly string[]): Promise<Map<string, string>> {
  if (serverIds.length === 0) return new Map();
  const rows = await db
    .selectFrom('allocations')
    .select(['server_id', 'host'])
    .where('server_id', 'in', serverIds)
    .execute();
  return new Map(rows.map((row) => [row.server_id, row.host]));
}

/**
 * A server that is being moved holds two claims: its old one under the move's name, so that the new one can be under its own.
 * Nothing happens when that is so already.
 */
export async function parkClaim(trx: Db, serverId: string, tag: string): Promise<void> {
  const parked = await trx.selectFrom('allocations').select('host').where('server_id', '=', tag).executeTakeFirst();
  if (parked) return;
  await trx.updateTable('allocations').set({ server_id: tag }).where('server_id', '=', serverId).execute();
}

/** The move did not come to be: the new claim is given back, and the old one is the server's again. */
export async function unparkClaim(trx: Db, serverId: string, tag: string, now: string): Promise<void> {
  const parked = await trx.selectFrom('allocations').select('host').where('server_id', '=', tag).executeTakeFirst();
  if (!parked) return;
  await releaseRoom(trx, serverId, now);
  await trx.updateTable('allocations').set({ server_id: serverId }).where('server_id', '=', tag).execute();
}
