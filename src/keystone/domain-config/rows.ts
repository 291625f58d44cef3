import type { Queryable } from '#common/db/database.ts';
import type { KeystoneTables } from '../tables.ts';

type Db = Queryable<KeystoneTables>;

/** Group → option → value. */
export type DomainConfig = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

export async function readDomainConfig(db: Db, domainId: string): Promise<DomainConfig> {
  const rows = await db
    .selectFrom('domain_config')
    .selectAll()
    .where('domain_id', '=', domainId)
    .orderBy('config_group')
    .orderBy('config_option')
    .execute();
  const config: Record<string, Record<string, unknown>> = {};
  for (const row of rows) (config[row.config_group] ??= {})[row.config_option] = JSON.parse(row.value);
  return config;
}

/** Puts these options in place of those of the same name; others stay. */
export async function storeDomainConfig(db: Db, domainId: string, config: DomainConfig): Promise<void> {
  for (const [group, options] of Object.entries(config))
    for (const [option, value] of Object.entries(options)) {
      await deleteDomainConfig(db, domainId, group, option);
      await db
        .insertInto('domain_config')
        .values({ domain_id: domainId, config_group: group, config_option: option, value: JSON.stringify(value) })
        .execute();
    }
}

/** All of it, a group, or one option. */
export async function deleteDomainConfig(db: Db, domainId: string, group?: string, option?: string): Promise<void> {
  let query = db.deleteFrom('domain_config').where('domain_id', '=', domainId);
  if (group !== undefined) query = query.where('config_group', '=', group);
  if (option !== undefined) query = query.where('config_option', '=', option);
  await query.execute();
}
