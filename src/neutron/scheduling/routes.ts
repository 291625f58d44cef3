import { Type } from '@sinclair/typebox';
import { routesFor } from '#common/api/route.ts';
import { readValue, uuid } from '../api/kinds.ts';
import { documented } from '../api/resource-routes.ts';
import type { NeutronApi } from '../server/api.ts';

const route = routesFor<NeutronApi>();
const Agent = Type.Object({ agent_id: Type.String() });
const list = (name: string) => Type.Unsafe<unknown>({ type: 'object', properties: { [name]: { type: 'array' } } });
const naming = (name: string) =>
  documented({ type: 'object', properties: { [name]: { type: 'string', format: 'uuid' } }, required: [name] });
const named = (body: unknown, name: string): string =>
  readValue(uuid, name, (body as Record<string, unknown> | null | undefined)?.[name]);

export const schedulingRoutes = [
  route({
    id: 'agents.dhcp_networks',
    summary: 'List the networks that a DHCP agent serves',
    method: 'GET',
    path: '/agents/:agent_id/dhcp-networks',
    policy: 'get_dhcp-networks',
    status: 200,
    params: Agent,
    response: list('networks'),
    handle: async (api, { params }) => ({ networks: await api.schedules.networks(params.agent_id) }),
  }),
  route({
    id: 'agents.add_dhcp_network',
    summary: 'Give a network to a DHCP agent',
    method: 'POST',
    path: '/agents/:agent_id/dhcp-networks',
    policy: 'create_dhcp-network',
    status: 201,
    params: Agent,
    body: naming('network_id'),
    handle: async (api, { params, body }) => {
      await api.schedules.addNetwork(params.agent_id, named(body, 'network_id'));
      return undefined;
    },
  }),
  route({
    id: 'agents.remove_dhcp_network',
    summary: 'Take a network from a DHCP agent',
    method: 'DELETE',
    path: '/agents/:agent_id/dhcp-networks/:network_id',
    policy: 'delete_dhcp-network',
    status: 204,
    params: Type.Object({ agent_id: Type.String(), network_id: Type.String() }),
    handle: async (api, { params }) => {
      await api.schedules.removeNetwork(params.agent_id, params.network_id);
      return undefined;
    },
  }),
  route({
    id: 'networks.dhcp_agents',
    summary: 'List the DHCP agents that serve a network',
    method: 'GET',
    path: '/networks/:network_id/dhcp-agents',
    policy: 'get_dhcp-agents',
    status: 200,
    params: Type.Object({ network_id: Type.String() }),
    response: list('agents'),
    handle: async (api, { params }) => ({ agents: await api.schedules.dhcpAgents(params.network_id) }),
  }),
  route({
    id: 'agents.l3_routers',
    summary: 'List the routers that an L3 agent runs',
    method: 'GET',
    path: '/agents/:agent_id/l3-routers',
    policy: 'get_l3-routers',
    status: 200,
    params: Agent,
    response: list('routers'),
    handle: async (api, { params }) => ({ routers: await api.schedules.routers(params.agent_id) }),
  }),
  route({
    id: 'agents.add_l3_router',
    summary: 'Give a router to an L3 agent',
    method: 'POST',
    path: '/agents/:agent_id/l3-routers',
    policy: 'create_l3-router',
    status: 201,
    params: Agent,
    body: naming('router_id'),
    handle: async (api, { params, body }) => {
      await api.schedules.addRouter(params.agent_id, named(body, 'router_id'));
      return undefined;
    },
  }),
  route({
    id: 'agents.remove_l3_router',
    summary: 'Take a router from an L3 agent',
    method: 'DELETE',
    path: '/agents/:agent_id/l3-routers/:router_id',
    policy: 'delete_l3-router',
    status: 204,
    params: Type.Object({ agent_id: Type.String(), router_id: Type.String() }),
    handle: async (api, { params }) => {
      await api.schedules.removeRouter(params.agent_id, params.router_id);
      return undefined;
    },
  }),
  route({
    id: 'routers.l3_agents',
    summary: 'List the L3 agents that run a router',
    method: 'GET',
    path: '/routers/:router_id/l3-agents',
    policy: 'get_l3-agents',
    status: 200,
    params: Type.Object({ router_id: Type.String() }),
    response: list('agents'),
    handle: async (api, { params }) => ({ agents: await api.schedules.l3Agents(params.router_id) }),
  }),
];
