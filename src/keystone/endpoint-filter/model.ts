import type { Endpoint } from '../catalog/model.ts';

/** What an endpoint must have to be in a group. */
export interface EndpointFilters {
  readonly service_id?: string;
  readonly region_id?: string;
  readonly interface?: string;
}

/** Endpoints that are given to projects together. */
export interface EndpointGroup {
  readonly id: string;
  readonly name: string;
  readonly description: string | null;
  readonly filters: EndpointFilters;
}

/** The endpoints that a project has of its own. */
export interface ProjectFilters {
  readonly endpointIds: ReadonlySet<string>;
  readonly groups: readonly EndpointGroup[];
}

export const fits = ({ service_id, region_id, interface: face }: EndpointFilters, endpoint: Endpoint): boolean =>
  (service_id === undefined || service_id === endpoint.serviceId) &&
  (region_id === undefined || region_id === endpoint.regionId) &&
  (face === undefined || face === endpoint.interface);

export const isIn = ({ endpointIds, groups }: ProjectFilters, endpoint: Endpoint): boolean =>
  endpointIds.has(endpoint.id) || groups.some(({ filters }) => fits(filters, endpoint));
