import { Type } from '@sinclair/typebox';
import { routesFor } from '#common/api/route.ts';
import { errors } from '../errors.ts';
import type { NeutronApi } from '../server/api.ts';
import type { Extension } from './aliases.ts';

const route = routesFor<NeutronApi>();
const shown = (extension: Extension): unknown => ({ ...extension, links: [] });

export const extensionRoutes = [
  route({
    id: 'extensions.list',
    summary: 'List what this server can do beyond the core',
    method: 'GET',
    path: '/extensions',
    policy: 'get_extension',
    status: 200,
    response: Type.Object({ extensions: Type.Array(Type.Unknown()) }),
    handle: (api) => ({ extensions: api.extensions.map(shown) }),
  }),
  route({
    id: 'extensions.show',
    summary: 'Show one extension',
    method: 'GET',
    path: '/extensions/:alias',
    policy: 'get_extension',
    status: 200,
    params: Type.Object({ alias: Type.String() }),
    response: Type.Object({ extension: Type.Unknown() }),
    handle: (api, { params }) => {
      const found = api.extensions.find(({ alias }) => alias === params.alias);
      if (!found) throw errors.noRoute(`Extension with alias ${params.alias} does not exist`);
      return { extension: shown(found) };
    },
  }),
  route({
    id: 'service_providers.list',
    summary: 'List providers of advanced services',
    method: 'GET',
    path: '/service-providers',
    policy: 'get_service_provider',
    status: 200,
    response: Type.Object({ service_providers: Type.Array(Type.Unknown()) }),
    handle: (api) => ({ service_providers: [...api.serviceProviders] }),
  }),
];
