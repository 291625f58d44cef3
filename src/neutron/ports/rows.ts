import { sql, type SelectQueryBuilder, type SqlBool } from 'kysely';
import { everyone, type Scope } from '../api/access.ts';
import type { ListQuery } from '../api/list-query.ts';
import { keyText, textKey } from '../ipam/address.ts';
import { filtered, inParts, ownRows, paged, type ListedTable } from '../list-rows.ts';
import type { Db } from '../store.ts';
import type { NeutronTables, PortRow } from '../tables.ts';
import { portResource } from './schema.ts';

const listed: ListedTable = {
  resource: portResource,
  table: 'ports',
  columns: { 'binding:host_id': 'host', 'binding:vnic_type': 'vnic_type', 'binding:vif_type': 'vif_type' },
  special: ['fixed_ips', 'security_groups'],
};

type PortSelect = SelectQueryBuilder<NeutronTables, 'ports', PortRow>;

export async function listPorts(db: Db, scope: Scope, query: ListQuery): Promise<PortRow[] | null> {
  const marker = query.marker === undefined ? undefined : await findPort(db, query.marker, scope);
  if (query.marker !== undefined && !marker) return null;
  let select: PortSelect = ownRows(db.selectFrom('ports').selectAll('ports'), scope, 'ports.project_id');
  const { filters } = query;
  const fixed = filters.get('fixed_ips');
  if (fixed)
    select = select.where(byFixedIps(fixed, await keysWithin(db, scope, valuesOf(fixed, 'ip_address_substr'))));
  const groups = filters.get('security_groups');
  if (groups)
    select = select.where('ports.id', 'in', (eb) =>
      eb.selectFrom('securitygroupportbindings').select('port_id').where('security_group_id', 'in', groups),
    );
  const rows = await paged(filtered(select, listed, query), listed, query, marker && { ...marker }).execute();
  return query.reverse ? rows.reverse() : rows;
}

const valuesOf = (texts: readonly string[], name: string): readonly string[] =>
  texts.filter((text) => text.startsWith(`${name}=`)).map((text) => text.slice(name.length + 1));

/**
 * Keys of the addresses whose text has one of the parts in it; null when no part is given. Keys say nothing about parts of
 * a text, so the addresses that the scope has are looked through.
 */
async function keysWithin(db: Db, scope: Scope, parts: readonly string[]): Promise<readonly string[] | null> {
  if (parts.length === 0) return null;
  const all = db
    .selectFrom('ports')
    .innerJoin('ipallocations', 'ipallocations.port_id', 'ports.id')
    .select('ipallocations.ip_address')
    .distinct();
  const keys = (await ownRows(all, scope, 'ports.project_id').execute()).map((row) => row.ip_address);
  return keys.filter((key) => parts.some((part) => keyText(key).includes(part.toLowerCase())));
}

/**
 * `ip_address=10.0.0.2`, `ip_address_substr=10.0` and `subnet_id=…`: of each kind one must fit.
 * @param within keys of the addresses that fit the second; null when it is not asked for
 */
function byFixedIps(texts: readonly string[], within: readonly string[] | null): ReturnType<typeof sql<SqlBool>> {
  const keys = valuesOf(texts, 'ip_address').map((text) => textKey(text) ?? 'none');
  const subnets = valuesOf(texts, 'subnet_id');
  if (keys.length === 0 && subnets.length === 0 && !within?.length) return sql<SqlBool>`1 = 0`;
  const conditions = [
    // Literals: there may be more of them than a statement may have parameters.
    ...(within
      ? [within.length > 0 ? sql`ip_address in (${sql.join(within.map((key) => sql.lit(key)))})` : sql`1 = 0`]
      : []),
    ...(keys.length > 0 ? [sql`ip_address in (${sql.join(keys)})`] : []),
    ...(subnets.length > 0 ? [sql`subnet_id in (${sql.join(subnets)})`] : []),
  ];
  return sql<SqlBool>`ports.id in (select port_id from ipallocations where ${sql.join(conditions, sql` and `)})`;
}

export const findPort = (db: Db, id: string, scope: Scope = everyone): Promise<PortRow | undefined> =>
  ownRows(
    db.selectFrom('ports').selectAll('ports').where('ports.id', '=', id),
    scope,
    'ports.project_id',
  ).executeTakeFirst();

export const findPorts = (db: Db, ids: readonly string[]): Promise<PortRow[]> =>
  inParts(ids, (part) => db.selectFrom('ports').selectAll().where('id', 'in', part).execute());

/** Held until the transaction ends. */
export const lockPort = (db: Db, id: string): Promise<PortRow | undefined> =>
  db.selectFrom('ports').selectAll().where('id', '=', id).forUpdate().executeTakeFirst();

/** Of all owners, or of the named ones. */
export function portsOfNetwork(db: Db, networkId: string, owners?: readonly string[]): Promise<PortRow[]> {
  const select = db.selectFrom('ports').selectAll().where('network_id', '=', networkId).orderBy('id');
  return (owners ? select.where('device_owner', 'in', owners) : select).execute();
}

export const portsOfNetworks = (db: Db, networkIds: readonly string[]): Promise<PortRow[]> =>
  inParts(networkIds, (part) =>
    db.selectFrom('ports').selectAll().where('network_id', 'in', part).orderBy('id').execute(),
  );

/** Ports of devices (routers, servers), of all owners or of the named ones. */
export function portsOfDevices(db: Db, deviceIds: readonly string[], owners?: readonly string[]): Promise<PortRow[]> {
  return inParts(deviceIds, (part) => {
    const select = db.selectFrom('ports').selectAll().where('device_id', 'in', part).orderBy('id');
    return (owners ? select.where('device_owner', 'in', owners) : select).execute();
  });
}

export const findByMac = (db: Db, networkId: string, mac: string): Promise<{ readonly id: string } | undefined> =>
  db
    .selectFrom('ports')
    .select('id')
    .where('network_id', '=', networkId)
    .where('mac_address', '=', mac)
    .executeTakeFirst();

export interface PortAddress {
  readonly port_id: string;
  readonly subnet_id: string;
  readonly ip_address: string;
}

export const addressesOf = (db: Db, portIds: readonly string[]): Promise<PortAddress[]> =>
  inParts(portIds, (part) =>
    db
      .selectFrom('ipallocations')
      .select(['port_id', 'subnet_id', 'ip_address'])
      .where('port_id', 'in', part)
      .orderBy('position')
      .execute(),
  );

export interface PortGroup {
  readonly port_id: string;
  readonly security_group_id: string;
}

export const groupsOf = (db: Db, portIds: readonly string[]): Promise<PortGroup[]> =>
  inParts(portIds, (part) =>
    db.selectFrom('securitygroupportbindings').selectAll().where('port_id', 'in', part).execute(),
  );

export async function insertPort(db: Db, row: PortRow): Promise<void> {
  await db.insertInto('ports').values(row).execute();
}

export async function updatePort(db: Db, id: string, changes: Partial<PortRow>): Promise<void> {
  await db
    .updateTable('ports')
    .set((eb) => ({ ...changes, revision_number: eb('revision_number', '+', 1) }))
    .where('id', '=', id)
    .execute();
}

/** Sets the state of ports that are on that host and not in it yet. @returns those that changed */
export async function setStatus(
  db: Db,
  ids: readonly string[],
  host: string,
  status: string,
  now: string,
): Promise<readonly PortRow[]> {
  if (ids.length === 0) return [];
  let select = db
    .selectFrom('ports')
    .selectAll()
    .where('id', 'in', ids)
    .where('host', '=', host)
    .where('status', '!=', status)
    .orderBy('id')
    .forUpdate();
  if (status === 'ACTIVE') select = select.where('admin_state_up', '=', 1);
  const rows = await select.execute();
  if (rows.length > 0)
    await db
      .updateTable('ports')
      .set((eb) => ({ status, updated_at: now, revision_number: eb('revision_number', '+', 1) }))
      .where(
        'id',
        'in',
        rows.map(({ id }) => id),
      )
      .execute();
  return rows;
}

export async function deletePortRows(db: Db, ids: readonly string[]): Promise<void> {
  await db.deleteFrom('ports').where('id', 'in', ids).execute();
}

/** Replaces the security groups of a port. */
export async function setGroups(db: Db, portId: string, groupIds: readonly string[]): Promise<void> {
  await db.deleteFrom('securitygroupportbindings').where('port_id', '=', portId).execute();
  await addGroups(db, portId, groupIds);
}

export async function addGroups(db: Db, portId: string, groupIds: readonly string[]): Promise<void> {
  if (groupIds.length === 0) return;
  await db
    .insertInto('securitygroupportbindings')
    .values([...new Set(groupIds)].map((security_group_id) => ({ port_id: portId, security_group_id })))
    .execute();
}

/** Where ports are wired; it says nothing to users, so the revision stays. */
export async function setHosts(
  db: Db,
  ids: readonly string[],
  binding: Pick<PortRow, 'host' | 'vif_type' | 'vif_details'> & Partial<Pick<PortRow, 'device_id' | 'status'>>,
): Promise<void> {
  if (ids.length > 0) await db.updateTable('ports').set(binding).where('id', 'in', ids).execute();
}
