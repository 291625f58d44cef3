import { Type, type Static } from '@sinclair/typebox';
import { badRequest } from '#common/api/errors.ts';
import type { RequestContext } from '#common/auth/context.ts';
import { routesFor } from '#common/api/route.ts';
import { extraOf } from '../api/extra.ts';
import { collection, flagOf } from '../api/lists.ts';
import { couldNotFind } from '../errors.ts';
import type { Identity } from '../identity.ts';
import type { Project, ProjectPatch } from './model.ts';
import {
  CascadeQuery,
  CreateProject,
  HierarchyQuery,
  known,
  ProjectAnswer,
  ProjectQuery,
  ProjectsAnswer,
  Tag,
  Tags,
  UpdateProject,
} from './schema.ts';
import { parentIds, patchedProjectView, projectView, subtreeIds } from './view.ts';

const route = routesFor<Identity>();
const params = Type.Object({ project_id: Type.String() });
const tagParams = Type.Object({ project_id: Type.String(), tag: Type.String() });
const TagsAnswer = Type.Object({ tags: Type.Array(Type.String()), links: Type.Optional(Type.Unknown()) });

const words = (text: string | undefined): readonly string[] | undefined =>
  text?.split(',').filter((word) => word !== '');
const given = (value: string | null | undefined): string | undefined => value ?? undefined;

/** The parts of the hierarchy that are asked for. Users other than administrators see what they have a role on. */
async function around(
  { projects, assignments }: Identity,
  ctx: RequestContext,
  { id, domainId }: Project,
  query: Static<typeof HierarchyQuery>,
  host: string,
) {
  for (const what of ['parents', 'subtree'] as const)
    if (flagOf(query[`${what}_as_list`]) && flagOf(query[`${what}_as_ids`]))
      throw badRequest(`Cannot use ${what}_as_list and ${what}_as_ids query params at the same time.`);
  const seen = async (list: readonly Project[]) => {
    if (ctx.isAdmin || ctx.userId === null) return list;
    const own = new Set((await assignments.projectsOfUser(ctx.userId)).map((one) => one.id));
    return list.filter((one) => own.has(one.id));
  };
  const listed = async (list: readonly Project[]) =>
    (await seen(list)).map((one) => ({ project: projectView(one, host) }));
  const [parentsAsList, parentsAsIds] = [flagOf(query.parents_as_list), flagOf(query.parents_as_ids)];
  const [subtreeAsList, subtreeAsIds] = [flagOf(query.subtree_as_list), flagOf(query.subtree_as_ids)];
  const above = parentsAsList || parentsAsIds ? await projects.above(id) : [];
  const below = subtreeAsList || subtreeAsIds ? await projects.below(id) : [];
  const ids = [...above.map((one) => one.id), ...(domainId === null ? [] : [domainId])];
  return {
    ...(parentsAsList && { parents: await listed(above) }),
    ...(parentsAsIds && { parents: parentIds(ids) }),
    ...(subtreeAsList && { subtree: await listed(below) }),
    ...(subtreeAsIds && { subtree: subtreeIds(id, below) }),
  };
}

export const projectRoutes = [
  route({
    id: 'projects.list',
    summary: 'List projects',
    method: 'GET',
    path: '/projects',
    policy: 'identity:list_projects',
    status: 200,
    query: ProjectQuery,
    response: ProjectsAnswer,
    handle: async ({ projects }, call) => {
      const { query } = call;
      const filter = {
        name: query.name,
        domainId: query.domain_id,
        parentId: query.parent_id,
        enabled: flagOf(query.enabled),
        isDomain: flagOf(query.is_domain),
        tags: words(query.tags),
        anyTags: words(query['tags-any']),
        notTags: words(query['not-tags']),
        notAnyTags: words(query['not-tags-any']),
      };
      const found = await projects.list(filter, query);
      return collection(
        call,
        'projects',
        found.map((project) => projectView(project, call.host)),
      );
    },
  }),
  route({
    id: 'projects.create',
    summary: 'Create a project',
    method: 'POST',
    path: '/projects',
    policy: 'identity:create_project',
    status: 201,
    body: CreateProject,
    response: ProjectAnswer,
    handle: async ({ projects, domains }, { body: { project: wanted }, host }) => {
      const input = {
        name: wanted.name,
        description: wanted.description,
        enabled: wanted.enabled,
        tags: wanted.tags,
        options: wanted.options,
        extra: extraOf(wanted, known),
      };
      const created = wanted.is_domain
        ? await domains.create(input)
        : await projects.create({ ...input, domainId: given(wanted.domain_id), parentId: wanted.parent_id });
      return { project: projectView(created, host) };
    },
  }),
  route({
    id: 'projects.show',
    summary: 'Show a project',
    method: 'GET',
    path: '/projects/:project_id',
    policy: 'identity:get_project',
    status: 200,
    params,
    response: ProjectAnswer,
    query: HierarchyQuery,
    handle: async (identity, { ctx, params, query, host }) => {
      identity.authorize('identity:get_project', ctx, { project_id: params.project_id });
      const project = await identity.projects.get(params.project_id);
      return { project: { ...projectView(project, host), ...(await around(identity, ctx, project, query, host)) } };
    },
  }),
  route({
    id: 'projects.update',
    summary: 'Change a project',
    method: 'PATCH',
    path: '/projects/:project_id',
    policy: 'identity:update_project',
    status: 200,
    params,
    body: UpdateProject,
    response: ProjectAnswer,
    query: CascadeQuery,
    handle: async ({ projects, domains }, { params, query, body: { project: wanted }, host }) => {
      const patch: ProjectPatch = {
        ...(wanted.name !== undefined && { name: wanted.name }),
        ...(wanted.domain_id !== undefined && { domainId: wanted.domain_id }),
        ...(wanted.parent_id !== undefined && { parentId: wanted.parent_id }),
        ...(wanted.description !== undefined && { description: wanted.description }),
        ...(wanted.enabled !== undefined && { enabled: wanted.enabled }),
        ...(wanted.tags !== undefined && { tags: wanted.tags }),
        ...(wanted.options !== undefined && { options: wanted.options }),
        extra: extraOf(wanted, [...known, 'extra']),
      };
      const { isDomain } = await projects.get(params.project_id);
      const changed = isDomain
        ? await domains.update(params.project_id, patch)
        : await projects.update(params.project_id, patch, flagOf(query.cascade));
      return { project: patchedProjectView(changed, host) };
    },
  }),
  route({
    id: 'projects.delete',
    summary: 'Delete a project',
    method: 'DELETE',
    path: '/projects/:project_id',
    policy: 'identity:delete_project',
    status: 204,
    params,
    query: CascadeQuery,
    handle: async ({ projects, domains }, { params, query }) => {
      const { isDomain, enabled } = await projects.get(params.project_id);
      if (isDomain && enabled)
        throw badRequest(
          `cannot delete an enabled project acting as a domain. Please disable the project ${params.project_id} first.`,
        );
      if (isDomain) await domains.delete(params.project_id);
      else await projects.delete(params.project_id, flagOf(query.cascade));
      return undefined;
    },
  }),
  route({
    id: 'projects.tags.list',
    summary: "List a project's tags",
    method: 'GET',
    path: '/projects/:project_id/tags',
    policy: 'identity:list_project_tags',
    status: 200,
    params,
    response: TagsAnswer,
    handle: async ({ projects, authorize }, { ctx, params, host, url }) => {
      authorize('identity:list_project_tags', ctx, { project_id: params.project_id });
      const { tags } = await projects.get(params.project_id);
      return { tags: [...tags], links: { next: null, self: host + url, previous: null } };
    },
  }),
  route({
    id: 'projects.tags.replace',
    summary: "Replace a project's tags",
    method: 'PUT',
    path: '/projects/:project_id/tags',
    policy: 'identity:update_project_tags',
    status: 200,
    params,
    body: Type.Object({ tags: Tags }),
    response: TagsAnswer,
    handle: async ({ projects }, { params, body, host, url }) => {
      const { tags } = await projects.update(params.project_id, { tags: body.tags });
      return { tags: [...tags], links: { next: null, self: host + url, previous: null } };
    },
  }),
  route({
    id: 'projects.tags.clear',
    summary: "Remove all of a project's tags",
    method: 'DELETE',
    path: '/projects/:project_id/tags',
    policy: 'identity:delete_project_tags',
    status: 204,
    params,
    handle: async ({ projects }, { params }) => {
      await projects.update(params.project_id, { tags: [] });
      return undefined;
    },
  }),
  route({
    id: 'projects.tags.show',
    summary: 'Whether a project has a tag',
    method: 'GET',
    path: '/projects/:project_id/tags/:tag',
    policy: 'identity:get_project_tag',
    status: 204,
    params: tagParams,
    handle: async ({ projects, authorize }, { ctx, params }) => {
      authorize('identity:get_project_tag', ctx, { project_id: params.project_id });
      const { tags } = await projects.get(params.project_id);
      if (!tags.includes(params.tag)) throw couldNotFind('project tag', params.tag);
      return undefined;
    },
  }),
  route({
    id: 'projects.tags.add',
    summary: 'Tag a project',
    method: 'PUT',
    path: '/projects/:project_id/tags/:tag',
    policy: 'identity:create_project_tag',
    status: 201,
    params: Type.Object({ project_id: Type.String(), tag: Tag }),
    handle: async ({ projects }, { params }) => {
      const { tags } = await projects.get(params.project_id);
      await projects.update(params.project_id, { tags: [...tags, params.tag] });
      return undefined;
    },
  }),
  route({
    id: 'projects.tags.remove',
    summary: 'Remove a tag from a project',
    method: 'DELETE',
    path: '/projects/:project_id/tags/:tag',
    policy: 'identity:delete_project_tag',
    status: 204,
    params: tagParams,
    handle: async ({ projects }, { params }) => {
      const { tags } = await projects.get(params.project_id);
      if (!tags.includes(params.tag)) throw couldNotFind('project tag', params.tag);
      await projects.update(params.project_id, { tags: tags.filter((tag) => tag !== params.tag) });
      return undefined;
    },
  }),
];
