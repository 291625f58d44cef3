import { Type } from '@sinclair/typebox';
import { badRequest, forbidden, notFound } from '#common/api/errors.ts';
import { routesFor } from '#common/api/route.ts';
import type { ApiVersion } from '#common/api/version.ts';
import type { RequestContext } from '#common/auth/context.ts';
import type { Enforcer } from '#common/auth/policy.ts';
import type { Database } from '#common/db/database.ts';
import type { Ids } from '#common/ids.ts';
import { AnyQuery, IdParams, Name, strict, wrapped } from '../api/schemas.ts';
import { OverQuota, type Quotas } from '../quotas/quotas.ts';
import { flagOf, limitOf } from '../servers/filters.ts';
import type { NovaTables } from '../tables.ts';
import * as rows from './rows.ts';
import type { GroupPolicy, ServerGroup } from './rows.ts';

export interface ServerGroupDeps {
  readonly db: Database<NovaTables>;
  readonly ids: Ids;
  readonly quotas: Quotas;
  readonly enforcer: Enforcer;
  readonly maxLimit: number;
}

const route = routesFor<ServerGroupDeps>();

const show = (group: ServerGroup, members: readonly string[], version: ApiVersion) => ({
  id: group.id,
  name: group.name,
  ...(version.atLeast('2.64')
    ? { policy: group.policy, rules: group.rules }
    : { policies: [group.policy], metadata: {} }),
  members,
  ...(version.atLeast('2.13') && { project_id: group.projectId, user_id: group.userId }),
});

async function find(deps: ServerGroupDeps, ctx: RequestContext, id: string): Promise<ServerGroup> {
  const group = await rows.findGroup(deps.db.query, id);
  if (!group || (!ctx.isAdmin && group.projectId !== ctx.projectId))
    throw notFound(`Instance group ${id} could not be found.`);
  return group;
}

async function create(
  deps: ServerGroupDeps,
  ctx: RequestContext,
  group: { readonly name: string; readonly policy: GroupPolicy; readonly rules: Record<string, number> },
  api: string,
): Promise<ServerGroup> {
  const projectId = ctx.projectId ?? '';
  const id = deps.ids.uuid();
  const userId = ctx.userId ?? '';
  const own = await deps.quotas.userLimits(projectId, userId);
  await deps.quotas.transaction(projectId, async (trx, _used, limits) => {
    const full = async (limit: number, user?: string): Promise<boolean> =>
      limit >= 0 && (await rows.countGroups(trx, projectId, user)) >= limit;
    if ((await full(limits.server_groups)) || (await full(own.server_groups, userId)))
      throw new OverQuota('Quota exceeded, too many server groups.', api);
    await rows.insertGroup(trx, { ...group, id, projectId, userId });
  });
  return find(deps, ctx, id);
}

const hard = [Type.Literal('anti-affinity'), Type.Literal('affinity')] as const;
const soft = [Type.Literal('soft-anti-affinity'), Type.Literal('soft-affinity')] as const;

const createListed = (
  versions: { readonly min?: string; readonly max: string },
  policies: ReturnType<typeof Type.Union>,
) =>
  route({
    id: `server_groups.create${versions.min ? '_2_15' : ''}`,
    summary: 'Make a server group',
    method: 'POST',
    path: '/os-server-groups',
    versions,
    policy: 'os_compute_api:os-server-groups:create',
    status: 200,
    body: wrapped(
      'server_group',
      strict({ name: Name, policies: Type.Array(policies, { minItems: 1, maxItems: 1, uniqueItems: true }) }),
    ),
    handle: async (deps, { ctx, body, version, api }) => {
      const {
        name,
        policies: [policy],
      } = body.server_group;
      const made = await create(deps, ctx, { name, policy: policy as GroupPolicy, rules: {} }, api);
      return { server_group: show(made, [], version) };
    },
  });

export const serverGroupRoutes = [
  route({
    id: 'server_groups.list',
    summary: 'List server groups',
    method: 'GET',
    path: '/os-server-groups',
    policy: 'os_compute_api:os-server-groups:index',
    status: 200,
    query: AnyQuery,
    handle: async (deps, { ctx, query, version }) => {
      const all = query['all_projects'] !== undefined && flagOf('all_projects', query['all_projects'] || 'true');
      if (all && !deps.enforcer.allows('os_compute_api:os-server-groups:index:all_projects', ctx))
        throw forbidden("Policy doesn't allow os_compute_api:os-server-groups:index:all_projects to be performed.");
      const offset = limitOf(query['offset'] ?? '0', Number.MAX_SAFE_INTEGER);
      const limit = limitOf(query['limit'], deps.maxLimit);
      const list = (await rows.listGroups(deps.db.query, all ? null : ctx.projectId)).slice(offset, offset + limit);
      const members = await rows.membersOf(
        deps.db.query,
        list.map((group) => group.id),
      );
      return { server_groups: list.map((group) => show(group, members.get(group.id) ?? [], version)) };
    },
  }),
  createListed({ max: '2.14' }, Type.Union([...hard])),
  createListed({ min: '2.15', max: '2.63' }, Type.Union([...hard, ...soft])),
  route({
    id: 'server_groups.create_2_64',
    summary: 'Make a server group',
    method: 'POST',
    path: '/os-server-groups',
    versions: { min: '2.64' },
    policy: 'os_compute_api:os-server-groups:create',
    status: 200,
    body: wrapped(
      'server_group',
      strict({
        name: Name,
        policy: Type.Union([...hard, ...soft]),
        rules: Type.Optional(strict({ max_server_per_host: Type.Optional(Type.Integer({ minimum: 1 })) })),
      }),
    ),
    handle: async (deps, { ctx, body, version, api }) => {
      const { name, policy, rules = {} } = body.server_group;
      if (Object.keys(rules).length > 0 && policy !== 'anti-affinity')
        throw badRequest('Only anti-affinity policy supports rules.');
      const made = await create(deps, ctx, { name, policy, rules }, api);
      return { server_group: show(made, [], version) };
    },
  }),
  route({
    id: 'server_groups.show',
    summary: 'Show a server group',
    method: 'GET',
    path: '/os-server-groups/:id',
    policy: 'os_compute_api:os-server-groups:show',
    status: 200,
    params: IdParams,
    handle: async (deps, { ctx, params, version }) => {
      const group = await find(deps, ctx, params.id);
      const members = await rows.membersOf(deps.db.query, [group.id]);
      return { server_group: show(group, members.get(group.id) ?? [], version) };
    },
  }),
  route({
    id: 'server_groups.delete',
    summary: 'Delete a server group',
    method: 'DELETE',
    path: '/os-server-groups/:id',
    policy: 'os_compute_api:os-server-groups:delete',
    status: 204,
    params: IdParams,
    handle: async (deps, { ctx, params }) => {
      const group = await find(deps, ctx, params.id);
      await deps.db.transaction((trx) => rows.deleteGroup(trx, group.id));
      return undefined;
    },
  }),
];
