import { resourceRoutes } from '../api/resource-routes.ts';
import type { NeutronApi } from '../server/api.ts';
import { groupResource, ruleResource } from './schema.ts';

export const securityGroupRoutes = [
  ...resourceRoutes(groupResource, (api: NeutronApi) => api.groups),
  ...resourceRoutes(ruleResource, (api: NeutronApi) => api.rules, ['list', 'show', 'create', 'delete']),
];
