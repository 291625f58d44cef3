import type { Implication, Role } from './model.ts';

/** @param host `http://host:port` */
export const roleView = (role: Role, host: string) => ({
  ...role.extra,
  id: role.id,
  name: role.name,
  domain_id: role.domainId,
  description: role.description,
  options: role.options,
  links: { self: `${host}/v3/roles/${role.id}` },
});

/** A role as it is named beside others. */
export const roleReference = (role: Pick<Role, 'id' | 'name'>, host: string) => ({
  id: role.id,
  links: { self: `${host}/v3/roles/${role.id}` },
  name: role.name,
});

/** Each role that implies others, with those. */
export function inferencesView(implications: readonly Implication[], roles: readonly Role[], host: string) {
  const byId = new Map(roles.map((role) => [role.id, role]));
  const grouped = Map.groupBy(implications, (one) => one.priorId);
  return [...grouped].flatMap(([priorId, implied]) => {
    const prior = byId.get(priorId);
    if (!prior) return [];
    const implies = implied.flatMap(({ impliedId }) => byId.get(impliedId) ?? []);
    return [{ prior_role: roleReference(prior, host), implies: implies.map((role) => roleReference(role, host)) }];
  });
}

/** As the v2.0 API shows a role. */
export const v2RoleView = (role: Pick<Role, 'id' | 'name'>) => ({ id: role.id, name: role.name });
