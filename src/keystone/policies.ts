import type { PolicyTable } from '#common/auth/policy.ts';

const admin = 'rule:admin_required';
const owner = 'rule:admin_or_owner';

const all = (check: string, names: string): PolicyTable =>
  Object.fromEntries(names.split(/\s+/).map((name) => [`identity:${name}`, check]));

/** Who may do what unless the operator's policy file says otherwise. Names are those of Keystone's policy file. */
export const keystonePolicies: PolicyTable = {
  admin_required: { check: 'role:admin or is_admin:True', description: 'An administrator of the cloud.' },
  owner: { check: 'user_id:%(user_id)s', description: 'The user that it belongs to.' },
  admin_or_owner: { check: 'rule:admin_required or rule:owner' },
  service_role: { check: 'role:service', description: 'Another service of the cloud.' },
  token_subject: { check: 'user_id:%(user_id)s', description: 'The user of the token that is asked about.' },

  ...all(admin, 'list_domains create_domain update_domain delete_domain'),
  'identity:get_domain': 'rule:admin_required or domain_id:%(domain_id)s',
  ...all(admin, 'list_projects create_project update_project delete_project'),
  ...all('rule:admin_required or project_id:%(project_id)s', 'get_project list_project_tags get_project_tag'),
  ...all(admin, 'create_project_tag update_project_tags delete_project_tag delete_project_tags'),
  ...all(owner, 'list_user_projects'),
  ...all(admin, 'list_users create_user update_user delete_user'),
  ...all(owner, 'get_user list_groups_for_user change_password'),
  ...all(admin, 'list_groups create_group get_group update_group delete_group'),
  ...all(admin, 'list_users_in_group add_user_to_group remove_user_from_group check_user_in_group'),
  ...all(admin, 'list_roles get_role create_role update_role delete_role'),
  ...all(admin, 'list_role_inference_rules list_implied_roles get_implied_role create_implied_role'),
  ...all(admin, 'check_implied_role delete_implied_role'),
  ...all(admin, 'list_role_assignments list_grants check_grant create_grant revoke_grant'),
  ...all(admin, 'list_system_grants_for_user check_system_grant_for_user create_system_grant_for_user'),
  ...all(admin, 'revoke_system_grant_for_user list_system_grants_for_group check_system_grant_for_group'),
  ...all(admin, 'create_system_grant_for_group revoke_system_grant_for_group'),
  ...all('@', 'list_regions get_region'),
  ...all(admin, 'create_region update_region delete_region'),
  ...all(admin, 'list_services get_service create_service update_service delete_service'),
  ...all(admin, 'list_endpoints get_endpoint create_endpoint update_endpoint delete_endpoint'),
  ...all(owner, 'list_credentials get_credential create_credential update_credential delete_credential'),
  ...all(owner, 'ec2_list_credentials ec2_get_credential ec2_create_credential ec2_delete_credential'),
  ...all('@', 'get_auth_catalog get_auth_projects get_auth_domains get_auth_system'),
  ...all('rule:admin_required or rule:service_role or rule:token_subject', 'validate_token check_token'),
  ...all('rule:admin_required or rule:token_subject', 'revoke_token'),
};
