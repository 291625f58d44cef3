import type { View } from '../api/resource.ts';
import { keyText } from '../ipam/address.ts';
import { groupBy } from '../list-rows.ts';
import { addressesOf } from '../ports/rows.ts';
import type { SessionPersistence } from '../rpc.ts';
import type { Db } from '../store.ts';
import type { MemberRow, MonitorRow, OwnedColumns, PoolRow, VipRow } from '../tables.ts';
import { associationsOfMonitors, associationsOfPools, memberRows, vipRows } from './rows.ts';

const idsOf = (rows: readonly OwnedColumns[]): readonly string[] => rows.map(({ id }) => id);
const owned = ({ id, project_id }: OwnedColumns): View => ({ id, tenant_id: project_id, project_id });
const state = (row: PoolRow | VipRow | MemberRow): View => ({
  admin_state_up: row.admin_state_up === 1,
  status: row.status,
  status_description: row.status_description,
});

/** One query for any number of rows. */
export async function vipViews(db: Db, rows: readonly VipRow[]): Promise<readonly View[]> {
  const ports = rows.map((row) => row.port_id).filter((id) => id !== null);
  const addresses = new Map((await addressesOf(db, ports)).map((held) => [held.port_id, held.ip_address]));
  return rows.map((row) => {
    const key = addresses.get(row.port_id ?? '');
    return {
      ...owned(row),
      name: row.name,
      description: row.description,
      subnet_id: row.subnet_id,
      address: key === undefined ? null : keyText(key),
      port_id: row.port_id,
      protocol_port: row.protocol_port,
      protocol: row.protocol,
      pool_id: row.pool_id,
      session_persistence: persistenceOf(row),
      connection_limit: row.connection_limit,
      ...state(row),
    };
  });
}

export const persistenceOf = ({ session_persistence }: VipRow): SessionPersistence | null =>
  session_persistence === null ? null : (JSON.parse(session_persistence) as SessionPersistence);

/** Three queries for any number of rows. */
export async function poolViews(db: Db, rows: readonly PoolRow[]): Promise<readonly View[]> {
  const ids = idsOf(rows);
  const vips = new Map((await vipRows.by(db, 'pool_id', ids)).map((vip) => [vip.pool_id, vip.id]));
  const members = groupBy(await memberRows.by(db, 'pool_id', ids), (member) => member.pool_id);
  const monitors = groupBy(await associationsOfPools(db, ids), (association) => association.pool_id);
  return rows.map((row) => {
    const associations = monitors.get(row.id) ?? [];
    return {
      ...owned(row),
      vip_id: vips.get(row.id) ?? null,
      name: row.name,
      description: row.description,
      subnet_id: row.subnet_id,
      protocol: row.protocol,
      provider: row.provider,
      lb_method: row.lb_method,
      members: idsOf(members.get(row.id) ?? []),
      health_monitors: associations.map((one) => one.monitor_id),
      health_monitors_status: associations.map((one) => ({
        monitor_id: one.monitor_id,
        status: one.status,
        status_description: one.status_description,
      })),
      ...state(row),
    };
  });
}

export const memberView = (row: MemberRow): View => ({
  ...owned(row),
  pool_id: row.pool_id,
  address: row.address,
  protocol_port: row.protocol_port,
  weight: row.weight,
  ...state(row),
});

/** One query for any number of rows. */
export async function monitorViews(db: Db, rows: readonly MonitorRow[]): Promise<readonly View[]> {
  const pools = groupBy(await associationsOfMonitors(db, idsOf(rows)), (association) => association.monitor_id);
  return rows.map((row) => ({
    ...owned(row),
    type: row.type,
    delay: row.delay,
    timeout: row.timeout,
    max_retries: row.max_retries,
    // Others than these have nothing to ask for.
    ...(row.type.startsWith('HTTP') && {
      http_method: row.http_method,
      url_path: row.url_path,
      expected_codes: row.expected_codes,
    }),
    admin_state_up: row.admin_state_up === 1,
    pools: (pools.get(row.id) ?? []).map(({ pool_id, status, status_description }) => ({
      pool_id,
      status,
      status_description,
    })),
  }));
}
