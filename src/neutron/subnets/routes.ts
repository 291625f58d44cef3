import { resourceRoutes } from '../api/resource-routes.ts';
import type { NeutronApi } from '../server/api.ts';
import { subnetResource } from './schema.ts';

export const subnetRoutes = resourceRoutes(subnetResource, (api: NeutronApi) => api.subnets);
