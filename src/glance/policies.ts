import type { PolicyTable } from '#common/auth/policy.ts';

/** Glance's rules under its own names. The owner of an image is the target's `project_id`. */
export const glancePolicies = {
  context_is_admin: 'role:admin',
  admin_or_owner: 'rule:context_is_admin or project_id:%(project_id)s',

  get_images: { check: '@', description: 'List images' },
  get_image: { check: '@', description: 'Read an image that the caller may see' },
  add_image: { check: 'rule:admin_or_owner', description: 'Make an image' },
  modify_image: { check: 'rule:admin_or_owner', description: 'Change an image' },
  delete_image: { check: 'rule:admin_or_owner', description: 'Delete an image' },
  publicize_image: { check: 'rule:context_is_admin', description: 'Make an image public' },
  communitize_image: { check: '@', description: 'Make an image a community image' },
  download_image: { check: '@', description: 'Download the data of an image that the caller may see' },
  upload_image: { check: 'rule:admin_or_owner', description: 'Upload the data of an image' },
  copy_from: { check: '@', description: 'Have an image fetched from a URL' },
  set_image_location: { check: '@', description: 'Register an image whose data stays at a URL' },
  deactivate: { check: 'rule:admin_or_owner', description: 'Forbid downloads of an image' },
  reactivate: { check: 'rule:admin_or_owner', description: 'Allow downloads of an image again' },
  get_members: { check: '@', description: 'List the members of an image' },
  get_member: { check: '@', description: 'Read a member of an image' },
  add_member: { check: 'rule:admin_or_owner', description: 'Share an image' },
  delete_member: { check: 'rule:admin_or_owner', description: 'Stop sharing an image' },
  modify_member: { check: '@', description: 'Accept or reject an image that is shared with the caller' },
  get_schemas: { check: '@', description: 'Read the JSON schemas' },
  get_stores: { check: '@', description: 'List the stores and import methods' },
  registry_write: { check: 'rule:context_is_admin', description: "Write images' rows through the registry" },
} as const satisfies PolicyTable;
