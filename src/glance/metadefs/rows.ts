import type { Selectable } from 'kysely';
import type { Queryable } from '#common/db/database.ts';
import { paginate } from '#common/db/pagination.ts';
import type { GlanceTables } from '../tables.ts';
import type {
  Association,
  Definition,
  DefinitionKind,
  Namespace,
  NamespaceQuery,
  NamespaceSettings,
} from './namespace.ts';

type Db = Queryable<GlanceTables>;

const namespaceOf = (row: Selectable<GlanceTables['metadef_namespaces']>): Namespace => ({
  id: row.id,
  name: row.namespace,
  displayName: row.display_name,
  description: row.description,
  visibility: row.visibility as Namespace['visibility'],
  protected: row.protected === 1,
  owner: row.owner,
  createdAt: row.created_at,
  updatedAt: row.updated_at,
});

const columnsOf = (settings: NamespaceSettings) => ({
  namespace: settings.name,
  display_name: settings.displayName,
  description: settings.description,
  visibility: settings.visibility,
  protected: Number(settings.protected),
  owner: settings.owner,
});

export async function findNamespace(db: Db, name: string): Promise<Namespace | undefined> {
  const row = await db.selectFrom('metadef_namespaces').selectAll().where('namespace', '=', name).executeTakeFirst();
  return row && namespaceOf(row);
}

/** One page; undefined when the marker is not there. */
export async function listNamespaces(db: Db, wanted: NamespaceQuery): Promise<readonly Namespace[] | undefined> {
  const { projectId, visibility, resourceTypes, sort, limit } = wanted;
  const visible = db
    .selectFrom('metadef_namespaces')
    .selectAll()
    .$if(projectId !== null, (query) =>
      query.where((where) => where.or([where('visibility', '=', 'public'), where('owner', '=', projectId as string)])),
    );
  const marker =
    wanted.marker === undefined ? undefined : await visible.where('namespace', '=', wanted.marker).executeTakeFirst();
  if (wanted.marker !== undefined && !marker) return undefined;
  const query = visible
    .$if(visibility !== undefined, (one) => one.where('visibility', '=', visibility as string))
    .$if(resourceTypes !== undefined, (one) =>
      one.where('id', 'in', (sub) =>
        sub
          .selectFrom('metadef_associations')
          .select('namespace_id')
          .where('resource_type', 'in', [...(resourceTypes ?? [])]),
      ),
    );
  const rows = await paginate(query, {
    sort: [
      { column: sort.column, direction: sort.direction },
      { column: 'id', direction: sort.direction },
    ],
    marker,
    limit,
  }).execute();
  return rows.map(namespaceOf);
}

/** Throws the engine's duplicate-key error for a name that there is. */
export async function insertNamespace(db: Db, settings: NamespaceSettings, now: string): Promise<number> {
  await db
    .insertInto('metadef_namespaces')
    .values({ ...columnsOf(settings), created_at: now, updated_at: now })
    .execute();
  const { id } = await db
    .selectFrom('metadef_namespaces')
    .select('id')
    .where('namespace', '=', settings.name)
    .executeTakeFirstOrThrow();
  return id;
}

export async function updateNamespace(db: Db, id: number, settings: NamespaceSettings, now: string): Promise<void> {
  await db
    .updateTable('metadef_namespaces')
    .set({ ...columnsOf(settings), updated_at: now })
    .where('id', '=', id)
    .execute();
}

/** The namespace and all in it. */
export async function deleteNamespace(db: Db, id: number): Promise<void> {
  await db.deleteFrom('metadef_associations').where('namespace_id', '=', id).execute();
  await db.deleteFrom('metadef_definitions').where('namespace_id', '=', id).execute();
  await db.deleteFrom('metadef_namespaces').where('id', '=', id).execute();
}

const definitionOf = (row: Selectable<GlanceTables['metadef_definitions']>): Definition => ({
  name: row.name,
  body: JSON.parse(row.body) as Definition['body'],
  createdAt: row.created_at,
  updatedAt: row.updated_at,
});

export interface DefinitionPage {
  readonly sort?: { readonly column: 'name' | 'created_at' | 'updated_at'; readonly direction: 'asc' | 'desc' };
  /** Name of the one after which the page begins. */
  readonly marker?: string | undefined;
  readonly limit?: number | undefined;
}

/** In the order of their making unless told; undefined when the marker is not there. */
export async function listDefinitions(
  db: Db,
  namespaceId: number,
  kind: DefinitionKind,
  page: DefinitionPage = {},
): Promise<readonly Definition[] | undefined> {
  const query = db
    .selectFrom('metadef_definitions')
    .selectAll()
    .where('namespace_id', '=', namespaceId)
    .where('kind', '=', kind);
  const marker = page.marker === undefined ? undefined : await query.where('name', '=', page.marker).executeTakeFirst();
  if (page.marker !== undefined && !marker) return undefined;
  const { column, direction } = page.sort ?? { column: 'created_at', direction: 'asc' };
  const sort = [
    { column, direction },
    { column: 'id', direction },
  ];
  return (await paginate(query, { sort, marker, limit: page.limit }).execute()).map(definitionOf);
}

export async function findDefinition(
  db: Db,
  namespaceId: number,
  kind: DefinitionKind,
  name: string,
): Promise<Definition | undefined> {
  const row = await db
    .selectFrom('metadef_definitions')
    .selectAll()
    .where('namespace_id', '=', namespaceId)
    .where('kind', '=', kind)
    .where('name', '=', name)
    .executeTakeFirst();
  return row && definitionOf(row);
}

/** Throws the engine's duplicate-key error for a name that there is. */
export async function insertDefinition(
  db: Db,
  namespaceId: number,
  kind: DefinitionKind,
  { name, body }: Pick<Definition, 'name' | 'body'>,
  now: string,
): Promise<void> {
  await db
    .insertInto('metadef_definitions')
    .values({ namespace_id: namespaceId, kind, name, body: JSON.stringify(body), created_at: now, updated_at: now })
    .execute();
}

export async function updateDefinition(
  db: Db,
  namespaceId: number,
  kind: DefinitionKind,
  before: string,
  { name, body }: Pick<Definition, 'name' | 'body'>,
  now: string,
): Promise<void> {
  await db
    .updateTable('metadef_definitions')
    .set({ name, body: JSON.stringify(body), updated_at: now })
    .where('namespace_id', '=', namespaceId)
    .where('kind', '=', kind)
    .where('name', '=', before)
    .execute();
}

/** One of a kind, or all of it. */
export async function deleteDefinitions(
  db: Db,
  namespaceId: number,
  kind: DefinitionKind,
  name?: string,
): Promise<void> {
  await db
    .deleteFrom('metadef_definitions')
    .where('namespace_id', '=', namespaceId)
    .where('kind', '=', kind)
    .$if(name !== undefined, (query) => query.where('name', '=', name as string))
    .execute();
}

const associationOf = (row: Selectable<GlanceTables['metadef_associations']>): Association => ({
  name: row.resource_type,
  prefix: row.prefix,
  propertiesTarget: row.properties_target,
  createdAt: row.created_at,
  updatedAt: row.updated_at,
});

/** Of each of the namespaces; one query however many they are. */
export async function listAssociations(
  db: Db,
  namespaceIds: readonly number[],
): Promise<ReadonlyMap<number, readonly Association[]>> {
  if (namespaceIds.length === 0) return new Map();
  const rows = await db
    .selectFrom('metadef_associations')
    .selectAll()
    .where('namespace_id', 'in', [...namespaceIds])
    .orderBy('created_at')
    .orderBy('resource_type')
    .execute();
  const found = new Map<number, Association[]>();
  for (const row of rows) found.set(row.namespace_id, [...(found.get(row.namespace_id) ?? []), associationOf(row)]);
  return found;
}

/** Throws the engine's duplicate-key error when the namespace has that type already. */
export async function insertAssociation(
  db: Db,
  namespaceId: number,
  { name, prefix, propertiesTarget }: Pick<Association, 'name' | 'prefix' | 'propertiesTarget'>,
  now: string,
): Promise<void> {
  const type = await db.selectFrom('metadef_resource_types').select('id').where('name', '=', name).executeTakeFirst();
  if (!type) await db.insertInto('metadef_resource_types').values({ name, created_at: now, updated_at: now }).execute();
  await db
    .insertInto('metadef_associations')
    .values({
      namespace_id: namespaceId,
      resource_type: name,
      prefix,
      properties_target: propertiesTarget,
      created_at: now,
      updated_at: now,
    })
    .execute();
}

/** Says whether there was one. */
export async function deleteAssociation(db: Db, namespaceId: number, resourceType: string): Promise<boolean> {
  const { numDeletedRows } = await db
    .deleteFrom('metadef_associations')
    .where('namespace_id', '=', namespaceId)
    .where('resource_type', '=', resourceType)
    .executeTakeFirst();
  return numDeletedRows > 0n;
}

/** Every known type, the oldest first. */
export async function listResourceTypes(
  db: Db,
): Promise<readonly { readonly name: string; readonly createdAt: string; readonly updatedAt: string }[]> {
  const rows = await db.selectFrom('metadef_resource_types').selectAll().orderBy('id').execute();
  return rows.map((row) => ({ name: row.name, createdAt: row.created_at, updatedAt: row.updated_at }));
}

/** Names of all namespaces. */
export async function namespaceNames(db: Db): Promise<readonly string[]> {
  const rows = await db.selectFrom('metadef_namespaces').select('namespace').orderBy('id').execute();
  return rows.map(({ namespace }) => namespace);
}
