import { everyone, type Scope } from '../api/access.ts';
import type { ListQuery } from '../api/list-query.ts';
import { filtered, inParts, ownRows, paged, type ListedTable } from '../list-rows.ts';
import type { Db } from '../store.ts';
import type { RouterRow } from '../tables.ts';
import { routerResource } from './schema.ts';

const listed: ListedTable = { resource: routerResource, table: 'routers' };

export async function listRouters(db: Db, scope: Scope, query: ListQuery): Promise<RouterRow[] | null> {
  const marker = query.marker === undefined ? undefined : await findRouter(db, query.marker, scope);
  if (query.marker !== undefined && !marker) return null;
  const select = ownRows(db.selectFrom('routers').selectAll('routers'), scope, 'routers.project_id');
  const rows = await paged(filtered(select, listed, query), listed, query, marker && { ...marker }).execute();
  return query.reverse ? rows.reverse() : rows;
}

export const findRouter = (db: Db, id: string, scope: Scope = everyone): Promise<RouterRow | undefined> =>
  ownRows(
    db.selectFrom('routers').selectAll('routers').where('routers.id', '=', id),
    scope,
    'routers.project_id',
  ).executeTakeFirst();

export const findRouters = (db: Db, ids: readonly string[]): Promise<RouterRow[]> =>
  inParts(ids, (part) => db.selectFrom('routers').selectAll().where('id', 'in', part).execute());

/** Held until the transaction ends: interfaces, gateway and routes of a router are changed by one at a time. */
export const lockRouter = (db: Db, id: string): Promise<RouterRow | undefined> =>
  db.selectFrom('routers').selectAll().where('id', '=', id).forUpdate().executeTakeFirst();

export async function insertRouter(db: Db, row: RouterRow): Promise<void> {
  await db.insertInto('routers').values(row).execute();
}

export async function updateRouter(db: Db, id: string, changes: Partial<RouterRow>): Promise<void> {
  await db
    .updateTable('routers')
    .set((eb) => ({ ...changes, revision_number: eb('revision_number', '+', 1) }))
    .where('id', '=', id)
    .execute();
}

export async function deleteRouterRow(db: Db, id: string): Promise<void> {
  await db.deleteFrom('routers').where('id', '=', id).execute();
}

export interface ConnectedSubnet {
  readonly port_id: string;
  readonly device_owner: string;
  readonly ip_address: string;
  readonly subnet_id: string;
  readonly network_id: string;
  readonly cidr: string;
}

/** Subnets that a router stands in, with its address there; inside and outside. */
export const connectedSubnets = (db: Db, routerId: string): Promise<ConnectedSubnet[]> =>
  db
    .selectFrom('ports')
    .innerJoin('ipallocations', 'ipallocations.port_id', 'ports.id')
    .innerJoin('subnets', 'subnets.id', 'ipallocations.subnet_id')
    .select([
      'ipallocations.port_id',
      'ports.device_owner',
      'ipallocations.ip_address',
      'ipallocations.subnet_id',
      'ports.network_id',
      'subnets.cidr',
    ])
    .where('ports.device_id', '=', routerId)
    .where('ports.device_owner', 'in', ['network:router_interface', 'network:router_gateway'])
    .orderBy('ports.id')
    .execute();

/** Availability zones of the agents that the routers run on. */
export const routerZones = (
  db: Db,
  routerIds: readonly string[],
): Promise<{ readonly router_id: string; readonly zone: string | null }[]> =>
  inParts(routerIds, (part) =>
    db
      .selectFrom('routerl3agentbindings as binding')
      .innerJoin('agents', 'agents.id', 'binding.agent_id')
      .select(['binding.router_id', 'agents.availability_zone as zone'])
      .where('binding.router_id', 'in', part)
      .execute(),
  );

/** The routers that lead from a subnet to an external network, with their address in the subnet. */
export const routersBetween = (
  db: Db,
  subnetId: string,
  externalNetworkId: string,
): Promise<{ readonly router_id: string; readonly ip_address: string }[]> =>
  db
    .selectFrom('ipallocations')
    .innerJoin('ports as inside', 'inside.id', 'ipallocations.port_id')
    .innerJoin('routers', 'routers.id', 'inside.device_id')
    .innerJoin('ports as outside', 'outside.id', 'routers.gw_port_id')
    .select(['routers.id as router_id', 'ipallocations.ip_address'])
    .where('ipallocations.subnet_id', '=', subnetId)
    .where('inside.device_owner', '=', 'network:router_interface')
    .where('outside.network_id', '=', externalNetworkId)
    .orderBy('routers.id')
    .execute();
