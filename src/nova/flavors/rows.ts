import type { Selectable } from 'kysely';
import type { Queryable } from '#common/db/database.ts';
import type { FlavorTable, NovaTables } from '../tables.ts';

type Db = Queryable<NovaTables>;

export interface Flavor {
  readonly num: number;
  readonly id: string;
  readonly name: string;
  /** MiB */
  readonly memoryMb: number;
  readonly vcpus: number;
  /** GiB */
  readonly rootGb: number;
  readonly ephemeralGb: number;
  /** MiB */
  readonly swapMb: number;
  readonly rxtxFactor: number;
  readonly isPublic: boolean;
  readonly disabled: boolean;
  readonly description: string | null;
  readonly extraSpecs: Readonly<Record<string, string>>;
  readonly createdAt: string;
}
export type NewFlavor = Omit<Flavor, 'num' | 'disabled' | 'extraSpecs'>;

const flavorOf = (row: Selectable<FlavorTable>): Flavor => ({
  num: row.num,
  id: row.flavor_id,
  name: row.name,
  memoryMb: row.memory_mb,
  vcpus: row.vcpus,
  rootGb: row.root_gb,
  ephemeralGb: row.ephemeral_gb,
  swapMb: row.swap_mb,
  rxtxFactor: row.rxtx_factor,
  isPublic: row.is_public === 1,
  disabled: row.disabled === 1,
  description: row.description,
  extraSpecs: JSON.parse(row.extra_specs) as Record<string, string>,
  createdAt: row.created_at,
});

export interface FlavorsAndAccess {
  readonly version: number;
  readonly flavors: readonly Flavor[];
  /** Flavor number → projects that may use it although it is not public. */
  readonly access: ReadonlyMap<number, ReadonlySet<string>>;
}

export async function flavorsVersion(db: Db): Promise<number> {
  const row = await db.selectFrom('cache_versions').select('version').where('name', '=', 'flavors').executeTakeFirst();
  return Number(row?.version ?? 0);
}

/** All of them: there are never many. */
export async function loadFlavors(db: Db): Promise<FlavorsAndAccess> {
  const version = await flavorsVersion(db);
  const flavors = await db.selectFrom('flavors').selectAll().execute();
  const access = new Map<number, Set<string>>();
  for (const row of await db.selectFrom('flavor_access').selectAll().execute())
    access.set(row.flavor_num, (access.get(row.flavor_num) ?? new Set()).add(row.project_id));
  return { version, flavors: flavors.map(flavorOf), access };
}

/** Other processes' caches look again. */
async function bump(trx: Db): Promise<void> {
  await trx
    .updateTable('cache_versions')
    .set((eb) => ({ version: eb('version', '+', 1) }))
    .where('name', '=', 'flavors')
    .execute();
}

/** @throws a duplicate-key error for a name or an id that is taken */
export async function insertFlavor(trx: Db, flavor: NewFlavor): Promise<void> {
  await trx
    .insertInto('flavors')
    .values({
      flavor_id: flavor.id,
      name: flavor.name,
      memory_mb: flavor.memoryMb,
      vcpus: flavor.vcpus,
      root_gb: flavor.rootGb,
      ephemeral_gb: flavor.ephemeralGb,
      swap_mb: flavor.swapMb,
      rxtx_factor: flavor.rxtxFactor,
      is_public: flavor.isPublic ? 1 : 0,
      disabled: 0,
      description: flavor.description,
      extra_specs: '{}',
      created_at: flavor.createdAt,
    })
    .execute();
  await bump(trx);
}

export async function deleteFlavor(trx: Db, num: number): Promise<void> {
  await trx.deleteFrom('flavor_access').where('flavor_num', '=', num).execute();
  await trx.deleteFrom('flavors').where('num', '=', num).execute();
  await bump(trx);
}

export async function setDescription(trx: Db, num: number, description: string | null): Promise<void> {
  await trx.updateTable('flavors').set({ description }).where('num', '=', num).execute();
  await bump(trx);
}

/** Changes the extra specs under the row's lock: two who set different keys both win. */
export async function changeExtraSpecs(
  trx: Db,
  num: number,
  change: (specs: Record<string, string>) => Record<string, string>,
): Promise<void> {
  const row = await trx
    .selectFrom('flavors')
    .select('extra_specs')
    .where('num', '=', num)
    .forUpdate()
    .executeTakeFirst();
  const specs = change(JSON.parse(row?.extra_specs ?? '{}') as Record<string, string>);
  await trx
    .updateTable('flavors')
    .set({ extra_specs: JSON.stringify(specs) })
    .where('num', '=', num)
    .execute();
  await bump(trx);
}

/** @throws a duplicate-key error when the project has access already */
export async function addAccess(trx: Db, num: number, projectId: string): Promise<void> {
  await trx.insertInto('flavor_access').values({ flavor_num: num, project_id: projectId }).execute();
  await bump(trx);
}

/** @returns whether the project had access */
export async function removeAccess(trx: Db, num: number, projectId: string): Promise<boolean> {
  const { numDeletedRows } = await trx
    .deleteFrom('flavor_access')
    .where('flavor_num', '=', num)
    .where('project_id', '=', projectId)
    .executeTakeFirst();
  await bump(trx);
  return numDeletedRows > 0n;
}
