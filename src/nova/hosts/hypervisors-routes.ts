import { ApiError, badRequest, notFound } from '#common/api/errors.ts';
import { routesFor } from '#common/api/route.ts';
import type { ApiVersion } from '#common/api/version.ts';
import { nextPage } from '../api/links.ts';
import { AnyQuery, IdParams } from '../api/schemas.ts';
import { capacityOf, type Share } from '../scheduler/capacity.ts';
import { flagOf, limitOf } from '../servers/filters.ts';
import { instanceName } from '../servers/model.ts';
import { textOf, type HostDeps } from './deps.ts';
import * as nodes from './nodes-rows.ts';
import type { ComputeNode } from './nodes-rows.ts';
import { listServices } from './services-rows.ts';

const route = routesFor<HostDeps>();

interface Shared {
  readonly version: ApiVersion;
  readonly host: string;
  readonly prefix: string;
}

async function nodeViews(deps: HostDeps) {
  const reserved = deps.conf.DEFAULT.reserved_host_memory_mb;
  const byHost = new Map(
    (await listServices(deps.db.query, { binary: 'nova-compute' })).map((service) => [service.host, service]),
  );
  const counts = await nodes.serverCounts(deps.db.query);
  const aggregates = await deps.directory.aggregates();
  const zoneOf = await deps.directory.zones();
  const brief = (node: ComputeNode, { version }: Pick<Shared, 'version'>) => {
    const service = byHost.get(node.host);
    return {
      id: version.atLeast('2.53') ? node.id : node.num,
      hypervisor_hostname: node.hypervisorHostname,
      state: service && deps.directory.isUp(service) ? 'up' : 'down',
      status: service?.disabled ? 'disabled' : 'enabled',
    };
  };
  const usage = (node: ComputeNode) => ({
    vcpus: node.vcpus,
    memory_mb: node.memoryMb,
    local_gb: node.diskGb,
    vcpus_used: node.vcpusUsed,
    memory_mb_used: node.memoryMbUsed + reserved,
    local_gb_used: node.diskGbUsed,
    free_ram_mb: node.memoryMb - node.memoryMbUsed - reserved,
    free_disk_gb: node.diskGb - node.diskGbUsed,
    current_workload: counts.get(node.host)?.busy ?? 0,
    running_vms: counts.get(node.host)?.running ?? 0,
    disk_available_least: node.freeDiskGb,
  });
  const full = (node: ComputeNode, call: Pick<Shared, 'version'>) => {
    const service = byHost.get(node.host);
    const { version } = call;
    return {
      ...brief(node, call),
      hypervisor_type: node.hypervisorType,
      hypervisor_version: node.hypervisorVersion,
      host_ip: deps.conf.DEFAULT.my_ip,
      service: {
        id: service ? (version.atLeast('2.53') ? service.id : service.num) : null,
        host: node.host,
        disabled_reason: service?.disabledReason ?? null,
      },
      ...(version.atLeast('2.88')
        ? { uptime: null }
        : {
            ...usage(node),
            cpu_info: version.atLeast('2.28') ? node.cpuInfo : JSON.stringify(node.cpuInfo),
          }),
    };
  };
  /** An addition of ours, for who asks `with_capacity`: what may be claimed, and what is. */
  const capacity = (node: ComputeNode) => {
    const ofHost = aggregates.filter((one) => one.hosts.includes(node.host));
    const { vcpus, memoryMb, diskGb } = capacityOf(node, ofHost, deps.conf.DEFAULT);
    return {
      capacity: {
        vcpus: shareView(vcpus, node.vcpusUsed),
        memory_mb: shareView(memoryMb, node.memoryMbUsed),
        disk_gb: shareView(diskGb, node.diskGbUsed),
      },
      running_servers: counts.get(node.host)?.running ?? 0,
      zone: zoneOf(node.host),
    };
  };
  return { brief, full, usage, capacity };
}

const shareView = ({ total, reserved, ratio, limit }: Share, used: number) => ({
  ...{ total, reserved, allocation_ratio: ratio },
  ...{ limit, used },
});

/** Null when the host does not say; it is not waited for long. */
async function uptimeOf({ compute }: HostDeps, host: string): Promise<string | null> {
  return compute.call('hostUptime', {}, { host, timeoutMs: 5000 }).then(
    (answer) => answer.uptime,
    () => null,
  );
}

/** From 2.88 on those that are up say since when, where hypervisors are shown in full. */
async function withUptime<T extends { readonly state: string; readonly service: { readonly host: string } }>(
  deps: HostDeps,
  version: ApiVersion,
  shown: T,
): Promise<T> {
  if (!version.atLeast('2.88') || shown.state !== 'up') return shown;
  return { ...shown, uptime: await uptimeOf(deps, shown.service.host) };
}

async function findNode(deps: HostDeps, id: string, version: ApiVersion): Promise<ComputeNode> {
  const numeric = /^\d+$/.test(id);
  const node = numeric === version.atLeast('2.53') ? null : await nodes.findNode(deps.db.query, id);
  if (!node) throw notFound(`Compute host ${id} could not be found.`);
  return node;
}

async function serversOf(deps: HostDeps, list: readonly ComputeNode[]) {
  const template = deps.conf.DEFAULT.instance_name_template;
  const servers = await nodes.serversOfHosts(
    deps.db.query,
    list.map((node) => node.host),
  );
  const byHost = Map.groupBy(servers, (server) => server.host);
  return (node: ComputeNode) =>
    (byHost.get(node.host) ?? []).map((server) => ({ uuid: server.id, name: instanceName(template, server.num) }));
}

const listHypervisors = (detail: boolean) =>
  route({
    id: detail ? 'hypervisors.detail' : 'hypervisors.list',
    summary: detail ? 'List hypervisors in full' : 'List hypervisors',
    method: 'GET',
    path: detail ? '/os-hypervisors/detail' : '/os-hypervisors',
    policy: detail ? 'os_compute_api:os-hypervisors:list-detail' : 'os_compute_api:os-hypervisors:list',
    status: 200,
    query: AnyQuery,
    handle: async (deps, call) => {
      const { version, query } = call;
      const paged = version.atLeast('2.33');
      const hostname = version.atLeast('2.53') ? textOf(query['hypervisor_hostname_pattern']) : undefined;
      const limit = limitOf(query['limit'], deps.conf.DEFAULT.osapi_max_limit);
      const id = textOf(query['marker']);
      const marker = paged && id !== undefined ? await nodes.findNode(deps.db.query, id) : undefined;
      if (marker === null) throw badRequest(`marker [${id}] not found`);
      const list = await nodes.pageOfNodes(deps.db.query, { hostname, marker, limit: paged ? limit : undefined });
      if (hostname !== undefined && list.length === 0)
        throw notFound(`No hypervisor matching '${hostname}' could be found.`);
      const views = await nodeViews(deps);
      const servers =
        version.atLeast('2.53') && flagOf('with_servers', query['with_servers']) ? await serversOf(deps, list) : null;
      const capacious = detail && flagOf('with_capacity', query['with_capacity']);
      const links = paged
        ? nextPage(
            call,
            detail ? 'os-hypervisors/detail' : 'os-hypervisors',
            call.url,
            limit,
            list.map((node) => (version.atLeast('2.53') ? node.id : String(node.num))),
          )
        : [];
      return {
        hypervisors: await Promise.all(
          list.map(async (node) => ({
            ...(detail ? await withUptime(deps, version, views.full(node, call)) : views.brief(node, call)),
            ...(servers && servers(node).length > 0 && { servers: servers(node) }),
            ...(capacious && views.capacity(node)),
          })),
        ),
        ...(links.length > 0 && { hypervisors_links: links }),
      };
    },
  });

export const hypervisorRoutes = [
  listHypervisors(false),
  listHypervisors(true),
  route({
    id: 'hypervisors.statistics',
    summary: 'Sum of all hypervisors',
    method: 'GET',
    path: '/os-hypervisors/statistics',
    versions: { max: '2.87' },
    policy: 'os_compute_api:os-hypervisors:statistics',
    status: 200,
    handle: async (deps) => {
      const views = await nodeViews(deps);
      const list = (await nodes.listNodes(deps.db.query)).map(views.usage);
      const sum: Record<string, number> = { count: list.length };
      for (const key of Object.keys(list[0] ?? views.usage(nothing)) as (keyof ReturnType<typeof views.usage>)[])
        sum[key] = list.reduce((total, one) => total + one[key], 0);
      return { hypervisor_statistics: sum };
    },
  }),
  route({
    id: 'hypervisors.show',
    summary: 'Show a hypervisor',
    method: 'GET',
    path: '/os-hypervisors/:id',
    policy: 'os_compute_api:os-hypervisors:show',
    status: 200,
    params: IdParams,
    query: AnyQuery,
    handle: async (deps, call) => {
      const node = await findNode(deps, call.params.id, call.version);
      const wanted = call.version.atLeast('2.53') && flagOf('with_servers', call.query['with_servers']);
      const servers = wanted ? (await serversOf(deps, [node]))(node) : [];
      const views = await nodeViews(deps);
      return {
        hypervisor: {
          ...(await withUptime(deps, call.version, views.full(node, call))),
          ...(servers.length > 0 && { servers }),
          ...(flagOf('with_capacity', call.query['with_capacity']) && views.capacity(node)),
        },
      };
    },
  }),
  route({
    id: 'hypervisors.uptime',
    summary: "A hypervisor's uptime",
    method: 'GET',
    path: '/os-hypervisors/:id/uptime',
    versions: { max: '2.87' },
    policy: 'os_compute_api:os-hypervisors:uptime',
    status: 200,
    params: IdParams,
    handle: async (deps, { params, version }) => {
      const node = await findNode(deps, params.id, version);
      const { brief } = await nodeViews(deps);
      const hypervisor = brief(node, { version });
      if (hypervisor.state !== 'up') throw badRequest(`Compute service of ${node.host} is unavailable at this time.`);
      const uptime = await uptimeOf(deps, node.host);
      if (uptime === null) throw new ApiError(501, 'The requested functionality is not supported.');
      return { hypervisor: { ...hypervisor, uptime } };
    },
  }),
  ...(['search', 'servers'] as const).map((what) =>
    route({
      id: `hypervisors.${what}`,
      summary: what === 'search' ? 'Find hypervisors by host name' : 'Servers of the hypervisors of that name',
      method: 'GET',
      path: `/os-hypervisors/:id/${what}`,
      versions: { max: '2.52' },
      policy: `os_compute_api:os-hypervisors:${what}`,
      status: 200,
      params: IdParams,
      handle: async (deps, { params, version }) => {
        const list = await nodes.pageOfNodes(deps.db.query, { hostname: params.id });
        if (list.length === 0) throw notFound(`No hypervisor matching '${params.id}' could be found.`);
        const views = await nodeViews(deps);
        const servers = await serversOf(deps, list);
        return {
          hypervisors: list.map((node) => ({
            ...views.brief(node, { version }),
            ...(what === 'servers' && servers(node).length > 0 && { servers: servers(node) }),
          })),
        };
      },
    }),
  ),
];

const nothing: ComputeNode = {
  num: 0,
  id: '',
  host: '',
  hypervisorHostname: '',
  hypervisorType: '',
  hypervisorVersion: 0,
  vcpus: 0,
  memoryMb: 0,
  diskGb: 0,
  freeDiskGb: 0,
  vcpusUsed: 0,
  memoryMbUsed: 0,
  diskGbUsed: 0,
  cpuInfo: {},
  supportedInstances: [],
  changedAt: '',
};
