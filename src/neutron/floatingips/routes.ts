import { resourceRoutes } from '../api/resource-routes.ts';
import type { NeutronApi } from '../server/api.ts';
import { floatingIpResource } from './schema.ts';

export const floatingIpRoutes = resourceRoutes(floatingIpResource, (api: NeutronApi) => api.floatingIps);
