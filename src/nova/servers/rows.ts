import { sql, type Insertable, type Selectable, type SelectQueryBuilder, type Updateable } from 'kysely';
import type { Queryable } from '#common/db/database.ts';
import { paginate, type SortKey } from '#common/db/pagination.ts';
import type { InstanceTable, NovaTables } from '../tables.ts';
import type { PowerState } from '../virt/driver.ts';
import type { ServerFilter } from './filters.ts';
import type { Server, ServerSummary } from './model.ts';
import type { TaskState, VmState } from './states.ts';

export type Db = Queryable<NovaTables>;
type Row = Selectable<InstanceTable>;

/** Everything but what may be large; lists read only this. */
const light = [
  ...['num', 'id', 'project_id', 'user_id', 'reservation_id', 'launch_index', 'display_name', 'description'],
  ...['hostname', 'vm_state', 'task_state', 'power_state', 'progress', 'host', 'node', 'availability_zone', 'flavor'],
  ...['image_id', 'image', 'root_device_name', 'key_name', 'config_drive', 'access_ip_v4', 'access_ip_v6'],
  ...['disk_config', 'locked_by', 'locked_reason', 'metadata', 'tags', 'security_groups', 'network_info'],
  ...['trusted_certificates', 'fault', 'created_at', 'updated_at', 'launched_at', 'terminated_at', 'deleted'],
] as (keyof InstanceTable)[];

const parse = <T>(text: string): T => JSON.parse(text) as T;

function summaryOf(row: Row): ServerSummary {
  return {
    num: row.num,
    id: row.id,
    projectId: row.project_id,
    userId: row.user_id,
    reservationId: row.reservation_id,
    launchIndex: row.launch_index,
    name: row.display_name,
    description: row.description,
    hostname: row.hostname,
    vmState: row.vm_state as VmState,
    taskState: row.task_state as TaskState | null,
    powerState: row.power_state as PowerState,
    progress: row.progress,
    host: row.host,
    node: row.node,
    availabilityZone: row.availability_zone,
    flavor: parse(row.flavor),
    imageId: row.image_id,
    image: row.image === null ? null : parse(row.image),
    rootDeviceName: row.root_device_name,
    keyName: row.key_name,
    configDrive: row.config_drive === 1,
    accessIpV4: row.access_ip_v4,
    accessIpV6: row.access_ip_v6,
    diskConfig: row.disk_config as 'AUTO' | 'MANUAL',
    lockedBy: row.locked_by as 'owner' | 'admin' | null,
    lockedReason: row.locked_reason,
    metadata: parse(row.metadata),
    tags: parse(row.tags),
    securityGroups: parse(row.security_groups),
    ports: parse(row.network_info),
    trustedCertificates: row.trusted_certificates === null ? null : parse(row.trusted_certificates),
    fault: row.fault === null ? null : parse(row.fault),
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    launchedAt: row.launched_at,
    terminatedAt: row.terminated_at,
    deleted: row.deleted === 1,
    userData: row.user_data ?? null,
  };
}

const serverOf = (row: Row): Server => ({
  ...summaryOf(row),
  forcedHost: row.forced_host,
  keyData: row.key_data,
  networking: parse(row.requested_networks),
  personality: parse(row.personality),
  schedulerHints: parse(row.scheduler_hints),
  adminPassword: row.admin_password,
  guestPassword: row.guest_password,
  failedHosts: parse(row.failed_hosts),
  deletedAt: row.deleted_at,
  systemMetadata: row.system_metadata === null ? {} : parse(row.system_metadata),
});

export async function insertServers(db: Db, rows: readonly Insertable<InstanceTable>[]): Promise<void> {
  await db.insertInto('instances').values(rows).execute();
}

/** Null when there is none. @param lock holds the row until the transaction ends */
export async function findServer(db: Db, id: string, lock = false): Promise<Server | null> {
  const query = db.selectFrom('instances').selectAll().where('id', '=', id);
  const row = await (lock ? query.forUpdate() : query).executeTakeFirst();
  return row ? serverOf(row) : null;
}

/** The keys of a change are columns; `updated_at` is always among them. */
export type ServerChange = Updateable<Omit<InstanceTable, 'updated_at'>> & { readonly updated_at: string };

/** Nothing is written unless the row still fits `where`. @returns whether it did */
export async function updateServer(
  db: Db,
  id: string,
  change: ServerChange | Pick<Updateable<InstanceTable>, 'network_info' | 'network_stale' | 'security_groups'>,
  where: { readonly taskState?: TaskState | null; readonly host?: string; readonly alive?: boolean } = {},
): Promise<boolean> {
  let query = db.updateTable('instances').set(change).where('id', '=', id);
  if (where.taskState === null) query = query.where('task_state', 'is', null);
  else if (where.taskState !== undefined) query = query.where('task_state', '=', where.taskState);
  if (where.host !== undefined) query = query.where('host', '=', where.host);
  if (where.alive) query = query.where('deleted', '=', 0);
  return (await query.executeTakeFirst()).numUpdatedRows > 0n;
}

/** A boot's change: not when somebody has asked for the server's deletion meanwhile. */
export async function updateUnlessDeleting(db: Db, id: string, change: ServerChange): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('instances')
    .set(change)
    .where('id', '=', id)
    .where('deleted', '=', 0)
    .where(({ or, eb }) => or([eb('task_state', 'is', null), eb('task_state', '!=', 'deleting')]))
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

type Query<O> = SelectQueryBuilder<NovaTables, 'instances', O>;

// `!` escapes: a backslash means different things to different engines.
const likeEscaped = (text: string): string => text.replace(/[!%_]/g, (c) => `!${c}`);
const like = (column: string, pattern: string) =>
  sql<boolean>`lower(${sql.ref(column)}) like ${pattern.toLowerCase()} escape '!'`;
const has = (column: string, json: string) =>
  sql<boolean>`${sql.ref(column)} like ${`%${likeEscaped(json)}%`} escape '!'`;

function filtered<O>(query: Query<O>, filter: ServerFilter): Query<O> {
  let q = query;
  for (const [column, value] of Object.entries(filter.equal ?? {}))
    q = value === null ? q.where(column as 'host', 'is', null) : q.where(column as 'host', '=', value as string);
  if (filter.deleted !== undefined) q = q.where('deleted', '=', filter.deleted ? 1 : 0);
  if (filter.softDeleted === false) q = q.where('vm_state', '!=', 'soft-delete');
  if (filter.ids) q = filter.ids.length > 0 ? q.where('id', 'in', filter.ids) : q.where(sql<boolean>`1 = 0`);
  if (filter.changesSince !== undefined) q = q.where('updated_at', '>=', filter.changesSince);
  if (filter.changesBefore !== undefined) q = q.where('updated_at', '<=', filter.changesBefore);
  if (filter.nameContains !== undefined) q = q.where(like('display_name', `%${likeEscaped(filter.nameContains)}%`));
  if (filter.locked !== undefined) q = q.where('locked_by', filter.locked ? 'is not' : 'is', null);
  for (const address of filter.addressPrefixes ?? []) q = q.where(has('network_info', `"address":"${address}`));
  for (const [name, value] of filter.metadata ?? [])
    q = q.where(has('metadata', `${JSON.stringify(name)}:${JSON.stringify(value)}`));
  const tag = (name: string) => has('tags', JSON.stringify(name));
  const { all = [], any = [], notAll = [], notAny = [] } = filter.tags ?? {};
  for (const name of all) q = q.where(tag(name));
  if (any.length > 0) q = q.where((eb) => eb.or(any.map(tag)));
  if (notAll.length > 0) q = q.where((eb) => eb.not(eb.and(notAll.map(tag))));
  for (const name of notAny) q = q.where((eb) => eb.not(tag(name)));
  if (filter.states)
    q = q.where((eb) =>
      eb.or(
        (filter.states ?? []).map(({ vmState, tasks }) => {
          const vm = eb('vm_state', '=', vmState);
          if ('only' in tasks) return eb.and([vm, eb('task_state', 'in', tasks.only)]);
          if (tasks.except.length === 0) return vm;
          return eb.and([vm, eb.or([eb('task_state', 'is', null), eb('task_state', 'not in', tasks.except)])]);
        }),
      ),
    );
  return q;
}

export interface ServerPage {
  readonly sort: readonly SortKey[];
  /** The row after which the page begins, by columns. */
  readonly marker?: Readonly<Record<string, unknown>> | undefined;
  readonly limit: number;
  readonly withUserData: boolean;
}

/** One page in one query. */
export async function listServers(db: Db, filter: ServerFilter, page: ServerPage): Promise<ServerSummary[]> {
  const query = db.selectFrom('instances').select(page.withUserData ? [...light, 'user_data'] : light);
  const rows = await paginate(filtered(query, filter) as typeof query, page).execute();
  return rows.map((row) => summaryOf(row));
}

/** Ids and names of all that fit, for patterns that SQL cannot match. */
export async function listNames(db: Db, filter: ServerFilter): Promise<{ id: string; name: string }[]> {
  const query = db.selectFrom('instances').select(['id', 'display_name as name']);
  return await filtered(query, filter).execute();
}

/** A marker's columns; null when no such server may be seen. */
export async function findMarker(
  db: Db,
  id: string,
  projectId: string | undefined,
): Promise<Record<string, unknown> | null> {
  let query = db.selectFrom('instances').select(light).where('id', '=', id);
  if (projectId !== undefined) query = query.where('project_id', '=', projectId);
  return (await query.executeTakeFirst()) ?? null;
}

/** Servers that belong on a host, by id. */
export async function serversOnHost(db: Db, host: string): Promise<ServerSummary[]> {
  const rows = await db
    .selectFrom('instances')
    .select(light)
    .where('host', '=', host)
    .where('deleted', '=', 0)
    .orderBy('num')
    .execute();
  return rows.map((row) => summaryOf(row));
}

/** Live servers whose addresses nobody has looked at since Neutron said that they changed. */
export async function staleServers(db: Db, limit: number): Promise<string[]> {
  const rows = await db
    .selectFrom('instances')
    .select('id')
    .where('network_stale', '=', 1)
    .where('deleted', '=', 0)
    .limit(limit)
    .execute();
  return rows.map((row) => row.id);
}

/** Live servers of one state. */
export async function serversInState(db: Db, state: VmState): Promise<Server[]> {
  const rows = await db
    .selectFrom('instances')
    .selectAll()
    .where('vm_state', '=', state)
    .where('task_state', 'is', null)
    .where('deleted', '=', 0)
    .orderBy('num')
    .execute();
  return rows.map(serverOf);
}

/** Of these servers, which are there, and on which host. */
export async function hostsOfServers(db: Db, ids: readonly string[]): Promise<Map<string, string | null>> {
  if (ids.length === 0) return new Map();
  const rows = await db
    .selectFrom('instances')
    .select(['id', 'host'])
    .where('id', 'in', ids)
    .where('deleted', '=', 0)
    .execute();
  return new Map(rows.map((row) => [row.id, row.host]));
}

/** Servers that lived in a period (for usage): in one project, or in all. */
export async function serversDuring(
  db: Db,
  period: { readonly start: string; readonly stop: string; readonly projectId?: string },
): Promise<ServerSummary[]> {
  let query = db
    .selectFrom('instances')
    .select(light)
    .where('launched_at', 'is not', null)
    .where('launched_at', '<', period.stop)
    .where(({ or, eb }) => or([eb('terminated_at', 'is', null), eb('terminated_at', '>=', period.start)]));
  if (period.projectId !== undefined) query = query.where('project_id', '=', period.projectId);
  const rows = await query.orderBy('project_id').orderBy('num').execute();
  return rows.map((row) => summaryOf(row));
}

export async function markPlugged(db: Db, serverId: string, portId: string): Promise<void> {
  await db.deleteFrom('plugged_ports').where('port_id', '=', portId).execute();
  await db.insertInto('plugged_ports').values({ port_id: portId, server_id: serverId }).execute();
}
export async function unmarkPlugged(db: Db, portId: string): Promise<void> {
  await db.deleteFrom('plugged_ports').where('port_id', '=', portId).execute();
}
export async function forgetPlugged(db: Db, serverId: string): Promise<void> {
  await db.deleteFrom('plugged_ports').where('server_id', '=', serverId).execute();
}
export async function pluggedPorts(db: Db, serverId: string): Promise<Set<string>> {
  const rows = await db.selectFrom('plugged_ports').select('port_id').where('server_id', '=', serverId).execute();
  return new Set(rows.map((row) => row.port_id));
}

/** Whether the database answers. */
export async function pingDatabase(db: Db): Promise<void> {
  await db.selectFrom('cache_versions').select('version').limit(1).execute();
}
