import { everyone, type Scope } from '../api/access.ts';
import type { ListQuery } from '../api/list-query.ts';
import { filtered, inParts, ownRows, paged, type ListedTable } from '../list-rows.ts';
import type { Db } from '../store.ts';
import type { FloatingIpRow } from '../tables.ts';
import { floatingIpResource } from './schema.ts';

const listed: ListedTable = {
  resource: floatingIpResource,
  table: 'floatingips',
  nullable: ['port_id', 'fixed_ip_address', 'router_id'],
};

export async function listFloatingIps(db: Db, scope: Scope, query: ListQuery): Promise<FloatingIpRow[] | null> {
  const marker = query.marker === undefined ? undefined : await findFloatingIp(db, query.marker, scope);
  if (query.marker !== undefined && !marker) return null;
  const select = ownRows(db.selectFrom('floatingips').selectAll('floatingips'), scope, 'floatingips.project_id');
  const rows = await paged(filtered(select, listed, query), listed, query, marker && { ...marker }).execute();
  return query.reverse ? rows.reverse() : rows;
}

export const findFloatingIp = (db: Db, id: string, scope: Scope = everyone): Promise<FloatingIpRow | undefined> =>
  ownRows(
    db.selectFrom('floatingips').selectAll('floatingips').where('floatingips.id', '=', id),
    scope,
    'floatingips.project_id',
  ).executeTakeFirst();

/** Held until the transaction ends. */
export const lockFloatingIp = (db: Db, id: string): Promise<FloatingIpRow | undefined> =>
  db.selectFrom('floatingips').selectAll().where('id', '=', id).forUpdate().executeTakeFirst();

export async function insertFloatingIp(db: Db, row: FloatingIpRow): Promise<void> {
  await db.insertInto('floatingips').values(row).execute();
}

export async function updateFloatingIp(db: Db, id: string, changes: Partial<FloatingIpRow>): Promise<void> {
  await db
    .updateTable('floatingips')
    .set((eb) => ({ ...changes, revision_number: eb('revision_number', '+', 1) }))
    .where('id', '=', id)
    .execute();
}

export async function deleteFloatingIpRow(db: Db, id: string): Promise<void> {
  await db.deleteFrom('floatingips').where('id', '=', id).execute();
}

export const floatingIpsOfRouter = (db: Db, routerId: string): Promise<FloatingIpRow[]> =>
  floatingIpsOfRouters(db, [routerId]);

export const floatingIpsOfRouters = (db: Db, routerIds: readonly string[]): Promise<FloatingIpRow[]> =>
  inParts(routerIds, (part) =>
    db.selectFrom('floatingips').selectAll().where('router_id', 'in', part).orderBy('id').execute(),
  );

/** Those of a router whose server is in that subnet. */
export const floatingIpsThrough = (db: Db, routerId: string, subnetId: string): Promise<{ readonly id: string }[]> =>
  db
    .selectFrom('floatingips')
    .innerJoin('ipallocations', 'ipallocations.port_id', 'floatingips.port_id')
    .select('floatingips.id')
    .where('floatingips.router_id', '=', routerId)
    .where('ipallocations.subnet_id', '=', subnetId)
    .execute();

/** One that stands for that address of a port already. */
export const findAssociation = (
  db: Db,
  networkId: string,
  portId: string,
  fixedIp: string,
): Promise<FloatingIpRow | undefined> =>
  db
    .selectFrom('floatingips')
    .selectAll()
    .where('floating_network_id', '=', networkId)
    .where('port_id', '=', portId)
    .where('fixed_ip_address', '=', fixedIp)
    .executeTakeFirst();

/** Frees the floating IPs of ports that go. @returns the routers that had them */
export async function detachFloatingIps(db: Db, portIds: readonly string[]): Promise<readonly string[]> {
  const rows = await db.selectFrom('floatingips').select(['id', 'router_id']).where('port_id', 'in', portIds).execute();
  if (rows.length > 0)
    await db
      .updateTable('floatingips')
      .set((eb) => ({
        port_id: null,
        fixed_ip_address: null,
        router_id: null,
        status: 'DOWN',
        revision_number: eb('revision_number', '+', 1),
      }))
      .where('port_id', 'in', portIds)
      .execute();
  return rows.map((row) => row.router_id).filter((id) => id !== null);
}

/** Sets the state that an agent reports. */
/** Floating IPs of an external network that no port has. */
export const idleFloatingIpsOf = (db: Db, networkId: string): Promise<FloatingIpRow[]> =>
  db
    .selectFrom('floatingips')
    .selectAll()
    .where('floating_network_id', '=', networkId)
    .where('port_id', 'is', null)
    .execute();

export async function setFloatingIpStatus(db: Db, ids: readonly string[], status: string): Promise<void> {
  if (ids.length === 0) return;
  await db.updateTable('floatingips').set({ status }).where('id', 'in', ids).where('status', '!=', status).execute();
}
