import type { AssignmentNames, EffectiveAssignment, Named, Target } from './model.ts';

const targetPath = (target: Target): string => (target.kind === 'system' ? 'system' : `${target.kind}s/${target.id}`);

/** Where the assignment itself is: `/projects/…/users/…/roles/…`. */
function assignmentPath({
  actor,
  target,
  roleId,
  inherited,
  viaGroupId,
  viaRoleId,
  viaTarget,
}: EffectiveAssignment): string {
  const grantedTo = viaGroupId === undefined ? `${actor.kind}s/${actor.id}` : `groups/${viaGroupId}`;
  const path = `${targetPath(viaTarget ?? target)}/${grantedTo}/roles/${viaRoleId ?? roleId}`;
  return inherited || viaTarget ? `OS-INHERIT/${path}/inherited_to_projects` : path;
}

/**
 * @param names adds the names of what is referred to
 * @param host `http://host:port`
 */
export function assignmentView(assignment: EffectiveAssignment, names: AssignmentNames | undefined, host: string) {
  const { actor, target, roleId, viaGroupId, viaRoleId } = assignment;
  const domain = (id: string) => ({ id, name: names?.domains.get(id) ?? null });
  const named = (id: string, found: Named | undefined) => ({
    id,
    ...(found && { name: found.name, domain: domain(found.domainId) }),
  });
  const role = names?.roles.get(roleId);
  const reference = named(actor.id, (actor.kind === 'user' ? names?.users : names?.groups)?.get(actor.id));
  return {
    links: {
      assignment: `${host}/v3/${assignmentPath(assignment)}`,
      ...(viaGroupId !== undefined && { membership: `${host}/v3/groups/${viaGroupId}/users/${actor.id}` }),
      ...(viaRoleId !== undefined && { prior_role: `${host}/v3/prior_roles/${viaRoleId}/implies/${roleId}` }),
    },
    scope: { ...scopeView(target, names), ...(assignment.inherited && { 'OS-INHERIT:inherited_to': 'projects' }) },
    ...(actor.kind === 'user' ? { user: reference } : { group: reference }),
    role: {
      id: roleId,
      ...(role && { name: role.name }),
      ...(role && role.domainId !== null && { domain: domain(role.domainId) }),
    },
  };
}

function scopeView(target: Target, names: AssignmentNames | undefined) {
  if (target.kind === 'system') return { system: { all: true } };
  if (target.kind === 'domain') {
    const name = names?.domains.get(target.id);
    return { domain: { id: target.id, ...(name !== undefined && { name }) } };
  }
  const project = names?.projects.get(target.id);
  const domain = project && { id: project.domainId, name: names?.domains.get(project.domainId) ?? null };
  return { project: { id: target.id, ...(project && { name: project.name, domain }) } };
}
