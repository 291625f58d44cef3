import { Type } from '@sinclair/typebox';
import { routesFor } from '#common/api/route.ts';
import { extraOf } from '../api/extra.ts';
import type { CatalogService, Interface } from '../catalog/model.ts';
import { legacyEndpoints } from '../catalog/view.ts';
import type { Identity } from '../identity.ts';
import { v2RoleView } from '../roles/view.ts';
import {
  CreateEndpoint,
  CreateRole,
  CreateService,
  EndpointAnswer,
  EndpointsAnswer,
  RoleAnswer,
  RolesAnswer,
  ServiceAnswer,
  ServicesAnswer,
} from './schema.ts';

const route = routesFor<Identity>();
const roleParams = Type.Object({ role_id: Type.String() });
const serviceParams = Type.Object({ service_id: Type.String() });
const endpointParams = Type.Object({ endpoint_id: Type.String() });
const knownOfService = ['name', 'type', 'description', 'enabled'];

const serviceView = (service: CatalogService) => ({
  ...service.extra,
  description: service.description,
  enabled: service.enabled,
  id: service.id,
  name: service.name,
  type: service.type,
});

const endpointView = ({ id, region, serviceId, urls }: ReturnType<typeof legacyEndpoints>[number]) => ({
  id,
  region,
  service_id: serviceId,
  publicurl: urls.public ?? null,
  internalurl: urls.internal ?? null,
  adminurl: urls.admin ?? null,
});

/** OS-KSADM: roles, services and endpoints. */
export const adminCatalogRoutes = [
  route({
    id: 'v2.roles.list',
    summary: 'List roles',
    method: 'GET',
    path: '/OS-KSADM/roles',
    policy: 'identity:list_roles',
    status: 200,
    response: RolesAnswer,
    handle: async ({ roles }) => ({ roles: (await roles.list({})).map(v2RoleView) }),
  }),
  route({
    id: 'v2.roles.create',
    summary: 'Create a role',
    method: 'POST',
    path: '/OS-KSADM/roles',
    policy: 'identity:create_role',
    status: 200,
    body: CreateRole,
    response: RoleAnswer,
    handle: async ({ roles }, { body: { role } }) => ({ role: v2RoleView(await roles.create({ name: role.name })) }),
  }),
  route({
    id: 'v2.roles.show',
    summary: 'Show a role',
    method: 'GET',
    path: '/OS-KSADM/roles/:role_id',
    policy: 'identity:get_role',
    status: 200,
    params: roleParams,
    response: RoleAnswer,
    handle: async ({ roles }, { params }) => ({ role: v2RoleView(await roles.get(params.role_id)) }),
  }),
  route({
    id: 'v2.roles.delete',
    summary: 'Delete a role',
    method: 'DELETE',
    path: '/OS-KSADM/roles/:role_id',
    policy: 'identity:delete_role',
    status: 204,
    params: roleParams,
    handle: async ({ roles }, { params }) => {
      await roles.delete(params.role_id);
      return undefined;
    },
  }),
  route({
    id: 'v2.services.list',
    summary: 'List services',
    method: 'GET',
    path: '/OS-KSADM/services',
    policy: 'identity:list_services',
    status: 200,
    response: ServicesAnswer,
    handle: async ({ catalog }) => ({ 'OS-KSADM:services': (await catalog.services()).map(serviceView) }),
  }),
  route({
    id: 'v2.services.create',
    summary: 'Register a service',
    method: 'POST',
    path: '/OS-KSADM/services',
    policy: 'identity:create_service',
    status: 200,
    body: CreateService,
    response: ServiceAnswer,
    handle: async ({ catalog }, { body }) => {
      const wanted = body['OS-KSADM:service'];
      const { type, name, description } = wanted;
      const service = await catalog.createService({ type, name, description, extra: extraOf(wanted, knownOfService) });
      return { 'OS-KSADM:service': serviceView(service) };
    },
  }),
  route({
    id: 'v2.services.show',
    summary: 'Show a service',
    method: 'GET',
    path: '/OS-KSADM/services/:service_id',
    policy: 'identity:get_service',
    status: 200,
    params: serviceParams,
    response: ServiceAnswer,
    handle: async ({ catalog }, { params }) => ({
      'OS-KSADM:service': serviceView(await catalog.service(params.service_id)),
    }),
  }),
  route({
    id: 'v2.services.delete',
    summary: 'Remove a service',
    method: 'DELETE',
    path: '/OS-KSADM/services/:service_id',
    policy: 'identity:delete_service',
    status: 204,
    params: serviceParams,
    handle: async ({ catalog }, { params }) => {
      await catalog.deleteService(params.service_id);
      return undefined;
    },
  }),
  route({
    id: 'v2.endpoints.list',
    summary: 'List endpoints',
    method: 'GET',
    path: '/endpoints',
    policy: 'identity:list_endpoints',
    status: 200,
    response: EndpointsAnswer,
    handle: async ({ catalog }) => ({
      endpoints: legacyEndpoints(await catalog.endpoints()).map((one) => ({
        ...endpointView(one),
        enabled: one.enabled,
      })),
    }),
  }),
  route({
    id: 'v2.endpoints.create',
    summary: 'Register an endpoint',
    method: 'POST',
    path: '/endpoints',
    policy: 'identity:create_endpoint',
    status: 200,
    body: CreateEndpoint,
    response: EndpointAnswer,
    handle: async ({ catalog }, { body: { endpoint: wanted } }) => {
      const urls: readonly (readonly [Interface, string | null | undefined])[] = [
        ['public', wanted.publicurl],
        ['internal', wanted.internalurl],
        ['admin', wanted.adminurl],
      ];
      const { service_id: serviceId, region: regionId } = wanted;
      const created = await catalog.createLegacyEndpoint(
        urls.flatMap(([face, url]) => (url ? [{ interface: face, url, serviceId, regionId }] : [])),
      );
      return { endpoint: endpointView(legacyEndpoints(created)[0] as ReturnType<typeof legacyEndpoints>[number]) };
    },
  }),
  route({
    id: 'v2.endpoints.delete',
    summary: 'Remove an endpoint',
    method: 'DELETE',
    path: '/endpoints/:endpoint_id',
    policy: 'identity:delete_endpoint',
    status: 204,
    params: endpointParams,
    handle: async ({ catalog }, { params }) => {
      await catalog.deleteLegacyEndpoint(params.endpoint_id);
      return undefined;
    },
  }),
];
