import { nullable, int, list, text, uuid } from './kinds.ts';
import { optional, readOnly, withDefault } from './resource.ts';

/** Attributes that every resource has. `tenant_id` and `project_id` are one and the same. */
export const owned = {
  id: readOnly(uuid),
  tenant_id: optional(text(255), { put: false }),
  project_id: optional(text(255), { put: false }),
};

/** The attributes of standard-attr-* and tags. */
export const standard = {
  description: withDefault(text(255), ''),
  created_at: readOnly(text(32)),
  updated_at: readOnly(text(32)),
  revision_number: readOnly(int()),
  tags: readOnly(list(text(255)), { listed: false }),
};

/** As `standard`, for the resources whose description may be null (rules of a new group). */
export const nullableDescription = { ...standard, description: withDefault(nullable(text(255)), '') };
