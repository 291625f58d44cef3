import { Type } from '@sinclair/typebox';
import { routesFor } from '#common/api/route.ts';
import { extraOf } from '../api/extra.ts';
import { collection, flagOf } from '../api/lists.ts';
import type { Identity } from '../identity.ts';
import {
  CreateEndpoint,
  EndpointAnswer,
  EndpointQuery,
  EndpointsAnswer,
  knownOfEndpoint,
  UpdateEndpoint,
} from './schema.ts';
import { endpointView } from './view.ts';

const route = routesFor<Identity>();
const params = Type.Object({ endpoint_id: Type.String() });

export const endpointRoutes = [
  route({
    id: 'endpoints.list',
    summary: 'List endpoints',
    method: 'GET',
    path: '/endpoints',
    policy: 'identity:list_endpoints',
    status: 200,
    query: EndpointQuery,
    response: EndpointsAnswer,
    handle: async ({ catalog }, call) => {
      const { interface: face, service_id: serviceId, region_id, region, enabled } = call.query;
      const filter = { interface: face, serviceId, regionId: region_id ?? region, enabled: flagOf(enabled) };
      const endpoints = await catalog.endpoints(filter);
      return collection(
        call,
        'endpoints',
        endpoints.map((endpoint) => endpointView(endpoint, call.host)),
      );
    },
  }),
  route({
    id: 'endpoints.create',
    summary: 'Register an endpoint',
    method: 'POST',
    path: '/endpoints',
    policy: 'identity:create_endpoint',
    status: 201,
    body: CreateEndpoint,
    response: EndpointAnswer,
    handle: async ({ catalog }, { body: { endpoint: wanted }, host }) => {
      const endpoint = await catalog.createEndpoint({
        interface: wanted.interface,
        serviceId: wanted.service_id,
        url: wanted.url,
        regionId: wanted.region_id ?? wanted.region,
        enabled: wanted.enabled,
        extra: extraOf(wanted, knownOfEndpoint),
      });
      return { endpoint: endpointView(endpoint, host) };
    },
  }),
  route({
    id: 'endpoints.show',
    summary: 'Show an endpoint',
    method: 'GET',
    path: '/endpoints/:endpoint_id',
    policy: 'identity:get_endpoint',
    status: 200,
    params,
    response: EndpointAnswer,
    handle: async ({ catalog }, { params, host }) => ({
      endpoint: endpointView(await catalog.endpoint(params.endpoint_id), host),
    }),
  }),
  route({
    id: 'endpoints.update',
    summary: 'Change an endpoint',
    method: 'PATCH',
    path: '/endpoints/:endpoint_id',
    policy: 'identity:update_endpoint',
    status: 200,
    params,
    body: UpdateEndpoint,
    response: EndpointAnswer,
    handle: async ({ catalog }, { params, body: { endpoint: wanted }, host }) => {
      const region = wanted.region_id === undefined ? wanted.region : wanted.region_id;
      const patch = {
        ...(wanted.interface !== undefined && { interface: wanted.interface }),
        ...(wanted.service_id !== undefined && { serviceId: wanted.service_id }),
        ...(wanted.url !== undefined && { url: wanted.url }),
        ...(region !== undefined && { regionId: region }),
        ...(wanted.enabled !== undefined && { enabled: wanted.enabled }),
        extra: extraOf(wanted, knownOfEndpoint),
      };
      return { endpoint: endpointView(await catalog.updateEndpoint(params.endpoint_id, patch), host) };
    },
  }),
  route({
    id: 'endpoints.delete',
    summary: 'Remove an endpoint',
    method: 'DELETE',
    path: '/endpoints/:endpoint_id',
    policy: 'identity:delete_endpoint',
    status: 204,
    params,
    handle: async ({ catalog }, { params }) => {
      await catalog.deleteEndpoint(params.endpoint_id);
      return undefined;
    },
  }),
];
