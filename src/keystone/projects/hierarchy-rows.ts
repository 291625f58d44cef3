import type { Queryable } from '#common/db/database.ts';
import type { KeystoneTables } from '../tables.ts';

type Db = Queryable<KeystoneTables>;

/** A project's domain and the projects above it, its parent first; undefined for a domain or none. */
export async function projectsAbove(
  db: Db,
  projectId: string,
): Promise<{ readonly domainId: string; readonly projectIds: string[] } | null> {
  const projectIds: string[] = [];
  let domainId: string | undefined;
  for (let id: string | null = projectId; id !== null;) {
    const row: { parent_id: string | null; domain_id: string; is_domain: number } | undefined = await db
      .selectFrom('project')
      .select(['parent_id', 'domain_id', 'is_domain'])
      .where('id', '=', id)
      .executeTakeFirst();
    if (!row || row.is_domain) break;
    domainId = row.domain_id;
    if (id !== projectId) projectIds.push(id);
    id = row.parent_id === row.domain_id ? null : row.parent_id;
  }
  return domainId === undefined ? null : { domainId, projectIds };
}

/** The ids of all projects below one, level by level. */
export async function idsBelow(db: Db, projectId: string): Promise<string[]> {
  const all: string[] = [];
  for (let level = [projectId]; level.length > 0;) {
    const rows = await db.selectFrom('project').select('id').where('parent_id', 'in', level).orderBy('name').execute();
    level = rows.map((row) => row.id);
    all.push(...level);
  }
  return all;
}
