import { routesFor } from '#common/api/route.ts';
import { zoneOfService, type HostDeps } from './deps.ts';
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

export const zoneRoutes = [zones(false), zones(true)];

/** Zones that a server can be asked for in. */
export async function usableZones(deps: Pick<HostDeps, 'db' | 'directory' | 'conf'>): Promise<Set<string>> {
  const zoneOf = await deps.directory.zones();
  const computes = (await deps.directory.services()).filter((service) => service.binary === 'nova-compute');
  const named = (await deps.directory.aggregates()).map(zoneOfAggregate).filter((zone) => zone !== undefined);
  return new Set([...computes.map((service) => zoneOf(service.host)), ...named]);
}
