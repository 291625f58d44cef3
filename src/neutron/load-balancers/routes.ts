import { Type } from '@sinclair/typebox';
import { routesFor } from '#common/api/route.ts';
import type { Controller } from '../api/controller.ts';
import { readValue, uuid } from '../api/kinds.ts';
import { documented, resourceRoutes } from '../api/resource-routes.ts';
import type { PoolAgents } from './agents.ts';
import type { PoolService } from './pool-service.ts';
import {
  memberResource,
  monitorResource,
  poolResource,
  vipResource,
  type memberAttributes,
  type monitorAttributes,
  type poolAttributes,
  type vipAttributes,
} from './schema.ts';

/** What the routes of load balancing call. */
export interface LoadBalancerApi {
  readonly vips: Controller<typeof vipAttributes>;
  readonly pools: Controller<typeof poolAttributes>;
  readonly members: Controller<typeof memberAttributes>;
  readonly monitors: Controller<typeof monitorAttributes>;
  readonly poolService: PoolService;
  readonly agents: PoolAgents;
}

const route = routesFor<LoadBalancerApi>();
const Pool = Type.Object({ pool_id: Type.String() });
const object = (name: string) => Type.Unsafe<unknown>({ type: 'object', properties: { [name]: {} } });

const monitorOf = (body: unknown): string => {
  const given = (body as { health_monitor?: { id?: unknown } } | null | undefined)?.health_monitor;
  return readValue(uuid, 'id', given?.id);
};

export const loadBalancerRoutes = [
  ...resourceRoutes(vipResource, (api: LoadBalancerApi) => api.vips),
  ...resourceRoutes(poolResource, (api: LoadBalancerApi) => api.pools),
  ...resourceRoutes(memberResource, (api: LoadBalancerApi) => api.members),
  ...resourceRoutes(monitorResource, (api: LoadBalancerApi) => api.monitors),
  route({
    id: 'pools.add_health_monitor',
    summary: 'Probe the members of a pool by a health monitor',
    method: 'POST',
    path: '/lb/pools/:pool_id/health_monitors',
    policy: 'create_pool_health_monitor',
    status: 201,
    params: Pool,
    body: documented({
      type: 'object',
      properties: { health_monitor: { type: 'object', properties: { id: uuid.schema }, required: ['id'] } },
      required: ['health_monitor'],
    }),
    response: object('health_monitor'),
    handle: async (api, { ctx, params, body }) => {
      const { caller } = await api.pools.findFor(ctx, 'create_pool_health_monitor', params.pool_id);
      await api.poolService.addMonitor(caller, params.pool_id, monitorOf(body));
      // As Neutron: the pool has it now, there is nothing more to say.
      return { health_monitor: {} };
    },
  }),
  route({
    id: 'pools.remove_health_monitor',
    summary: 'Stop probing the members of a pool by a health monitor',
    method: 'DELETE',
    path: '/lb/pools/:pool_id/health_monitors/:health_monitor_id',
    policy: 'delete_pool_health_monitor',
    status: 204,
    params: Type.Object({ pool_id: Type.String(), health_monitor_id: Type.String() }),
    handle: async (api, { ctx, params }) => {
      await api.pools.findFor(ctx, 'delete_pool_health_monitor', params.pool_id);
      await api.poolService.removeMonitor(params.pool_id, params.health_monitor_id);
      return undefined;
    },
  }),
  route({
    id: 'pools.stats',
    summary: 'Show bytes and connections of a pool',
    method: 'GET',
    path: '/lb/pools/:pool_id/stats',
    policy: 'get_pool_stats',
    status: 200,
    params: Pool,
    response: object('stats'),
    handle: async (api, { ctx, params }) => {
      await api.pools.findFor(ctx, 'get_pool_stats', params.pool_id);
      return { stats: await api.poolService.stats(params.pool_id) };
    },
  }),
  route({
    id: 'pools.agent',
    summary: 'Show the agent that balances a pool',
    method: 'GET',
    path: '/lb/pools/:pool_id/loadbalancer-agent',
    policy: 'get_loadbalancer-agent',
    status: 200,
    params: Pool,
    response: object('agent'),
    handle: async (api, { ctx, params }) => {
      await api.pools.findFor(ctx, 'get_loadbalancer-agent', params.pool_id);
      const agent = await api.agents.agentOf(params.pool_id);
      return agent ? { agent } : {};
    },
  }),
  route({
    id: 'agents.loadbalancer_pools',
    summary: 'List the pools that an agent balances',
    method: 'GET',
    path: '/agents/:agent_id/loadbalancer-pools',
    policy: 'get_loadbalancer-pools',
    status: 200,
    params: Type.Object({ agent_id: Type.String() }),
    response: object('pools'),
    handle: async (api, { params }) => ({ pools: await api.agents.poolsOf(params.agent_id) }),
  }),
];
