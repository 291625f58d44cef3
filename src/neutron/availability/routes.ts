import { Type } from '@sinclair/typebox';
import { routesFor } from '#common/api/route.ts';
import { everything, type ListQuery } from '../api/list-query.ts';
import { errors } from '../errors.ts';
import type { NeutronApi } from '../server/api.ts';
import { availabilityZones, ipAvailability } from './service.ts';

const route = routesFor<NeutronApi>();

/** The filters' names in this view, and in the networks behind it. */
const names: Readonly<Record<string, string>> = {
  network_id: 'id',
  network_name: 'name',
  tenant_id: 'project_id',
  project_id: 'project_id',
  ip_version: 'ip_version',
};

function queryOf(given: Readonly<Record<string, unknown>>): ListQuery {
  const filters = new Map<string, readonly string[]>();
  for (const [name, value] of Object.entries(given)) {
    const known = names[name];
    if (known !== undefined) filters.set(known, [value].flat().map(String));
  }
  return { ...everything, filters };
}

export const availabilityRoutes = [
  route({
    id: 'availability_zones.list',
    summary: 'List availability zones',
    method: 'GET',
    path: '/availability_zones',
    policy: 'get_availability_zone',
    status: 200,
    response: Type.Object({ availability_zones: Type.Array(Type.Unknown()) }),
    handle: async (api) => ({ availability_zones: [...(await availabilityZones(api.store.query))] }),
  }),
  route({
    id: 'network_ip_availabilities.list',
    summary: 'List how many addresses of networks are used',
    method: 'GET',
    path: '/network-ip-availabilities',
    policy: 'get_network_ip_availability',
    status: 200,
    response: Type.Object({ network_ip_availabilities: Type.Array(Type.Unknown()) }),
    handle: async (api, { ctx, query }) => ({
      network_ip_availabilities: [
        ...(await ipAvailability(api.store.query, api.caller(ctx).scope, queryOf(query as Record<string, unknown>))),
      ],
    }),
  }),
  route({
    id: 'network_ip_availabilities.show',
    summary: 'Show how many addresses of a network are used',
    method: 'GET',
    path: '/network-ip-availabilities/:network_id',
    policy: 'get_network_ip_availability',
    status: 200,
    params: Type.Object({ network_id: Type.String() }),
    response: Type.Object({ network_ip_availability: Type.Unknown() }),
    handle: async (api, { ctx, params }) => {
      const query = { ...everything, filters: new Map([['id', [params.network_id]]]) };
      const [found] = await ipAvailability(api.store.query, api.caller(ctx).scope, query);
      if (!found) throw errors.networkNotFound(params.network_id);
      return { network_ip_availability: found };
    },
  }),
];
