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
    /** Of the password. */
    password_created_at?: string | null;
    password_expires_at?: string | null;
    /** When the user last signed in, or was made or enabled. */
    last_active_at?: string | null;
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
  /** The passwords that a user had before, newest last. */
  password_history: { id?: number; user_id: string; password_hash: string; created_at: string };
  credential: {
    id: string;
    user_id: string;
    project_id: string | null;
    type: string;
    blob: string;
    /** SHA-256 of an EC2 access key: finds it, and keeps it unique. */
    key_hash: string | null;
    /** Which key `blob` is encrypted with (its SHA-256); null: it is not encrypted. */
    encrypted_by?: string | null;
    extra: string;
  };
  /** UUID and signed tokens. The token itself is not kept, only its SHA-256. */
  token: {
    id_hash: string;
    expires_at: string;
    payload: string;
    /** What the list of revoked tokens calls a signed token. */
    listed_id?: string | null;
  };
  trust: {
    id: string;
    trustor_user_id: string;
    trustee_user_id: string;
    project_id: string | null;
    impersonation: number;
    expires_at: string | null;
    remaining_uses: number | null;
    redelegated_trust_id: string | null;
    redelegation_count: number;
    extra: string;
  };
  trust_role: { trust_id: string; role_id: string };
  application_credential: {
    id: string;
    name: string;
    user_id: string;
    project_id: string;
    /** bcrypt. */
    secret_hash: string;
    description: string | null;
    expires_at: string | null;
    unrestricted: number;
  };
  application_credential_role: { application_credential_id: string; role_id: string };
  access_rule: { id: string; user_id: string; service: string; path: string; method: string };
  application_credential_access_rule: { application_credential_id: string; access_rule_id: string };
  policy: { id: string; type: string; blob: string; extra: string };
  endpoint_group: { id: string; name: string; description: string | null; filters: string };
  project_endpoint_group: { project_id: string; endpoint_group_id: string };
  project_endpoint: { project_id: string; endpoint_id: string };
  domain_config: { domain_id: string; config_group: string; config_option: string; value: string };
  registered_limit: {
    id: string;
    service_id: string;
    region_id: string | null;
    resource_name: string;
    default_limit: number;
    description: string | null;
  };
  resource_limit: {
    id: string;
    registered_limit_id: string;
    project_id: string | null;
    domain_id: string | null;
    value: number;
    description: string | null;
  };
  /** OAuth 1.0a. Secrets are kept as they are: signatures are checked with them. */
  consumer: { id: string; secret: string; description: string | null; extra: string };
  request_token: {
    id: string;
    secret: string;
    consumer_id: string;
    project_id: string;
    verifier: string | null;
    user_id: string | null;
    role_ids: string;
    expires_at: string;
  };
  access_token: {
    id: string;
    secret: string;
    consumer_id: string;
    project_id: string;
    user_id: string;
    role_ids: string;
    expires_at: string | null;
  };
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
