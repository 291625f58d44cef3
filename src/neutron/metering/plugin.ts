import { Controller } from '../api/controller.ts';
import { resourceRoutes } from '../api/resource-routes.ts';
import { meteringRpc } from '../rpc.ts';
import type { PluginDeps, ServicePlugin } from '../server/service-plugins.ts';
import { LabelService } from './label-service.ts';
import { metersOf } from './meters.ts';
import { LabelRuleService } from './rule-service.ts';
import { labelResource, labelRuleResource, type labelAttributes, type labelRuleAttributes } from './schema.ts';

/** What the routes of metering call. */
export interface MeteringApi {
  readonly labels: Controller<typeof labelAttributes>;
  readonly rules: Controller<typeof labelRuleAttributes>;
}

const verbs = ['list', 'show', 'create', 'delete'] as const;

export const meteringRoutes = [
  ...resourceRoutes(labelResource, (api: MeteringApi) => api.labels, verbs),
  ...resourceRoutes(labelRuleResource, (api: MeteringApi) => api.rules, verbs),
];

/** Counting the traffic of routers. */
export function createMeteringPlugin({ store, ids, control }: PluginDeps): ServicePlugin {
  const api: MeteringApi = {
    labels: new Controller(labelResource, new LabelService({ store, ids }), control),
    rules: new Controller(labelRuleResource, new LabelRuleService({ store, ids }), control),
  };
  return {
    mount: (mount) => mount(meteringRoutes, api),
    serve: (bus, host) =>
      bus.serve(meteringRpc, host, { meters: async (asked) => ({ routers: await metersOf(store.query, asked.host) }) }),
  };
}
