import { Type } from '@sinclair/typebox';
import { badRequest } from '#common/api/errors.ts';
import { routesFor, type AnyRoute } from '#common/api/route.ts';
import { collection, flagOf } from '../api/lists.ts';
import type { Identity } from '../identity.ts';
import { RolesAnswer } from '../roles/schema.ts';
import { roleView } from '../roles/view.ts';
import type { Actor, AssignmentFilter, EffectiveAssignment, Target } from './model.ts';
import { AssignmentQuery, AssignmentsAnswer } from './schema.ts';
import { assignmentView } from './view.ts';

const route = routesFor<Identity>();

interface GrantParams {
  readonly target_id?: string;
  readonly actor_id: string;
}
const actorOf = (kind: Actor['kind'], params: GrantParams): Actor => ({ kind, id: params.actor_id });
const targetOf = (kind: Target['kind'], params: GrantParams): Target =>
  kind === 'system' ? { kind } : { kind, id: params.target_id ?? '' };

/**
 * The same five routes for each kind of target and actor: `/projects/:target_id/users/:actor_id/roles/:role_id` …
 * @param inherited those of OS-INHERIT, about what the projects below have
 */
function grantRoutes(on: Target['kind'], of: Actor['kind'], inherited = false): AnyRoute<Identity>[] {
  const system = on === 'system';
  const plain = system ? `/system/${of}s/:actor_id/roles` : `/${on}s/:target_id/${of}s/:actor_id/roles`;
  const base = inherited ? `/OS-INHERIT${plain}` : plain;
  const end = inherited ? '/inherited_to_projects' : '';
  const id = (verb: string): string => `${inherited ? 'inherited' : 'grants'}.${on}.${of}.${verb}`;
  const policy = (verb: 'list' | 'check' | 'create' | 'revoke'): string => {
    if (system) return `identity:${verb}_system_grant${verb === 'list' ? 's' : ''}_for_${of}`;
    return verb === 'list' ? 'identity:list_grants' : `identity:${verb}_grant`;
  };
  const target = system ? {} : { target_id: Type.String() };
  const listParams = Type.Object({ ...target, actor_id: Type.String() });
  const params = Type.Object({ ...target, actor_id: Type.String(), role_id: Type.String() });
  const where = `a ${of}'s roles on ${system ? 'the whole cloud' : `a ${on}`}`;
  const change = (method: 'PUT' | 'HEAD' | 'GET' | 'DELETE', verb: 'create' | 'check' | 'revoke', name: string) =>
    route({
      id: id(name),
      summary: `${{ create: 'Add to', check: 'Check', revoke: 'Remove from' }[verb]} ${where}`,
      method,
      path: `${base}/:role_id${end}`,
      policy: policy(verb),
      status: 204,
      params,
      handle: async ({ assignments }, { params }) => {
        const [actor, target] = [actorOf(of, params), targetOf(on, params)];
        const assignment = { actor, target, roleId: params.role_id, inherited };
        if (verb === 'create') await assignments.grant(assignment);
        else if (verb === 'check') await assignments.check(assignment);
        else await assignments.revoke(assignment);
        return undefined;
      },
    });
  return [
    route({
      id: id('list'),
      summary: `List ${where}`,
      method: 'GET',
      path: base + end,
      policy: policy('list'),
      status: 200,
      params: listParams,
      response: RolesAnswer,
      handle: async ({ assignments }, call) => {
        const roles = await assignments.rolesOf(actorOf(of, call.params), targetOf(on, call.params), inherited);
        return collection(
          call,
          'roles',
          roles.map((role) => roleView(role, call.host)),
        );
      },
    }),
    change('PUT', 'create', 'create'),
    change('HEAD', 'check', 'check'),
    change('GET', 'check', 'show'),
    change('DELETE', 'revoke', 'revoke'),
  ];
}

export const assignmentRoutes = [
  ...(['project', 'domain', 'system'] as const).flatMap((on) => [
    ...grantRoutes(on, 'user'),
    ...grantRoutes(on, 'group'),
  ]),
  ...(['project', 'domain'] as const).flatMap((on) => [
    ...grantRoutes(on, 'user', true),
    ...grantRoutes(on, 'group', true),
  ]),
  route({
    id: 'roleAssignments.list',
    summary: 'List role assignments',
    method: 'GET',
    path: '/role_assignments',
    policy: 'identity:list_role_assignments',
    status: 200,
    query: AssignmentQuery,
    response: AssignmentsAnswer,
    handle: async ({ assignments }, call) => {
      const { query } = call;
      const effective = flagOf(query.effective) ?? false;
      if (effective && query['group.id'] !== undefined)
        throw badRequest('Combining effective and group filter will always result in an empty list.');
      if (query['user.id'] !== undefined && query['group.id'] !== undefined)
        throw badRequest('Specify a user or group, not both');
      if (query['scope.project.id'] !== undefined && query['scope.domain.id'] !== undefined)
        throw badRequest('Specify a domain or project, not both');
      const inheritedTo = query['scope.OS-INHERIT:inherited_to'];
      const projectId = query['scope.project.id'];
      const below = flagOf(query.include_subtree) ?? false;
      if (below && projectId === undefined)
        throw badRequest('scope.project.id must be specified if include_subtree is also specified');
      const filter: AssignmentFilter = {
        userId: query['user.id'],
        groupId: query['group.id'],
        roleId: query['role.id'],
        target: scopeFilter(projectId, query['scope.domain.id'], flagOf(query['scope.system'])),
        ...(inheritedTo === 'projects' && { inherited: true }),
      };
      const list = (): Promise<EffectiveAssignment[]> => {
        if (below && projectId !== undefined) return assignments.listBelow(filter, projectId, effective);
        return effective ? assignments.listEffective(filter) : assignments.list(filter);
      };
      const found = await list();
      const names = flagOf(query.include_names) ? await assignments.names(found) : undefined;
      return collection(
        call,
        'role_assignments',
        found.map((assignment) => assignmentView(assignment, names, call.host)),
      );
    },
  }),
];

function scopeFilter(projectId?: string, domainId?: string, system?: boolean): Target | undefined {
  if (projectId !== undefined) return { kind: 'project', id: projectId };
  if (domainId !== undefined) return { kind: 'domain', id: domainId };
  return system ? { kind: 'system' } : undefined;
}
