import { Controller } from '../api/controller.ts';
import { firewallRpc } from '../rpc.ts';
import type { PluginDeps, ServicePlugin } from '../server/service-plugins.ts';
import { FirewallService } from './firewall-service.ts';
import { PolicyService } from './policy-service.ts';
import { firewallRoutes, type FirewallApi } from './routes.ts';
import { FirewallRuleService } from './rule-service.ts';
import { firewallPolicyResource, firewallResource, firewallRuleResource } from './schema.ts';
import { FirewallStates } from './states.ts';

/** Firewalls of routers (FWaaS version 1). */
export function createFirewallPlugin(deps: PluginDeps): ServicePlugin {
  const { store, ids, quotas, control } = deps;
  const states = new FirewallStates(deps);
  const common = { store, ids, quotas, states };
  const policyService = new PolicyService(common);
  const api: FirewallApi = {
    firewalls: new Controller(firewallResource, new FirewallService(common), control),
    policies: new Controller(firewallPolicyResource, policyService, control),
    rules: new Controller(firewallRuleResource, new FirewallRuleService(common), control),
    policyService,
  };
  return {
    mount: (mount) => mount(firewallRoutes, api),
    serve: (bus, host) =>
      bus.serve(firewallRpc, host, {
        firewalls: async ({ projectIds }) => ({ firewalls: await states.specs(projectIds) }),
        firewallStates: ({ host: agent, routers }) => states.report(agent, routers),
      }),
  };
}
