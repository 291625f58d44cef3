import type { Selectable } from 'kysely';
import type { Queryable } from '#common/db/database.ts';
import { isDuplicateKey } from '#common/db/errors.ts';
import { paginate } from '#common/db/pagination.ts';
import type { ComputeNodeTable, NovaTables } from '../tables.ts';
import type { HostResources } from '../virt/driver.ts';

type Db = Queryable<NovaTables>;

/** What a compute host has, and what of it is claimed. */
export interface ComputeNode {
  readonly num: number;
  readonly id: string;
  readonly host: string;
  readonly hypervisorHostname: string;
  readonly hypervisorType: string;
  readonly hypervisorVersion: number;
  readonly vcpus: number;
  readonly memoryMb: number;
  readonly diskGb: number;
  readonly freeDiskGb: number;
  readonly vcpusUsed: number;
  readonly memoryMbUsed: number;
  readonly diskGbUsed: number;
  readonly cpuInfo: Readonly<Record<string, unknown>>;
  readonly supportedInstances: readonly (readonly [string, string, string])[];
  readonly changedAt: string;
}

const nodeOf = (row: Selectable<ComputeNodeTable>): ComputeNode => ({
  num: row.num,
  id: row.id,
  host: row.host,
  hypervisorHostname: row.hypervisor_hostname,
  hypervisorType: row.hypervisor_type,
  hypervisorVersion: row.hypervisor_version,
  vcpus: row.vcpus,
  memoryMb: row.memory_mb,
  diskGb: row.disk_gb,
  freeDiskGb: row.free_disk_gb,
  vcpusUsed: row.vcpus_used,
  memoryMbUsed: row.memory_mb_used,
  diskGbUsed: row.disk_gb_used,
  cpuInfo: JSON.parse(row.cpu_info) as Record<string, unknown>,
  supportedInstances: JSON.parse(row.supported_instances) as [string, string, string][],
  changedAt: row.changed_at,
});

/** Makes or refreshes a host's row; what is claimed stays as it is. */
export async function reportNode(
  db: Db,
  {
    id,
    host,
    resources,
    now,
  }: { readonly id: string; readonly host: string; readonly resources: HostResources; readonly now: string },
): Promise<void> {
  const reported = {
    hypervisor_hostname: resources.hypervisorHostname,
    hypervisor_type: resources.hypervisorType,
    hypervisor_version: resources.hypervisorVersion,
    vcpus: resources.vcpus,
    memory_mb: resources.memoryMb,
    disk_gb: resources.diskGb,
    free_disk_gb: resources.freeDiskGb,
    cpu_info: JSON.stringify(resources.cpuInfo),
    supported_instances: JSON.stringify(resources.supportedInstances),
    changed_at: now,
  };
  const refresh = () => db.updateTable('compute_nodes').set(reported).where('host', '=', host).executeTakeFirst();
  if ((await refresh()).numUpdatedRows > 0n) return;
  await db
    .insertInto('compute_nodes')
    .values({ ...reported, id, host, vcpus_used: 0, memory_mb_used: 0, disk_gb_used: 0, created_at: now })
    .execute()
    .catch(async (error: unknown) => {
      if (!isDuplicateKey(error)) throw error;
      await refresh();
    });
}

export async function listNodes(
  db: Db,
  filter: { readonly changedSince?: string; readonly hosts?: readonly string[] } = {},
): Promise<ComputeNode[]> {
  let query = db.selectFrom('compute_nodes').selectAll();
  if (filter.changedSince !== undefined) query = query.where('changed_at', '>=', filter.changedSince);
  if (filter.hosts !== undefined) query = query.where('host', 'in', filter.hosts);
  return (await query.orderBy('num').execute()).map(nodeOf);
}

export async function pageOfNodes(
  db: Db,
  page: {
    readonly hostname?: string | undefined;
    readonly marker?: ComputeNode | undefined;
    readonly limit?: number | undefined;
  },
): Promise<ComputeNode[]> {
  const query = db.selectFrom('compute_nodes').selectAll();
  const marker = page.marker && { num: page.marker.num };
  const rows = await paginate(query, {
    sort: [{ column: 'num', direction: 'asc' }],
    marker,
    limit: page.limit,
  }).execute();
  const wanted = page.hostname;
  return rows.map(nodeOf).filter((node) => wanted === undefined || node.hypervisorHostname.includes(wanted));
}

/** By number or by UUID. */
export async function findNode(db: Db, id: string): Promise<ComputeNode | null> {
  const query = db.selectFrom('compute_nodes').selectAll();
  const row = await (
    /^\d+$/.test(id) ? query.where('num', '=', Number(id)) : query.where('id', '=', id)
  ).executeTakeFirst();
  return row ? nodeOf(row) : null;
}

/** Live servers by host: how many run, and how many are being worked on. */
export async function serverCounts(db: Db): Promise<Map<string, { running: number; busy: number }>> {
  const rows = await db
    .selectFrom('instances')
    .select(({ fn }) => ['host', fn.countAll<number>().as('running'), fn.count<number>('task_state').as('busy')])
    .where('deleted', '=', 0)
    .where('host', 'is not', null)
    .groupBy('host')
    .execute();
  return new Map(rows.map((row) => [row.host as string, { running: Number(row.running), busy: Number(row.busy) }]));
}

/** Live servers of these hosts, id and number. */
export async function serversOfHosts(
  db: Db,
  hosts: readonly string[],
): Promise<{ id: string; num: number; host: string }[]> {
  if (hosts.length === 0) return [];
  const rows = await db
    .selectFrom('instances')
    .select(['id', 'num', 'host'])
    .where('host', 'in', hosts)
    .where('deleted', '=', 0)
    .orderBy('num')
    .execute();
  return rows as { id: string; num: number; host: string }[];
}
