import { resourceRoutes } from '../api/resource-routes.ts';
import type { NeutronApi } from '../server/api.ts';
import { networkResource } from './schema.ts';

export const networkRoutes = resourceRoutes(networkResource, (api: NeutronApi) => api.networks);
