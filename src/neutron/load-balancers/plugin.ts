import { Controller } from '../api/controller.ts';
import { loadBalancerRpc } from '../rpc.ts';
import type { PluginDeps, ServicePlugin } from '../server/service-plugins.ts';
import { loadBalancerHandlers } from './agent-calls.ts';
import { PoolAgents } from './agents.ts';
import { MemberService } from './member-service.ts';
import { MonitorService } from './monitor-service.ts';
import { PoolService } from './pool-service.ts';
import { loadBalancerRoutes, type LoadBalancerApi } from './routes.ts';
import { memberResource, monitorResource, poolResource, vipResource } from './schema.ts';
import { VipService } from './vip-service.ts';

/** Load balancing (LBaaS version 1). */
export function createLoadBalancerPlugin(deps: PluginDeps): ServicePlugin {
  const { store, ids, quotas, making, groups, control, binder, serviceProviders } = deps;
  const common = { store, ids, quotas };
  const agents = new PoolAgents(deps);
  const poolService = new PoolService({
    ...common,
    agents,
    providers: serviceProviders.filter((one) => one.service_type === 'LOADBALANCER'),
  });
  const api: LoadBalancerApi = {
    vips: new Controller(vipResource, new VipService({ ...common, making, groups }), control),
    pools: new Controller(poolResource, poolService, control),
    members: new Controller(memberResource, new MemberService(common), control),
    monitors: new Controller(monitorResource, new MonitorService(common), control),
    poolService,
    agents,
  };
  return {
    mount: (mount) => mount(loadBalancerRoutes, api),
    serve: (bus, host) => bus.serve(loadBalancerRpc, host, loadBalancerHandlers({ store, binder, agents })),
  };
}
