import { createApp, type AppOptions, type Authenticate, type HttpApp } from '#common/api/app.ts';
import { neutronFaults } from '#common/api/faults.ts';
import type { AnyRoute } from '#common/api/route.ts';
import type { Enforcer } from '#common/auth/policy.ts';
import { agentRoutes } from '../agent-registry/routes.ts';
import { availabilityRoutes } from '../availability/routes.ts';
import { extensionRoutes } from '../extensions/routes.ts';
import { floatingIpRoutes } from '../floatingips/routes.ts';
import { networkRoutes } from '../networks/routes.ts';
import { portRoutes } from '../ports/routes.ts';
import { quotaRoutes } from '../quotas/routes.ts';
import { routerRoutes } from '../routers/routes.ts';
import { schedulingRoutes } from '../scheduling/routes.ts';
import { securityGroupRoutes } from '../security-groups/routes.ts';
import { subnetPoolRoutes } from '../subnetpools/routes.ts';
import { subnetRoutes } from '../subnets/routes.ts';
import { tagRoutes } from '../tags/routes.ts';
import type { NeutronApi } from './api.ts';
import type { ServicePlugin } from './service-plugins.ts';
import { resourceListRoutes, versionRoutes } from './versions.ts';

export interface NeutronAppOptions extends Omit<AppOptions, 'name' | 'faults' | 'bodyLimit'> {
  readonly api: NeutronApi;
  readonly enforcer: Enforcer;
  readonly authenticate: Authenticate;
  /** Whether routers and floating IPs are there (`service_plugins`). */
  readonly withRouters: boolean;
  /** The other service plug-ins. */
  readonly plugins?: readonly ServicePlugin[];
}

const v2 = { prefix: '/v2.0', api: 'v2.0', version: '2.0' } as const;

/** Bytes; a bulk request of some thousand ports fits. */
const bodyLimit = 8 * 1024 * 1024;

/** The Networking API v2.0. */
export function createNeutronApp({
  api,
  enforcer,
  authenticate,
  withRouters,
  plugins = [],
  ...options
}: NeutronAppOptions): HttpApp {
  const app = createApp({ ...options, name: 'neutron', faults: neutronFaults, bodyLimit, rewriteUrl: withoutJson });
  const mountFor = <S>(routes: readonly AnyRoute<S>[], service: S): void =>
    app.mount({ points: [v2], routes, service, enforcer: gate(enforcer), authenticate });
  const mount = (routes: readonly AnyRoute<NeutronApi>[]): void => mountFor(routes, api);
  app.mount({
    points: [{ prefix: '', api: 'versions', version: '2.0' }],
    routes: versionRoutes,
    service: api,
    enforcer,
    authenticate,
  });
  mount(resourceListRoutes);
  for (const routes of [networkRoutes, subnetRoutes, subnetPoolRoutes, portRoutes, securityGroupRoutes, quotaRoutes])
    mount(routes);
  for (const routes of [agentRoutes, schedulingRoutes, availabilityRoutes, extensionRoutes, tagRoutes]) mount(routes);
  if (withRouters) for (const routes of [routerRoutes, floatingIpRoutes]) mount(routes);
  for (const plugin of plugins) plugin.mount(mountFor);
  return app;
}

/** Old clients write `/v2.0/networks.json?…`. */
export const withoutJson = (url: string): string => url.replace(/^(\/v2\.0[^?]*)\.json(?=\?|$)/, '$1');

/**
 * The first gate of a request, before its target is known: rules that depend on the target are left to the controllers, which
 * check them against the row itself.
 */
function gate(enforcer: Enforcer): Enforcer {
  const targeted =
    /^(create|get|update|delete)_(network|subnet|subnetpool|port|router|floatingip|security_group|security_group_rule|vip|pool|member|health_monitor|pool_health_monitor|pool_stats|firewall|firewall_policy|firewall_rule)$/;
  return {
    rules: enforcer.rules,
    allows: (rule, ctx, target) =>
      targeted.test(rule) || /_router_interface$|_prefixes$|^(insert|remove)_rule$/.test(rule)
        ? enforcer.allows('regular_user', ctx, target)
        : enforcer.allows(rule, ctx, target),
  };
}
