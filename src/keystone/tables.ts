/** Keystone's database. Constraints and indexes are in migrations/. */
export interface KeystoneTables {
  /** Projects, and domains: a domain is a project that is none's member (`is_domain`), as in Keystone since Mitaka. */
  project: {
    id: string;
    name: string;
    /** `rootDomain` for a domain itself, so that names are unique among domains too. */
    domain_id: string;
    parent_id: string | null;
    is_domain: number;
    description: string | null;
    enabled: number;
    options: string;
    extra: string;
  };
  project_tag: { project_id: string; name: string };
  user: {
    id: string;
    name: string;
    domain_id: string;
    enabled: number;
    default_project_id: string | null;
    /** bcrypt; null for a user who cannot sign in by password. */
    password_hash: string | null;
    failed_auth_count: number;
    failed_auth_at: string | null;
    options: string;
    extra: string;
  };
  group: { id: string; name: string; domain_id: string; description: string; extra: string };
  user_group_membership: { user_id: string; group_id: string };
  role: {
    id: string;
    name: string;
    /** `noDomain` for a role of the whole cloud, so that names are unique among those too. */
    domain_id: string;
    description: string | null;
    options: string;
    extra: string;
  };
  implied_role: { prior_role_id: string; implied_role_id: string };
  assignment: { type: string; actor_id: string; target_id: string; role_id: string };
  region: { id: string; description: string; parent_region_id: string | null; extra: string };
  service: {
    id: string;
    type: string;
    name: string | null;
    enabled: number;
    description: string | null;
    extra: string;
  };
  endpoint: {
    id: string;
    /** What the v2.0 API shows as one endpoint with three URLs. */
    legacy_endpoint_id: string | null;
    interface: string;
    region_id: string | null;
    service_id: string;
    url: string;
    enabled: number;
    extra: string;
  };
  credential: {
    id: string;
    user_id: string;
    project_id: string | null;
    type: string;
    blob: string;
    /** SHA-256 of an EC2 access key: finds it, and keeps it unique. */
    key_hash: string | null;
    extra: string;
  };
  /** UUID tokens. The token itself is not kept, only its SHA-256. */
  token: { id_hash: string; expires_at: string; payload: string };
  revocation_event: {
    id?: number;
    audit_id: string | null;
    user_id: string | null;
    project_id: string | null;
    domain_id: string | null;
    /** Milliseconds: tokens issued until then are no longer valid. */
    issued_before: number;
    /** When no token that it concerns can be alive any more. */
    expires_at: string;
  };
  /** One row, counted up by every change that a token's meaning may depend on: how processes notice each other's. */
  identity_generation: { id: number; value: number };
}

/** Keystone's own marks for "none", where a unique constraint needs a value. */
export const rootDomain = '<<keystone.domain.root>>';
export const noDomain = '<<null>>';
