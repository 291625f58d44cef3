import { sql, type SqlBool } from 'kysely';
import { everyone, type Scope } from '../api/access.ts';
import type { ListQuery } from '../api/list-query.ts';
import { filtered, inParts, paged, type ListedTable } from '../list-rows.ts';
import type { Db } from '../store.ts';
import type { NetworkRow } from '../tables.ts';
import { networkResource } from './schema.ts';

const listed: ListedTable = {
  resource: networkResource,
  table: 'networks',
  columns: {
    'router:external': 'external',
    'provider:network_type': 'network_type',
    'provider:physical_network': 'physical_network',
    'provider:segmentation_id': 'segmentation_id',
  },
  nullable: ['provider:physical_network', 'provider:segmentation_id'],
};

/** A project's own networks, and those that are there for all. */
const visible = (scope: Scope) =>
  scope.kind === 'all'
    ? sql<SqlBool>`1 = 1`
    : sql<SqlBool>`(networks.project_id = ${scope.projectId ?? ''} or networks.shared = 1 or networks.external = 1)`;

export async function listNetworks(db: Db, scope: Scope, query: ListQuery): Promise<NetworkRow[] | null> {
  const marker = query.marker === undefined ? undefined : await findNetwork(db, query.marker, scope);
  if (query.marker !== undefined && !marker) return null;
  let select = db.selectFrom('networks').selectAll('networks');
  if (scope.kind !== 'all') select = select.where(visible(scope));
  const rows = await paged(filtered(select, listed, query), listed, query, marker && { ...marker }).execute();
  return query.reverse ? rows.reverse() : rows;
}

export async function findNetwork(db: Db, id: string, scope: Scope = everyone): Promise<NetworkRow | undefined> {
  return db.selectFrom('networks').selectAll().where('id', '=', id).where(visible(scope)).executeTakeFirst();
}

/** Several at once; those that are not there lack in the answer. */
export const findNetworks = (db: Db, ids: readonly string[]): Promise<NetworkRow[]> =>
  inParts(ids, (part) => db.selectFrom('networks').selectAll().where('id', 'in', part).execute());

/** Held until the transaction ends: its subnets and the question whether it is in use belong to one at a time. */
export const lockNetwork = (db: Db, id: string): Promise<NetworkRow | undefined> =>
  db.selectFrom('networks').selectAll().where('id', '=', id).forUpdate().executeTakeFirst();

export const subnetIdsOf = (
  db: Db,
  networkIds: readonly string[],
): Promise<{ readonly id: string; readonly network_id: string }[]> =>
  inParts(networkIds, (part) =>
    db
      .selectFrom('subnets')
      .select(['id', 'network_id'])
      .where('network_id', 'in', part)
      .orderBy('created_at')
      .execute(),
  );

/** Availability zones of the DHCP agents that serve the networks. */
export const zonesOf = (
  db: Db,
  networkIds: readonly string[],
): Promise<{ readonly network_id: string; readonly zone: string | null }[]> =>
  inParts(networkIds, (part) =>
    db
      .selectFrom('networkdhcpagentbindings as binding')
      .innerJoin('agents', 'agents.id', 'binding.agent_id')
      .select(['binding.network_id', 'agents.availability_zone as zone'])
      .where('binding.network_id', 'in', part)
      .execute(),
  );

export async function insertNetwork(db: Db, row: NetworkRow): Promise<void> {
  await db.insertInto('networks').values(row).execute();
}

export async function updateNetwork(db: Db, id: string, changes: Partial<NetworkRow>): Promise<void> {
  await db
    .updateTable('networks')
    .set((eb) => ({ ...changes, revision_number: eb('revision_number', '+', 1) }))
    .where('id', '=', id)
    .execute();
}

export async function deleteNetworkRow(db: Db, id: string): Promise<void> {
  await db.deleteFrom('networks').where('id', '=', id).execute();
}

/** Whether other projects than the owner have ports or subnets on it. */
export async function usedByOthers(db: Db, networkId: string, owner: string): Promise<boolean> {
  const port = await db
    .selectFrom('ports')
    .select('id')
    .where('network_id', '=', networkId)
    .where('project_id', 'not in', [owner, ''])
    .where('device_owner', 'not in', ['network:router_gateway', 'network:floatingip', 'network:dhcp'])
    .limit(1)
    .executeTakeFirst();
  if (port) return true;
  const subnet = await db
    .selectFrom('subnets')
    .select('id')
    .where('network_id', '=', networkId)
    .where('project_id', '!=', owner)
    .limit(1)
    .executeTakeFirst();
  return subnet !== undefined;
}
