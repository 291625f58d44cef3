import { Type } from '@sinclair/typebox';
import { routesFor, type AnyRoute } from '#common/api/route.ts';
import { collection } from '../api/lists.ts';
import { EndpointsAnswer } from '../catalog/schema.ts';
import { endpointView } from '../catalog/view.ts';
import type { Identity } from '../identity.ts';
import { ProjectsAnswer } from '../projects/schema.ts';
import { projectView } from '../projects/view.ts';
import type { EndpointGroup } from './model.ts';
import {
  CreateEndpointGroup,
  EndpointGroupAnswer,
  EndpointGroupQuery,
  EndpointGroupsAnswer,
  UpdateEndpointGroup,
} from './schema.ts';

const route = routesFor<Identity>();
const base = '/OS-EP-FILTER';
const groupParams = Type.Object({ endpoint_group_id: Type.String() });
const projectParams = Type.Object({ project_id: Type.String() });
const endpointParams = Type.Object({ endpoint_id: Type.String() });

/** @param host `http://host:port` */
const view = ({ id, name, description, filters }: EndpointGroup, host: string) => ({
  id,
  name,
  description,
  filters,
  links: { self: `${host}/v3${base}/endpoint_groups/${id}` },
});

const groupRoutes = [
  route({
    id: 'endpointGroups.list',
    summary: 'List endpoint groups',
    method: 'GET',
    path: `${base}/endpoint_groups`,
    policy: 'identity:list_endpoint_groups',
    status: 200,
    query: EndpointGroupQuery,
    response: EndpointGroupsAnswer,
    handle: async ({ endpointFilter }, call) => {
      const groups = await endpointFilter.list(call.query.name);
      return collection(
        call,
        'endpoint_groups',
        groups.map((group) => view(group, call.host)),
      );
    },
  }),
  route({
    id: 'endpointGroups.create',
    summary: 'Create an endpoint group',
    method: 'POST',
    path: `${base}/endpoint_groups`,
    policy: 'identity:create_endpoint_group',
    status: 201,
    body: CreateEndpointGroup,
    response: EndpointGroupAnswer,
    handle: async ({ endpointFilter }, { body: { endpoint_group: wanted }, host }) => {
      const { name, description = null, filters } = wanted;
      return { endpoint_group: view(await endpointFilter.create({ name, description, filters }), host) };
    },
  }),
  route({
    id: 'endpointGroups.show',
    summary: 'Show an endpoint group',
    method: 'GET',
    path: `${base}/endpoint_groups/:endpoint_group_id`,
    policy: 'identity:get_endpoint_group',
    status: 200,
    params: groupParams,
    response: EndpointGroupAnswer,
    handle: async ({ endpointFilter }, { params, host }) => ({
      endpoint_group: view(await endpointFilter.get(params.endpoint_group_id), host),
    }),
  }),
  route({
    id: 'endpointGroups.check',
    summary: 'Whether there is an endpoint group',
    method: 'HEAD',
    path: `${base}/endpoint_groups/:endpoint_group_id`,
    policy: 'identity:get_endpoint_group',
    status: 200,
    params: groupParams,
    handle: async ({ endpointFilter }, { params }) => {
      await endpointFilter.get(params.endpoint_group_id);
      return undefined;
    },
  }),
  route({
    id: 'endpointGroups.update',
    summary: 'Change an endpoint group',
    method: 'PATCH',
    path: `${base}/endpoint_groups/:endpoint_group_id`,
    policy: 'identity:update_endpoint_group',
    status: 200,
    params: groupParams,
    body: UpdateEndpointGroup,
    response: EndpointGroupAnswer,
    handle: async ({ endpointFilter }, { params, body: { endpoint_group: wanted }, host }) => {
      const patch = {
        ...(wanted.name !== undefined && { name: wanted.name }),
        ...(wanted.description !== undefined && { description: wanted.description }),
        ...(wanted.filters !== undefined && { filters: wanted.filters }),
      };
      return { endpoint_group: view(await endpointFilter.update(params.endpoint_group_id, patch), host) };
    },
  }),
  route({
    id: 'endpointGroups.delete',
    summary: 'Delete an endpoint group',
    method: 'DELETE',
    path: `${base}/endpoint_groups/:endpoint_group_id`,
    policy: 'identity:delete_endpoint_group',
    status: 204,
    params: groupParams,
    handle: async ({ endpointFilter }, { params }) => {
      await endpointFilter.delete(params.endpoint_group_id);
      return undefined;
    },
  }),
  route({
    id: 'endpointGroups.endpoints',
    summary: 'List the endpoints in a group',
    method: 'GET',
    path: `${base}/endpoint_groups/:endpoint_group_id/endpoints`,
    policy: 'identity:list_endpoints_associated_with_endpoint_group',
    status: 200,
    params: groupParams,
    response: EndpointsAnswer,
    handle: async ({ endpointFilter }, call) => {
      const endpoints = await endpointFilter.endpointsOfGroup(call.params.endpoint_group_id);
      return collection(
        call,
        'endpoints',
        endpoints.map((one) => endpointView(one, call.host)),
      );
    },
  }),
  route({
    id: 'endpointGroups.projects',
    summary: 'List the projects that have a group',
    method: 'GET',
    path: `${base}/endpoint_groups/:endpoint_group_id/projects`,
    policy: 'identity:list_projects_associated_with_endpoint_group',
    status: 200,
    params: groupParams,
    response: ProjectsAnswer,
    handle: async ({ endpointFilter }, call) => {
      const projects = await endpointFilter.projectsOfGroup(call.params.endpoint_group_id);
      return collection(
        call,
        'projects',
        projects.map((one) => projectView(one, call.host)),
      );
    },
  }),
];

const projectRoutes = [
  route({
    id: 'endpointFilter.endpoints',
    summary: 'List the endpoints that a project has of its own',
    method: 'GET',
    path: `${base}/projects/:project_id/endpoints`,
    policy: 'identity:list_endpoints_for_project',
    status: 200,
    params: projectParams,
    response: EndpointsAnswer,
    handle: async ({ endpointFilter }, call) => {
      const endpoints = await endpointFilter.endpointsOfProject(call.params.project_id);
      return collection(
        call,
        'endpoints',
        endpoints.map((one) => endpointView(one, call.host)),
      );
    },
  }),
  route({
    id: 'endpointFilter.groups',
    summary: 'List the endpoint groups that a project has',
    method: 'GET',
    path: `${base}/projects/:project_id/endpoint_groups`,
    policy: 'identity:list_endpoint_groups_for_project',
    status: 200,
    params: projectParams,
    response: EndpointGroupsAnswer,
    handle: async ({ endpointFilter }, call) => {
      const groups = await endpointFilter.groupsOfProject(call.params.project_id);
      return collection(
        call,
        'endpoint_groups',
        groups.map((group) => view(group, call.host)),
      );
    },
  }),
  route({
    id: 'endpointFilter.projects',
    summary: 'List the projects that have an endpoint of their own',
    method: 'GET',
    path: `${base}/endpoints/:endpoint_id/projects`,
    policy: 'identity:list_projects_for_endpoint',
    status: 200,
    params: endpointParams,
    response: ProjectsAnswer,
    handle: async ({ endpointFilter }, call) => {
      const projects = await endpointFilter.projectsOfEndpoint(call.params.endpoint_id);
      return collection(
        call,
        'projects',
        projects.map((one) => projectView(one, call.host)),
      );
    },
  }),
];

const verbs = [
  ['PUT', 'add', 'Give', 204],
  ['HEAD', 'check', 'Check', 204],
  ['GET', 'show', 'Check', 204],
  ['DELETE', 'remove', 'Take', 204],
] as const;
const endpointPolicies = {
  PUT: 'identity:add_endpoint_to_project',
  HEAD: 'identity:check_endpoint_in_project',
  GET: 'identity:check_endpoint_in_project',
  DELETE: 'identity:remove_endpoint_from_project',
} as const;
const groupPolicies = {
  PUT: 'identity:add_endpoint_group_to_project',
  HEAD: 'identity:get_endpoint_group_in_project',
  GET: 'identity:get_endpoint_group_in_project',
  DELETE: 'identity:remove_endpoint_group_from_project',
} as const;

/** An endpoint, or a group of them, given to a project. */
const associationRoutes: readonly AnyRoute<Identity>[] = verbs.flatMap(([method, verb, word, status]) => [
  route({
    id: `endpointFilter.endpoint.${verb}`,
    summary: `${word} a project's endpoint`,
    method,
    path: `${base}/projects/:project_id/endpoints/:endpoint_id`,
    policy: endpointPolicies[method],
    status,
    params: Type.Object({ project_id: Type.String(), endpoint_id: Type.String() }),
    handle: async ({ endpointFilter }, { params: { project_id: project, endpoint_id: endpoint } }) => {
      if (method === 'PUT') await endpointFilter.addEndpoint(project, endpoint);
      else if (method === 'DELETE') await endpointFilter.removeEndpoint(project, endpoint);
      else await endpointFilter.checkEndpoint(project, endpoint);
      return undefined;
    },
  }),
  route({
    id: `endpointFilter.group.${verb}`,
    summary: `${word} a project's endpoint group`,
    method,
    path: `${base}/endpoint_groups/:endpoint_group_id/projects/:project_id`,
    policy: groupPolicies[method],
    status: method === 'HEAD' || method === 'GET' ? 200 : status,
    params: Type.Object({ endpoint_group_id: Type.String(), project_id: Type.String() }),
    handle: async ({ endpointFilter, projects }, { params, host }) => {
      const { project_id: project, endpoint_group_id: group } = params;
      if (method === 'PUT') await endpointFilter.addGroup(project, group);
      else if (method === 'DELETE') await endpointFilter.removeGroup(project, group);
      else await endpointFilter.checkGroup(project, group);
      return method === 'GET' ? { project: projectView(await projects.get(project), host) } : undefined;
    },
  }),
]);

/** OS-EP-FILTER. */
export const endpointFilterRoutes = [...groupRoutes, ...projectRoutes, ...associationRoutes];
