import { groupLegacy, legacyIdOf } from './legacy.ts';
import type { CatalogEntry, CatalogService, Endpoint, Region } from './model.ts';

/** @param host `http://host:port`, here and below */
export const regionView = (region: Region, host: string) => ({
  ...region.extra,
  id: region.id,
  description: region.description,
  parent_region_id: region.parentId,
  links: { self: `${host}/v3/regions/${encodeURIComponent(region.id)}` },
});

export const serviceView = (service: CatalogService, host: string) => ({
  ...service.extra,
  ...(service.name !== null && { name: service.name }),
  id: service.id,
  type: service.type,
  enabled: service.enabled,
  ...(service.description !== null && { description: service.description }),
  links: { self: `${host}/v3/services/${service.id}` },
});

export const endpointView = (endpoint: Endpoint, host: string) => ({
  ...endpoint.extra,
  id: endpoint.id,
  interface: endpoint.interface,
  region_id: endpoint.regionId,
  service_id: endpoint.serviceId,
  url: endpoint.url,
  enabled: endpoint.enabled,
  region: endpoint.regionId,
  links: { self: `${host}/v3/endpoints/${endpoint.id}` },
});

/** The catalogue as a v3 token carries it. */
export const catalogView = (catalog: readonly CatalogEntry[]) =>
  catalog.map(({ service, endpoints }) => ({
    endpoints: endpoints.map((endpoint) => ({
      id: endpoint.id,
      interface: endpoint.interface,
      region_id: endpoint.regionId,
      url: endpoint.url,
      region: endpoint.regionId,
    })),
    id: service.id,
    type: service.type,
    name: service.name ?? '',
  }));

interface LegacyUrls {
  readonly id: string;
  readonly region: string | null;
  readonly enabled: boolean;
  readonly urls: Readonly<Partial<Record<Endpoint['interface'], string>>>;
}

/** v2.0 knows one endpoint with three URLs where v3 knows three. */
export function legacyEndpoints(endpoints: readonly Endpoint[]): (LegacyUrls & { readonly serviceId: string })[] {
  return groupLegacy(endpoints).map((group) => {
    const [{ regionId: region, serviceId, enabled }] = group;
    const urls = Object.fromEntries(group.map((endpoint) => [endpoint.interface, endpoint.url]));
    return { id: legacyIdOf(group), region, enabled, serviceId, urls };
  });
}

/** The catalogue as a v2.0 token carries it. */
export const v2CatalogView = (catalog: readonly CatalogEntry[]) =>
  catalog
    .filter(({ endpoints }) => endpoints.length > 0)
    .map(({ service, endpoints }) => ({
      endpoints: legacyEndpoints(endpoints).map(({ id, region, urls }) => ({
        ...(urls.admin !== undefined && { adminURL: urls.admin }),
        region,
        ...(urls.internal !== undefined && { internalURL: urls.internal }),
        id,
        ...(urls.public !== undefined && { publicURL: urls.public }),
      })),
      endpoints_links: [],
      type: service.type,
      name: service.name ?? '',
    }));
