import type { Generated } from 'kysely';
import type { OperationTables } from '#common/operations/tables.ts';

/** Glance's database. See migrations/ for keys and indexes. */
export interface GlanceTables extends OperationTables {
  images: {
    id: string;
    name: string | null;
    status: string;
    visibility: string;
    owner: string | null;
    protected: number;
    os_hidden: number;
    size: number | null;
    virtual_size: number | null;
    checksum: string | null;
    os_hash_algo: string | null;
    os_hash_value: string | null;
    disk_format: string | null;
    container_format: string | null;
    min_disk: number;
    min_ram: number;
    created_at: string;
    updated_at: string;
    deleted_at: string | null;
    /** The host whose glance-api receives the data, while the status is `saving`. */
    receiver: string | null;
    /** Names of stores with commas between: those that an import has still to fill; null before any import. */
    importing_to_stores: string | null;
    /** Likewise those that the last import could not fill. */
    failed_import: string | null;
    /** The task that imports now: it keeps a second import away. */
    import_task: string | null;
  };
  image_properties: { image_id: string; name: string; value: string };
  image_tags: { image_id: string; value: string };
  image_members: {
    image_id: string;
    member: string;
    status: string;
    can_share: number;
    created_at: string;
    updated_at: string;
  };
  image_locations: { id: Generated<number>; image_id: string; url: string; store: string };
  /** Bytes in use per owner: the one row that concurrent uploads of a tenant contend for. */
  storage_usage: { owner: string; bytes: number };
  tasks: {
    id: string;
    type: string;
    status: string;
    owner: string;
    image_id: string | null;
    request_id: string | null;
    user_id: string | null;
    /** JSON. */
    input: string;
    /** JSON. */
    result: string | null;
    message: string | null;
    expires_at: string | null;
    created_at: string;
    updated_at: string;
  };
  metadef_namespaces: {
    id: Generated<number>;
    namespace: string;
    display_name: string | null;
    description: string | null;
    visibility: string;
    protected: number;
    owner: string;
    created_at: string;
    updated_at: string;
  };
  /** Objects, properties and tags of namespaces. */
  metadef_definitions: {
    id: Generated<number>;
    namespace_id: number;
    kind: string;
    name: string;
    /** JSON: everything but the name. */
    body: string;
    created_at: string;
    updated_at: string;
  };
  metadef_resource_types: { id: Generated<number>; name: string; created_at: string; updated_at: string };
  metadef_associations: {
    namespace_id: number;
    resource_type: string;
    prefix: string | null;
    properties_target: string | null;
    created_at: string;
    updated_at: string;
  };
}
