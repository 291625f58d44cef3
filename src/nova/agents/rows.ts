import type { Selectable } from 'kysely';
import type { Queryable } from '#common/db/database.ts';
import type { NovaTables } from '../tables.ts';

type Db = Queryable<NovaTables>;

/** A guest agent: which build belongs on guests of a hypervisor, an operating system and an architecture. */
export interface AgentBuild {
  readonly num: number;
  readonly hypervisor: string;
  readonly os: string;
  readonly architecture: string;
  readonly version: string;
  readonly url: string;
  readonly md5hash: string;
}

const agentOf = (row: Selectable<NovaTables['agent_builds']>): AgentBuild => ({
  num: row.num,
  hypervisor: row.hypervisor,
  os: row.os,
  architecture: row.architecture,
  version: row.version,
  url: row.url,
  md5hash: row.md5hash,
});

export async function listAgents(db: Db, hypervisor?: string): Promise<AgentBuild[]> {
  let query = db.selectFrom('agent_builds').selectAll();
  if (hypervisor !== undefined) query = query.where('hypervisor', '=', hypervisor);
  return (await query.orderBy('num').execute()).map(agentOf);
}

export async function findAgent(
  db: Db,
  key: Pick<AgentBuild, 'hypervisor' | 'os' | 'architecture'>,
): Promise<AgentBuild | null> {
  const row = await db
    .selectFrom('agent_builds')
    .selectAll()
    .where('hypervisor', '=', key.hypervisor)
    .where('os', '=', key.os)
    .where('architecture', '=', key.architecture)
    .executeTakeFirst();
  return row ? agentOf(row) : null;
}

/** @throws a duplicate-key error when there is a build for that already */
export async function insertAgent(db: Db, agent: Omit<AgentBuild, 'num'>, now: string): Promise<void> {
  const { hypervisor, os, architecture, version, url, md5hash } = agent;
  await db
    .insertInto('agent_builds')
    .values({ hypervisor, os, architecture, version, url, md5hash, created_at: now })
    .execute();
}

/** @returns whether there was one */
export async function updateAgent(
  db: Db,
  num: number,
  change: Pick<AgentBuild, 'version' | 'url' | 'md5hash'>,
): Promise<boolean> {
  const { version, url, md5hash } = change;
  const result = await db
    .updateTable('agent_builds')
    .set({ version, url, md5hash })
    .where('num', '=', num)
    .executeTakeFirst();
  return result.numUpdatedRows > 0n;
}

/** @returns whether there was one */
export async function deleteAgent(db: Db, num: number): Promise<boolean> {
  const result = await db.deleteFrom('agent_builds').where('num', '=', num).executeTakeFirst();
  return result.numDeletedRows > 0n;
}
