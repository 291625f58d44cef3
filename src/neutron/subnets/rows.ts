import { sql, type SqlBool } from 'kysely';
import { everyone, type Scope } from '../api/access.ts';
import type { ListQuery } from '../api/list-query.ts';
import { filtered, inParts, paged, type ListedTable } from '../list-rows.ts';
import type { Db } from '../store.ts';
import type { SubnetRow } from '../tables.ts';
import { subnetResource } from './schema.ts';

const listed: ListedTable = {
  resource: subnetResource,
  table: 'subnets',
  nullable: ['subnetpool_id', 'gateway_ip', 'ipv6_ra_mode', 'ipv6_address_mode'],
};

/** A project's own subnets, and those of networks that are shared with all. */
const visible = (scope: Scope) =>
  scope.kind === 'all'
    ? sql<SqlBool>`1 = 1`
    : sql<SqlBool>`(subnets.project_id = ${scope.projectId ?? ''} or subnets.network_id in (select id from networks where shared = 1 or project_id = ${scope.projectId ?? ''}))`;

export async function listSubnets(db: Db, scope: Scope, query: ListQuery): Promise<SubnetRow[] | null> {
  const marker = query.marker === undefined ? undefined : await findSubnet(db, query.marker, scope);
  if (query.marker !== undefined && !marker) return null;
  let select = db.selectFrom('subnets').selectAll('subnets');
  if (scope.kind !== 'all') select = select.where(visible(scope));
  const rows = await paged(filtered(select, listed, query), listed, query, marker && { ...marker }).execute();
  return query.reverse ? rows.reverse() : rows;
}

export const findSubnet = (db: Db, id: string, scope: Scope = everyone): Promise<SubnetRow | undefined> =>
  db.selectFrom('subnets').selectAll().where('id', '=', id).where(visible(scope)).executeTakeFirst();

export const findSubnets = (db: Db, ids: readonly string[]): Promise<SubnetRow[]> =>
  inParts(ids, (part) => db.selectFrom('subnets').selectAll().where('id', 'in', part).execute());

export const subnetsOfNetworks = (db: Db, networkIds: readonly string[]): Promise<SubnetRow[]> =>
  inParts(networkIds, (part) =>
    db.selectFrom('subnets').selectAll().where('network_id', 'in', part).orderBy('created_at').execute(),
  );

/** One network's subnets, or all. */
export const cidrsOf = (
  db: Db,
  networkId: string | null,
): Promise<{ readonly id: string; readonly cidr: string; readonly subnetpool_id: string | null }[]> => {
  const select = db.selectFrom('subnets').select(['id', 'cidr', 'subnetpool_id']);
  return (networkId === null ? select : select.where('network_id', '=', networkId)).execute();
};

export async function insertSubnet(db: Db, row: SubnetRow): Promise<void> {
  await db.insertInto('subnets').values(row).execute();
}

export async function updateSubnet(db: Db, id: string, changes: Partial<SubnetRow>): Promise<void> {
  await db
    .updateTable('subnets')
    .set((eb) => ({ ...changes, revision_number: eb('revision_number', '+', 1) }))
    .where('id', '=', id)
    .execute();
}

export async function deleteSubnetRow(db: Db, id: string): Promise<void> {
  await db.deleteFrom('subnets').where('id', '=', id).execute();
}

/** Removes all subnets of a network. @returns how many each project had */
export async function deleteSubnets(db: Db, networkId: string): Promise<ReadonlyMap<string, number>> {
  const rows = await db.selectFrom('subnets').select('project_id').where('network_id', '=', networkId).execute();
  if (rows.length > 0) await db.deleteFrom('subnets').where('network_id', '=', networkId).execute();
  const counts = new Map<string, number>();
  for (const { project_id } of rows) counts.set(project_id, (counts.get(project_id) ?? 0) + 1);
  return counts;
}

export interface SubnetUser {
  readonly port_id: string;
  readonly ip_address: string;
  readonly device_owner: string;
  readonly device_id: string;
}

/** Ports with an address of the subnet. */
export const usersOf = (db: Db, subnetId: string): Promise<SubnetUser[]> =>
  db
    .selectFrom('ipallocations')
    .innerJoin('ports', 'ports.id', 'ipallocations.port_id')
    .select(['ipallocations.port_id', 'ipallocations.ip_address', 'ports.device_owner', 'ports.device_id'])
    .where('ipallocations.subnet_id', '=', subnetId)
    .execute();

/** The port with that address. */
export const holderOf = (
  db: Db,
  subnetId: string,
  key: string,
): Promise<{ readonly port_id: string; readonly device_owner: string } | undefined> =>
  db
    .selectFrom('ipallocations')
    .innerJoin('ports', 'ports.id', 'ipallocations.port_id')
    .select(['ipallocations.port_id', 'ports.device_owner'])
    .where('ipallocations.subnet_id', '=', subnetId)
    .where('ipallocations.ip_address', '=', key)
    .executeTakeFirst();

/** Routers with an interface or a gateway in a network. */
export const routersOnNetwork = async (db: Db, networkId: string): Promise<readonly string[]> => {
  const rows = await db
    .selectFrom('ports')
    .select('device_id')
    .where('network_id', '=', networkId)
    .where('device_owner', 'in', ['network:router_interface', 'network:router_gateway'])
    .execute();
  return rows.map(({ device_id }) => device_id);
};
