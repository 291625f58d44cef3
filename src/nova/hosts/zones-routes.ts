import { routesFor } from '#common/api/route.ts';
import { notFound } from '#common/api/errors.ts';
import { AnyQuery, IdParams } from '../api/schemas.ts';
import { serversOnHost } from '../servers/rows.ts';
import { listAggregates } from './aggregates-rows.ts';
import { textOf, zoneOfService, type HostDeps } from './deps.ts';
import { listNodes } from './nodes-rows.ts';
import { zoneOfAggregate } from './directory.ts';
import * as services from './services-rows.ts';
import type { Service } from './services-rows.ts';

const route = routesFor<HostDeps>();

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

/** Hosts as `nova host-list` knows them; gone from 2.43 on. */
const hosts = [
  route({
    id: 'hosts.list',
    summary: 'List hosts with the daemons on them',
    method: 'GET',
    path: '/os-hosts',
    versions: { max: '2.42' },
    policy: 'os_compute_api:os-hosts:list',
    status: 200,
    query: AnyQuery,
    handle: async (deps, { query }) => {
      const list = await Promise.all(
        (await services.listServices(deps.db.query)).map(async (service) => ({
          host_name: service.host,
          service: service.binary.replace(/^nova-/, ''),
          zone: await zoneOfService(deps, service),
        })),
      );
      const zone = textOf(query['zone']);
      const wanted = textOf(query['service']);
      return {
        hosts: list.filter(
          (one) => (zone === undefined || one.zone === zone) && (wanted === undefined || one.service === wanted),
        ),
      };
    },
  }),
  route({
    id: 'hosts.show',
    summary: 'What a compute host has, and who uses it',
    method: 'GET',
    path: '/os-hosts/:id',
    versions: { max: '2.42' },
    policy: 'os_compute_api:os-hosts:show',
    status: 200,
    params: IdParams,
    handle: async (deps, { params: { id } }) => {
      const [node] = await listNodes(deps.db.query, { hosts: [id] });
      if (!node) throw notFound(`Compute host ${id} could not be found.`);
      const line = (project: string, cpu: number, memory_mb: number, disk_gb: number) => ({
        resource: { host: id, project, cpu, memory_mb, disk_gb },
      });
      const projects = Map.groupBy(await serversOnHost(deps.db.query, id), (server) => server.projectId);
      return {
        host: [
          line('(total)', node.vcpus, node.memoryMb, node.diskGb),
          line('(used_now)', node.vcpusUsed, node.memoryMbUsed, node.diskGbUsed),
          ...[...projects].map(([project, servers]) =>
            line(
              project,
              servers.reduce((sum, { flavor }) => sum + flavor.vcpus, 0),
              servers.reduce((sum, { flavor }) => sum + flavor.memoryMb, 0),
              servers.reduce((sum, { flavor }) => sum + flavor.rootGb + flavor.ephemeralGb, 0),
            ),
          ),
        ],
      };
    },
  }),
];

export const zoneRoutes = [zones(false), zones(true), ...hosts];

/** Zones that a server can be asked for in, read now: who has just made one wants to use it. */
export async function usableZones({ db, conf }: Pick<HostDeps, 'db' | 'conf'>): Promise<Set<string>> {
  const aggregates = await listAggregates(db.query);
  const computes = await services.listServices(db.query, { binary: 'nova-compute' });
  const zones = aggregates.map(zoneOfAggregate).filter((zone) => zone !== undefined);
  const zoned = new Set(aggregates.filter((one) => zoneOfAggregate(one) !== undefined).flatMap((one) => one.hosts));
  const bare = computes.some((service) => !zoned.has(service.host));
  return new Set([...zones, ...(bare ? [conf.DEFAULT.default_availability_zone] : [])]);
}
