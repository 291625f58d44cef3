import type { Db } from '../store.ts';

/** An event for Nova's os-server-external-events. */
export interface NovaEvent {
  readonly name: 'network-vif-plugged' | 'network-vif-unplugged' | 'network-vif-deleted' | 'network-changed';
  readonly server_uuid: string;
  /** The port. */
  readonly tag: string | null;
  readonly status: 'completed' | 'failed' | null;
}

export interface StoredEvent extends NovaEvent {
  readonly id: number;
  readonly created_at: string;
}

export async function insertEvents(db: Db, events: readonly NovaEvent[], now: string): Promise<void> {
  await db
    .insertInto('nova_events')
    .values(events.map((event) => ({ ...event, created_at: now })))
    .execute();
}

/** The oldest ones. */
export const pendingEvents = async (db: Db, limit: number): Promise<readonly StoredEvent[]> =>
  (await db.selectFrom('nova_events').selectAll().orderBy('id').limit(limit).execute()) as unknown as StoredEvent[];

export async function deleteEvents(db: Db, ids: readonly number[]): Promise<void> {
  if (ids.length > 0) await db.deleteFrom('nova_events').where('id', 'in', ids).execute();
}
