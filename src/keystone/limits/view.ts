import type { Limit, RegisteredLimit } from './model.ts';

/** @param host `http://host:port`, here and below */
export const registeredView = (limit: RegisteredLimit, host: string) => ({
  id: limit.id,
  service_id: limit.serviceId,
  region_id: limit.regionId,
  resource_name: limit.resourceName,
  default_limit: limit.defaultLimit,
  description: limit.description,
  links: { self: `${host}/v3/registered_limits/${limit.id}` },
});

export const limitView = (limit: Limit, host: string) => ({
  id: limit.id,
  project_id: limit.projectId,
  domain_id: limit.domainId,
  service_id: limit.registered.serviceId,
  region_id: limit.registered.regionId,
  resource_name: limit.registered.resourceName,
  resource_limit: limit.value,
  description: limit.description,
  links: { self: `${host}/v3/limits/${limit.id}` },
});
