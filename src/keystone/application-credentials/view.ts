import type { Role } from '../roles/model.ts';
import type { AccessRule, ApplicationCredential } from './model.ts';

/** @param host `http://host:port`, here and below */
export const applicationCredentialView = (one: ApplicationCredential, roles: readonly Role[], host: string) => ({
  id: one.id,
  name: one.name,
  description: one.description,
  user_id: one.userId,
  project_id: one.projectId,
  system: null,
  expires_at: one.expiresAt,
  unrestricted: one.unrestricted,
  roles: roles.map((role) => ({ id: role.id, name: role.name, domain_id: role.domainId })),
  ...(one.accessRules.length > 0 && { access_rules: one.accessRules }),
  links: { self: `${host}/v3/users/${one.userId}/application_credentials/${one.id}` },
});

export const accessRuleView = (rule: AccessRule, userId: string, host: string) => ({
  ...rule,
  links: { self: `${host}/v3/users/${userId}/access_rules/${rule.id}` },
});
