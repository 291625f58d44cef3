import { Type } from '@sinclair/typebox';
import { routesFor } from '#common/api/route.ts';
import { extraOf } from '../api/extra.ts';
import { collection } from '../api/lists.ts';
import type { Identity } from '../identity.ts';
import { CreateService, knownOfService, ServiceAnswer, ServiceQuery, ServicesAnswer, UpdateService } from './schema.ts';
import { serviceView } from './view.ts';

const route = routesFor<Identity>();
const params = Type.Object({ service_id: Type.String() });

export const serviceRoutes = [
  route({
    id: 'services.list',
    summary: 'List services',
    method: 'GET',
    path: '/services',
    policy: 'identity:list_services',
    status: 200,
    query: ServiceQuery,
    response: ServicesAnswer,
    handle: async ({ catalog }, call) => {
      const services = await catalog.services({ type: call.query.type, name: call.query.name });
      return collection(
        call,
        'services',
        services.map((service) => serviceView(service, call.host)),
      );
    },
  }),
  route({
    id: 'services.create',
    summary: 'Register a service',
    method: 'POST',
    path: '/services',
    policy: 'identity:create_service',
    status: 201,
    body: CreateService,
    response: ServiceAnswer,
    handle: async ({ catalog }, { body: { service: wanted }, host }) => {
      const { type, name, description, enabled } = wanted;
      const extra = extraOf(wanted, knownOfService);
      return { service: serviceView(await catalog.createService({ type, name, description, enabled, extra }), host) };
    },
  }),
  route({
    id: 'services.show',
    summary: 'Show a service',
    method: 'GET',
    path: '/services/:service_id',
    policy: 'identity:get_service',
    status: 200,
    params,
    response: ServiceAnswer,
    handle: async ({ catalog }, { params, host }) => ({
      service: serviceView(await catalog.service(params.service_id), host),
    }),
  }),
  route({
    id: 'services.update',
    summary: 'Change a service',
    method: 'PATCH',
    path: '/services/:service_id',
    policy: 'identity:update_service',
    status: 200,
    params,
    body: UpdateService,
    response: ServiceAnswer,
    handle: async ({ catalog }, { params, body: { service: wanted }, host }) => {
      const { type, name, description, enabled } = wanted;
      const patch = {
        ...(type !== undefined && { type }),
        ...(name !== undefined && { name }),
        ...(description !== undefined && { description }),
        ...(enabled !== undefined && { enabled }),
        extra: extraOf(wanted, knownOfService),
      };
      return { service: serviceView(await catalog.updateService(params.service_id, patch), host) };
    },
  }),
  route({
    id: 'services.delete',
    summary: 'Remove a service with its endpoints',
    method: 'DELETE',
    path: '/services/:service_id',
    policy: 'identity:delete_service',
    status: 204,
    params,
    handle: async ({ catalog }, { params }) => {
      await catalog.deleteService(params.service_id);
      return undefined;
    },
  }),
];
