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
}
