import { resourceRoutes } from '../api/resource-routes.ts';
import type { NeutronApi } from '../server/api.ts';
import { agentResource } from './schema.ts';

export const agentRoutes = resourceRoutes(agentResource, (api: NeutronApi) => api.agents, [
  'list',
  'show',
  'update',
  'delete',
]);
