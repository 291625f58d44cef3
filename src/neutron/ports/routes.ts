import { resourceRoutes } from '../api/resource-routes.ts';
import type { NeutronApi } from '../server/api.ts';
import { portResource } from './schema.ts';

export const portRoutes = resourceRoutes(portResource, (api: NeutronApi) => api.ports);
