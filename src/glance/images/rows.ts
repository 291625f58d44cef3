import type { ExpressionBuilder, Insertable, Selectable, SelectQueryBuilder, Updateable } from 'kysely';
import type { Queryable } from '#common/db/database.ts';
import { paginate } from '#common/db/pagination.ts';
import type { GlanceTables } from '../tables.ts';
import type { Image, ImageSettings, Location, Visibility } from './image.ts';
import type { ImageQuery, Scope } from './query.ts';
import { goneStatuses, mayFollow, type ImageStatus } from './status.ts';

type Db = Queryable<GlanceTables>;
type ImageRow = Selectable<GlanceTables['images']>;
type ImagesQuery = SelectQueryBuilder<GlanceTables, 'images', ImageRow>;
type Where = ExpressionBuilder<GlanceTables, 'images'>;

const nullable = new Set(['name', 'size', 'disk_format', 'container_format']);

/** The image, deleted or not. */
export async function findImage(db: Db, id: string): Promise<Image | undefined> {
  const row = await db.selectFrom('images').selectAll().where('id', '=', id).executeTakeFirst();
  return row && (await withDetails(db, [row]))[0];
}

/** One page. Four queries, whatever its length; undefined when the marker is not there. */
export async function listImages(db: Db, wanted: ImageQuery): Promise<readonly Image[] | undefined> {
  let marker: ImageRow | undefined;
  if (wanted.marker !== undefined) {
    marker = await inScope(db.selectFrom('images').selectAll(), wanted.scope)
      .where('id', '=', wanted.marker)
      .executeTakeFirst();
    if (!marker) return undefined;
  }
  const sort = wanted.sort.map(({ column, direction }) => ({ column, direction, nullable: nullable.has(column) }));
  const query = paginate(filtered(inScope(db.selectFrom('images').selectAll(), wanted.scope), wanted), {
    sort,
    marker,
    limit: wanted.limit,
  });
  return withDetails(db, await query.execute());
}

function inScope(query: ImagesQuery, scope: Scope): ImagesQuery {
  const { visibility } = scope;
  if (scope.kind === 'all') return visibility === undefined ? query : query.where('visibility', '=', visibility);
  const { projectId, memberStatus } = scope;
  return query.where((where) => {
    const own = where('owner', '=', projectId);
    const shared = where.and([where('visibility', '=', 'shared'), isMember(where, projectId, memberStatus)]);
    switch (visibility) {
      case 'public':
      case 'community':
        return where('visibility', '=', visibility);
      case 'private':
        return where.and([where('visibility', '=', 'private'), own]);
      case 'shared':
        return where.or([where.and([where('visibility', '=', 'shared'), own]), shared]);
      case 'all':
        return where.or([where('visibility', 'in', ['public', 'community']), own, shared]);
      case undefined:
        return where.or([where('visibility', '=', 'public'), own, shared]);
    }
  });
}

const isMember = (where: Where, projectId: string | null, status: string) =>
  where.exists(
    where
      .selectFrom('image_members')
      .select('image_members.image_id')
      .whereRef('image_members.image_id', '=', 'images.id')
      .where('image_members.member', '=', projectId ?? '')
      .$if(status !== 'all', (members) => members.where('image_members.status', '=', status)),
  );

function filtered(query: ImagesQuery, { filters, properties, tags, deleted }: ImageQuery): ImagesQuery {
  let narrowed = query;
  if (deleted === 'no') narrowed = narrowed.where('status', 'not in', [...goneStatuses]);
  if (deleted === 'only') narrowed = narrowed.where('status', 'in', [...goneStatuses]);
  for (const { column, comparison, value } of filters)
    narrowed =
      value === null
        ? narrowed.where(column as 'name', 'is', null)
        : comparison === 'in'
          ? narrowed.where(column as 'name', 'in', [...(value as readonly string[])])
          : narrowed.where(column as 'name', comparison, value as string);
  for (const [name, value] of Object.entries(properties))
    narrowed = narrowed.where((where) =>
      where.exists(
        where
          .selectFrom('image_properties')
          .select('image_properties.name')
          .whereRef('image_properties.image_id', '=', 'images.id')
          .where('image_properties.name', '=', name)
          .where('image_properties.value', '=', value),
      ),
    );
  for (const tag of tags)
    narrowed = narrowed.where((where) =>
      where.exists(
        where
          .selectFrom('image_tags')
          .select('image_tags.value')
          .whereRef('image_tags.image_id', '=', 'images.id')
          .where('image_tags.value', '=', tag),
      ),
    );
  return narrowed;
}

async function withDetails(db: Db, rows: readonly ImageRow[]): Promise<readonly Image[]> {
  if (rows.length === 0) return [];
  const ids = rows.map((row) => row.id);
  const properties = await db
    .selectFrom('image_properties')
    .selectAll()
    .where('image_id', 'in', ids)
    .orderBy('name')
    .execute();
  const tags = await db.selectFrom('image_tags').selectAll().where('image_id', 'in', ids).orderBy('value').execute();
  const locations = await db
    .selectFrom('image_locations')
    .selectAll()
    .where('image_id', 'in', ids)
    .orderBy('id')
    .execute();
  const byImage = {
    properties: Map.groupBy(properties, (one) => one.image_id),
    tags: Map.groupBy(tags, (one) => one.image_id),
    locations: Map.groupBy(locations, (one) => one.image_id),
  };
  return rows.map((row) => ({
    id: row.id,
    name: row.name,
    status: row.status as ImageStatus,
    visibility: row.visibility as Visibility,
    owner: row.owner,
    protected: row.protected === 1,
    hidden: row.os_hidden === 1,
    size: row.size,
    virtualSize: row.virtual_size,
    checksum: row.checksum,
    hashAlgorithm: row.os_hash_algo,
    hashValue: row.os_hash_value,
    diskFormat: row.disk_format,
    containerFormat: row.container_format,
    minDisk: row.min_disk,
    minRam: row.min_ram,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    deletedAt: row.deleted_at,
    properties: Object.fromEntries((byImage.properties.get(row.id) ?? []).map(({ name, value }) => [name, value])),
    tags: (byImage.tags.get(row.id) ?? []).map(({ value }) => value),
    locations: (byImage.locations.get(row.id) ?? []).map(({ url, store }) => ({ url, store })),
    importingTo: row.importing_to_stores,
    failedImport: row.failed_import,
    importTask: row.import_task,
  }));
}

function settingColumns(settings: Partial<ImageSettings>): Updateable<GlanceTables['images']> {
  const columns: Updateable<GlanceTables['images']> = {
    name: settings.name,
    visibility: settings.visibility,
    owner: settings.owner,
    protected: settings.protected === undefined ? undefined : Number(settings.protected),
    os_hidden: settings.hidden === undefined ? undefined : Number(settings.hidden),
    disk_format: settings.diskFormat,
    container_format: settings.containerFormat,
    min_disk: settings.minDisk,
    min_ram: settings.minRam,
  };
  return Object.fromEntries(Object.entries(columns).filter(([, value]) => value !== undefined));
}

/** A new image, `queued`. Throws the engine's duplicate-key error when the id was ever used. */
export async function insertImage(db: Db, id: string, settings: ImageSettings, now: string): Promise<void> {
  await db
    .insertInto('images')
    .values({
      ...(settingColumns(settings) as Insertable<GlanceTables['images']>),
      id,
      status: 'queued' satisfies ImageStatus,
      created_at: now,
      updated_at: now,
    })
    .execute();
  await replaceProperties(db, id, settings.properties);
  await replaceTags(db, id, settings.tags);
}

/** Changes what is given and touches `updated_at`. */
export async function updateSettings(db: Db, id: string, settings: Partial<ImageSettings>, now: string): Promise<void> {
  await db
    .updateTable('images')
    .set({ ...settingColumns(settings), updated_at: now })
    .where('id', '=', id)
    .execute();
  if (settings.properties) await replaceProperties(db, id, settings.properties);
  if (settings.tags) await replaceTags(db, id, settings.tags);
}

async function replaceProperties(db: Db, id: string, properties: Readonly<Record<string, string>>): Promise<void> {
  await db.deleteFrom('image_properties').where('image_id', '=', id).execute();
  const rows = Object.entries(properties).map(([name, value]) => ({ image_id: id, name, value }));
  if (rows.length > 0) await db.insertInto('image_properties').values(rows).execute();
}

async function replaceTags(db: Db, id: string, tags: readonly string[]): Promise<void> {
  await db.deleteFrom('image_tags').where('image_id', '=', id).execute();
  const rows = [...new Set(tags)].map((value) => ({ image_id: id, value }));
  if (rows.length > 0) await db.insertInto('image_tags').values(rows).execute();
}

/** Facts about the data, set together with a status. */
export interface DataFacts {
  readonly size?: number | null;
  readonly virtualSize?: number | null;
  readonly checksum?: string | null;
  readonly hashAlgorithm?: string | null;
  readonly hashValue?: string | null;
  readonly receiver?: string | null;
  readonly deletedAt?: string;
}

/**
 * Moves an image from one of `from` to `to` and says whether it did: of two callers one wins.
 * @throws Error for a step that the table of statuses does not have
 */
export async function moveStatus(
  db: Db,
  id: string,
  from: readonly ImageStatus[],
  to: ImageStatus,
  now: string,
  facts: DataFacts = {},
): Promise<boolean> {
  for (const one of from) if (!mayFollow(one, to)) throw new Error(`No image goes from ${one} to ${to}`);
  const columns: Updateable<GlanceTables['images']> = {
    size: facts.size,
    virtual_size: facts.virtualSize,
    checksum: facts.checksum,
    os_hash_algo: facts.hashAlgorithm,
    os_hash_value: facts.hashValue,
    deleted_at: facts.deletedAt,
  };
  const given = Object.fromEntries(Object.entries(columns).filter(([, value]) => value !== undefined));
  const { numUpdatedRows } = await db
    .updateTable('images')
    .set({ ...given, status: to, receiver: facts.receiver ?? null, updated_at: now })
    .where('id', '=', id)
    .where('status', 'in', [...from])
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

export async function addLocation(db: Db, id: string, { url, store }: Location): Promise<void> {
  await db.insertInto('image_locations').values({ image_id: id, url, store }).execute();
}

/** Adds a further location; says whether the image still was to have one. */
export async function addCopy(db: Db, id: string, location: Location, now: string): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('images')
    .set({ updated_at: now })
    .where('id', '=', id)
    .where('status', 'in', ['importing', 'active', 'deactivated'])
    .executeTakeFirst();
  if (numUpdatedRows === 0n) return false;
  await addLocation(db, id, location);
  return true;
}

export async function removeLocation(db: Db, id: string, { url, store }: Location): Promise<void> {
  await db
    .deleteFrom('image_locations')
    .where('image_id', '=', id)
    .where('store', '=', store)
    .where('url', '=', url)
    .execute();
}

/** Gives the image to an import unless another has it; says whether it did. */
export async function claimForImport(db: Db, id: string, task: string, stores: readonly string[]): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('images')
    .set({ import_task: task, importing_to_stores: stores.join(','), failed_import: '' })
    .where('id', '=', id)
    .where('import_task', 'is', null)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

/** How far the import of that task has come. @param task null when it has ended */
export async function noteImport(
  db: Db,
  id: string,
  owner: string,
  progress: { readonly left: readonly string[]; readonly failed: readonly string[]; readonly task: string | null },
): Promise<void> {
  await db
    .updateTable('images')
    .set({
      importing_to_stores: progress.left.join(','),
      failed_import: progress.failed.join(','),
      import_task: progress.task,
    })
    .where('id', '=', id)
    .where('import_task', '=', owner)
    .execute();
}

/** Everything that belongs to an image but its own row, which stays to keep its id from being used again. */
export async function removeDetails(db: Db, id: string): Promise<void> {
  await db.deleteFrom('image_locations').where('image_id', '=', id).execute();
  await db.deleteFrom('image_members').where('image_id', '=', id).execute();
  await db.deleteFrom('image_tags').where('image_id', '=', id).execute();
}

/** Ids of images that this host was receiving or staging, and of those whose delete was not finished. */
export async function interrupted(
  db: Db,
  host: string,
): Promise<{ saving: string[]; staging: string[]; deleting: string[] }> {
  const rows = await db
    .selectFrom('images')
    .select(['id', 'status'])
    .where((where) =>
      where.or([
        where.and([where('status', 'in', ['saving', 'uploading']), where('receiver', '=', host)]),
        where('status', '=', 'pending_delete'),
      ]),
    )
    .execute();
  const of = (status: ImageStatus): string[] => rows.filter((row) => row.status === status).map((row) => row.id);
  return { saving: of('saving'), staging: of('uploading'), deleting: of('pending_delete') };
}

/** Makes sure that the owner has a row to count in. Outside of a transaction: a lost race is an error there. */
export async function ensureUsage(db: Db, owner: string): Promise<void> {
  const there = await db.selectFrom('storage_usage').select('owner').where('owner', '=', owner).executeTakeFirst();
  if (!there) await db.insertInto('storage_usage').values({ owner, bytes: 0 }).execute();
}

/** Bytes in use by the owner's images. */
export async function usageOf(db: Db, owner: string): Promise<number> {
  const row = await db.selectFrom('storage_usage').select('bytes').where('owner', '=', owner).executeTakeFirst();
  return row?.bytes ?? 0;
}

/** Adds to the owner's bytes unless that exceeds `quota` (0: no limit); says whether it did. */
export async function addUsage(db: Db, owner: string, bytes: number, quota: number): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('storage_usage')
    .set((set) => ({ bytes: set('bytes', '+', bytes) }))
    .where('owner', '=', owner)
    .$if(quota > 0, (query) => query.where('bytes', '<=', quota - bytes))
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

/** Forgets images deleted before a time; their ids may then be used again. Says how many. */
export async function purgeDeleted(db: Db, before: string, most: number): Promise<number> {
  const ids = await db
    .selectFrom('images')
    .select('id')
    .where('status', '=', 'deleted')
    .where('deleted_at', '<', before)
    .limit(most)
    .execute();
  for (const { id } of ids) {
    await db.deleteFrom('image_properties').where('image_id', '=', id).execute();
    await db.deleteFrom('images').where('id', '=', id).execute();
  }
  return ids.length;
}
