import { sql } from 'kysely';
import type { ListQuery } from '../api/list-query.ts';
import { filtered, paged, type ListedTable } from '../list-rows.ts';
import type { Db } from '../store.ts';
import type { AgentRow } from '../tables.ts';
import { agentResource } from './schema.ts';

const listed: ListedTable = {
  resource: agentResource,
  table: 'agents',
  special: ['alive'],
  nullable: ['description', 'availability_zone'],
};

export async function listAgents(db: Db, query: ListQuery): Promise<AgentRow[] | null> {
  const marker = query.marker === undefined ? undefined : await findAgent(db, query.marker);
  if (query.marker !== undefined && !marker) return null;
  const select = db.selectFrom('agents').selectAll('agents');
  const rows = await paged(filtered(select, listed, query), listed, query, marker && { ...marker }).execute();
  return query.reverse ? rows.reverse() : rows;
}

export const findAgent = (db: Db, id: string): Promise<AgentRow | undefined> =>
  db.selectFrom('agents').selectAll().where('id', '=', id).executeTakeFirst();

export const findAgentOf = (db: Db, type: string, host: string): Promise<AgentRow | undefined> =>
  db.selectFrom('agents').selectAll().where('agent_type', '=', type).where('host', '=', host).executeTakeFirst();

export const agentsOnHost = (db: Db, host: string): Promise<AgentRow[]> =>
  db.selectFrom('agents').selectAll().where('host', '=', host).execute();

export const agentsOfType = (db: Db, type: string): Promise<AgentRow[]> =>
  db.selectFrom('agents').selectAll().where('agent_type', '=', type).orderBy('id').execute();

/** Makes the row or brings it up to date. */
export async function upsertAgent(db: Db, row: AgentRow, started: boolean): Promise<void> {
  await db
    .insertInto('agents')
    .values(row)
    .onConflict((c) =>
      c.columns(['host', 'agent_type']).doUpdateSet((eb) => ({
        binary: eb.ref('excluded.binary'),
        topic: eb.ref('excluded.topic'),
        configurations: eb.ref('excluded.configurations'),
        availability_zone: eb.ref('excluded.availability_zone'),
        heartbeat_timestamp: eb.ref('excluded.heartbeat_timestamp'),
        ...(started && { started_at: eb.ref('excluded.started_at') }),
      })),
    )
    .execute();
}

export async function updateAgent(
  db: Db,
  id: string,
  changes: Partial<Pick<AgentRow, 'admin_state_up' | 'description'>>,
): Promise<void> {
  if (Object.keys(changes).length > 0) await db.updateTable('agents').set(changes).where('id', '=', id).execute();
}

export async function deleteAgentRow(db: Db, id: string): Promise<void> {
  await db.deleteFrom('agents').where('id', '=', id).execute();
}

/** Zones that agents of a type stand in, with how many of them. */
export const zones = (db: Db): Promise<{ readonly zone: string | null; readonly agent_type: string }[]> =>
  db
    .selectFrom('agents')
    .select(['availability_zone as zone', 'agent_type'])
    .where('agent_type', 'in', ['DHCP agent', 'L3 agent'])
    .where('admin_state_up', '=', 1)
    .groupBy(sql`availability_zone, agent_type`)
    .execute();
