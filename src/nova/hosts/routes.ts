import { Type } from '@sinclair/typebox';
import { ApiError, badRequest, conflict, notFound } from '#common/api/errors.ts';
import { routesFor } from '#common/api/route.ts';
import type { ApiVersion } from '#common/api/version.ts';
import { isoMicros, type Clock } from '#common/clock.ts';
import type { Database } from '#common/db/database.ts';
import { nextPage } from '../api/links.ts';
import { AnyQuery, Flag, flagValue, IdParams, strict } from '../api/schemas.ts';
import type { NovaConfig } from '../config.ts';
import { flagOf, limitOf } from '../servers/filters.ts';
import { instanceName } from '../servers/model.ts';
import type { NovaTables } from '../tables.ts';
import { zoneOfAggregate, type HostDirectory } from './directory.ts';
import * as nodes from './nodes-rows.ts';
import type { ComputeNode } from './nodes-rows.ts';
import * as services from './services-rows.ts';
import type { Service, ServiceChange } from './services-rows.ts';

/** What the routes about hosts work with. */
export interface HostDeps {
  readonly db: Database<NovaTables>;
  readonly clock: Clock;
  readonly conf: NovaConfig;
  readonly directory: HostDirectory;
}

const route = routesFor<HostDeps>();
const text = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);

// ---- services

const zoneOfService = async (deps: HostDeps, service: Service): Promise<string> =>
  service.binary === 'nova-compute'
    ? (await deps.directory.zones())(service.host)
    : deps.conf.DEFAULT.internal_service_availability_zone;

async function showService(deps: HostDeps, service: Service, version: ApiVersion) {
  return {
    binary: service.binary,
    host: service.host,
    id: version.atLeast('2.53') ? service.id : service.num,
    zone: await zoneOfService(deps, service),
    status: service.disabled ? 'disabled' : 'enabled',
    state: deps.directory.isUp(service) ? 'up' : 'down',
    updated_at: service.lastSeen,
    disabled_reason: service.disabledReason,
    ...(version.atLeast('2.11') && { forced_down: service.forcedDown }),
  };
}

/** `PUT /os-services/enable` and its kin, until 2.52. */
const HostBinary = strict({
  host: Type.String({ minLength: 1, maxLength: 255 }),
  binary: Type.String({ minLength: 1, maxLength: 255 }),
  disabled_reason: Type.Optional(Type.String({ minLength: 1, maxLength: 255 })),
  forced_down: Type.Optional(Flag),
});
const byHost = (
  action: string,
  min: string | null,
  change: (body: { disabled_reason?: string; forced_down?: boolean | string | number }) => ServiceChange,
) =>
  route({
    id: `services.${action}`,
    summary: `Service: ${action}`,
    method: 'PUT',
    path: `/os-services/${action}`,
    versions: { max: '2.52', ...(min !== null && { min }) },
    policy: 'os_compute_api:os-services:update',
    status: 200,
    body: HostBinary,
    handle: async (deps, { body }) => {
      const { host, binary } = body;
      const [service] = await services.listServices(deps.db.query, { host, binary });
      if (!service) throw notFound(`Could not find binary ${binary} on host ${host}.`);
      const changed = change(body);
      await services.changeService(deps.db.query, service.num, changed, isoMicros(deps.clock.now()));
      return {
        service: {
          host,
          binary,
          ...(changed.disabled !== undefined && { status: changed.disabled ? 'disabled' : 'enabled' }),
          ...(body.disabled_reason !== undefined && { disabled_reason: body.disabled_reason }),
          ...(changed.forcedDown !== undefined && { forced_down: changed.forcedDown }),
        },
      };
    },
  });

const serviceRoutes = [
  route({
    id: 'services.list',
    summary: 'List the daemons of Nova',
    method: 'GET',
    path: '/os-services',
    policy: 'os_compute_api:os-services:list',
    status: 200,
    query: AnyQuery,
    handle: async (deps, { query, version }) => {
      const list = await services.listServices(deps.db.query, {
        binary: text(query['binary']),
        host: text(query['host']),
      });
      return { services: await Promise.all(list.map((service) => showService(deps, service, version))) };
    },
  }),
  byHost('enable', null, () => ({ disabled: false, disabledReason: null })),
  byHost('disable', null, () => ({ disabled: true, disabledReason: null })),
  byHost('disable-log-reason', null, ({ disabled_reason: reason }) => {
    if (reason === undefined)
      throw badRequest("Invalid input for field/attribute disabled_reason. 'disabled_reason' is a required property");
    return { disabled: true, disabledReason: reason };
  }),
  byHost('force-down', '2.11', ({ forced_down: down }) => {
    if (down === undefined)
      throw badRequest("Invalid input for field/attribute forced_down. 'forced_down' is a required property");
    return { forcedDown: flagValue(down) };
  }),
  route({
    id: 'services.update',
    summary: 'Enable, disable or force down a daemon',
    method: 'PUT',
    path: '/os-services/:id',
    versions: { min: '2.53', apis: ['v2.1'] },
    policy: 'os_compute_api:os-services:update',
    status: 200,
    params: IdParams,
    body: strict({
      status: Type.Optional(Type.Union([Type.Literal('enabled'), Type.Literal('disabled')])),
      disabled_reason: Type.Optional(Type.String({ minLength: 1, maxLength: 255 })),
      forced_down: Type.Optional(Flag),
    }),
    handle: async (deps, { params, body, version }) => {
      const service = await services.findService(deps.db.query, params.id);
      if (!service) throw notFound(`Service ${params.id} could not be found.`);
      const { status, disabled_reason: reason, forced_down: down } = body;
      if (status === undefined && down === undefined)
        throw badRequest("No updates were requested. Fields 'status' or 'forced_down' should be specified.");
      if (reason !== undefined && status !== 'disabled')
        throw badRequest("Specifying 'disabled_reason' when status is not 'disabled' is invalid.");
      await services.changeService(
        deps.db.query,
        service.num,
        {
          ...(status !== undefined && { disabled: status === 'disabled', disabledReason: reason ?? null }),
          ...(down !== undefined && { forcedDown: flagValue(down) }),
        },
        isoMicros(deps.clock.now()),
      );
      const changed = await services.findService(deps.db.query, params.id);
      return { service: await showService(deps, changed ?? service, version) };
    },
  }),
  route({
    id: 'services.delete',
    summary: 'Forget a daemon',
    method: 'DELETE',
    path: '/os-services/:id',
    policy: 'os_compute_api:os-services:delete',
    status: 204,
    params: IdParams,
    handle: async (deps, { params }) => {
      const service = await services.findService(deps.db.query, params.id);
      if (!service) throw notFound(`Service ${params.id} could not be found.`);
      if (service.binary === 'nova-compute' && (await nodes.serversOfHosts(deps.db.query, [service.host])).length > 0)
        throw conflict(
          'Unable to delete compute service that is hosting instances. Migrate or delete the instances first.',
        );
      await deps.db.transaction((trx) => services.deleteService(trx, service));
      return undefined;
    },
  }),
];

// ---- hypervisors

interface Shared {
  readonly version: ApiVersion;
  readonly host: string;
  readonly prefix: string;
}

async function nodeViews(deps: HostDeps) {
  const reserved = deps.conf.DEFAULT.reserved_host_memory_mb;
  const byHost = new Map(
    (await services.listServices(deps.db.query, { binary: 'nova-compute' })).map((service) => [service.host, service]),
  );
  const counts = await nodes.serverCounts(deps.db.query);
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
  return { brief, full, usage };
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
  return (node: ComputeNode) =>
    servers
      .filter((server) => server.host === node.host)
      .map((server) => ({ uuid: server.id, name: instanceName(template, server.num) }));
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
      const hostname = version.atLeast('2.53') ? text(query['hypervisor_hostname_pattern']) : undefined;
      const limit = limitOf(query['limit'], deps.conf.DEFAULT.osapi_max_limit);
      const id = text(query['marker']);
      const marker = paged && id !== undefined ? await nodes.findNode(deps.db.query, id) : undefined;
      if (marker === null) throw badRequest(`marker [${id}] not found`);
      const list = await nodes.pageOfNodes(deps.db.query, { hostname, marker, limit: paged ? limit : undefined });
      if (hostname !== undefined && list.length === 0)
        throw notFound(`No hypervisor matching '${hostname}' could be found.`);
      const views = await nodeViews(deps);
      const servers =
        version.atLeast('2.53') && flagOf('with_servers', query['with_servers']) ? await serversOf(deps, list) : null;
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
        hypervisors: list.map((node) => ({
          ...(detail ? views.full(node, call) : views.brief(node, call)),
          ...(servers && servers(node).length > 0 && { servers: servers(node) }),
        })),
        ...(links.length > 0 && { hypervisors_links: links }),
      };
    },
  });

const hypervisorRoutes = [
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
      return {
        hypervisor: { ...(await nodeViews(deps)).full(node, call), ...(servers.length > 0 && { servers }) },
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
      await findNode(deps, params.id, version);
      throw new ApiError(501, 'The requested functionality is not supported.');
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

// ---- availability zones

const zones = (detail: boolean) =>
  route({
    id: detail ? 'availability_zones.detail' : 'availability_zones.list',
    summary: 'List availability zones',
    method: 'GET',
    path: detail ? '/os-availability-zone/detail' : '/os-availability-zone',
    policy: detail ? 'os_compute_api:os-availability-zone:detail' : 'os_compute_api:os-availability-zone:list',
    status: 200,
    handle: async (deps) => {
      const internal = deps.conf.DEFAULT.internal_service_availability_zone;
      const byZone = new Map<string, Service[]>();
      for (const service of await services.listServices(deps.db.query)) {
        const zone = await zoneOfService(deps, service);
        byZone.set(zone, [...(byZone.get(zone) ?? []), service]);
      }
      const hostsOf = (list: readonly Service[]) => {
        const hosts: Record<string, Record<string, unknown>> = {};
        for (const service of list)
          (hosts[service.host] ??= {})[service.binary] = {
            available: deps.directory.isUp(service),
            active: !service.disabled,
            updated_at: service.lastSeen,
          };
        return hosts;
      };
      return {
        availabilityZoneInfo: [...byZone]
          .filter(([name]) => detail || name !== internal)
          .sort(([a], [b]) => (a === internal ? -1 : b === internal ? 1 : a < b ? -1 : 1))
          .map(([zoneName, list]) => ({
            zoneName,
            // A zone whose every compute host is disabled takes no servers.
            zoneState: { available: list.some((service) => !service.disabled) },
            hosts: detail ? hostsOf(list) : null,
          })),
      };
    },
  });

export const hostRoutes = [...serviceRoutes, ...hypervisorRoutes, zones(false), zones(true)];

/** Zones that a server can be asked for in. */
export async function usableZones(deps: Pick<HostDeps, 'db' | 'directory' | 'conf'>): Promise<Set<string>> {
  const zoneOf = await deps.directory.zones();
  const computes = (await deps.directory.services()).filter((service) => service.binary === 'nova-compute');
  const named = (await deps.directory.aggregates()).map(zoneOfAggregate).filter((zone) => zone !== undefined);
  return new Set([...computes.map((service) => zoneOf(service.host)), ...named]);
}
