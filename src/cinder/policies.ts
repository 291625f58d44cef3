import type { PolicyTable } from '#common/auth/policy.ts';

const owner = 'rule:admin_or_owner';
const admin = 'rule:admin_api';
const all = (prefix: string, check: string, names: string): PolicyTable =>
  Object.fromEntries(names.split(' ').map((name) => [`${prefix}${name}`, check]));

/** Who may do what unless the operator's policy file says otherwise. Names are those of Cinder's policy file. */
export const cinderPolicies: PolicyTable = {
  context_is_admin: { check: 'role:admin', description: 'An administrator of the cloud.' },
  admin_or_owner: {
    check: 'is_admin:True or project_id:%(project_id)s',
    description: 'A member of the project that the resource belongs to.',
  },
  admin_api: { check: 'is_admin:True' },

  ...all('volume:', owner, 'create create_from_image get get_all update delete extend extend_attached_volume'),
  ...all('volume:', owner, 'retype revert_to_snapshot update_readonly_flag multiattach reimage reimage_reserved'),
  ...all('volume:', owner, 'get_volume_metadata create_volume_metadata update_volume_metadata delete_volume_metadata'),
  ...all('volume:', admin, 'force_delete update_volume_admin_metadata'),
  ...all('volume_extension:volume_actions:', owner, 'attach detach reserve unreserve begin_detaching roll_detaching'),
  ...all('volume_extension:volume_actions:', owner, 'initialize_connection terminate_connection upload_image'),
  ...all('volume_extension:volume_actions:', admin, 'upload_public'),
  ...all('volume_extension:volume_actions:', owner, 'set_bootable'),
  ...all('volume_extension:volume_admin_actions:', admin, 'reset_status force_delete force_detach'),
  ...all('volume_extension:volume_admin_actions:', admin, 'migrate_volume migrate_volume_completion'),
  ...all('volume_extension:volume_image_metadata:', owner, 'show set remove'),
  ...all('volume_extension:', owner, 'volume_encryption_metadata volume_tenant_attribute'),
  ...all('volume_extension:', admin, 'volume_host_attribute volume_mig_status_attribute'),
  ...all('volume_extension:', admin, 'volume_manage volume_unmanage snapshot_manage snapshot_unmanage'),
  ...all('volume_extension:', admin, 'list_manageable'),

  ...all('volume:', owner, 'create_snapshot get_snapshot get_all_snapshots update_snapshot delete_snapshot'),
  ...all('volume:', owner, 'get_snapshot_metadata update_snapshot_metadata delete_snapshot_metadata'),
  ...all('volume_extension:', owner, 'extended_snapshot_attributes'),
  ...all('snapshot_extension:snapshot_actions:', owner, 'update_snapshot_status'),
  ...all('volume_extension:snapshot_admin_actions:', admin, 'reset_status force_delete'),
  'snapshot_extension:list_manageable': admin,
  'snapshot_extension:snapshot_manage': admin,
  'snapshot_extension:snapshot_unmanage': admin,

  ...all('volume:', owner, 'attachment_create attachment_update attachment_delete attachment_complete'),
  ...all('volume:', owner, 'multiattach_bootable_volume'),
  'volume:attachment_get': owner,

  ...all('volume:', owner, 'create_transfer get_transfer get_all_transfers accept_transfer delete_transfer'),

  ...all('backup:', owner, 'create get get_all update delete restore backup_project_attribute'),
  ...all('backup:', admin, 'export-import backup-import backup-export reset_status force_delete'),
  ...all('volume_extension:backup_admin_actions:', admin, 'reset_status force_delete'),

  ...all('volume_extension:', owner, 'type_get type_get_all types_extra_specs:index types_extra_specs:show'),
  ...all('volume_extension:type_', admin, 'create update delete'),
  ...all('volume_extension:types_extra_specs:', admin, 'create update delete'),
  'volume_extension:types_extra_specs:read_sensitive': admin,
  'volume_extension:access_types_extra_specs': owner,
  'volume_extension:access_types_qos_specs_id': admin,
  ...all('volume_extension:', owner, 'volume_type_access'),
  ...all('volume_extension:volume_type_access:', admin, 'addProjectAccess removeProjectAccess get_all_for_type'),
  ...all('volume_extension:volume_type_encryption:', admin, 'get create update delete'),
  ...all('volume_extension:default_', admin, 'set_or_update get get_all unset'),
  ...all('volume_extension:qos_specs_manage:', admin, 'get_all get create update delete'),

  ...all('volume_extension:quotas:', owner, 'show'),
  ...all('volume_extension:quotas:', admin, 'update delete'),
  ...all('volume_extension:quota_classes:', admin, 'get update'),
  'limits_extension:used_limits': owner,

  ...all('volume_extension:services:', admin, 'index update'),
  ...all('volume:', admin, 'freeze_host thaw_host failover_host'),
  ...all('volume_extension:', admin, 'hosts capabilities'),
  'scheduler_extension:scheduler_stats:get_pools': admin,
  'volume:availability_zone_list': '@',
  'volume:extensions_list': '@',
  ...all('clusters:', admin, 'get_all get update'),
  ...all('message:', owner, 'get get_all delete'),

  // Igloo's own: docs/operate/extensions.md.
  ...all('volume:os-operations:', owner, 'list show'),
  ...all('volume:os-operations:', admin, 'all_projects hosts'),

  ...all('group:', owner, 'create get get_all update delete'),
  ...all('group:', admin, 'reset_status'),
  ...all('group:', owner, 'create_group_snapshot get_group_snapshot get_all_group_snapshots'),
  ...all('group:', owner, 'update_group_snapshot delete_group_snapshot'),
  ...all('group:', admin, 'reset_group_snapshot_status'),
  'group:group_types_manage': admin,
  'group:group_types_specs': admin,
  'group:access_group_types_specs': admin,
  'group:group_types_get': owner,
};
