import type { Generated } from 'kysely';
import type { OperationTables } from '#common/operations/tables.ts';

/** Cinder's database. Times are `YYYY-MM-DDThh:mm:ss.ffffff`, flags 0 or 1, JSON is text. */
export interface CinderTables extends OperationTables {
  volumes: VolumeTable;
  snapshots: SnapshotTable;
  attachments: AttachmentTable;
  services: {
    num: Generated<number>;
    /** `cinder-volume` */
    binary: string;
    /** `stor1@lvm` */
    host: string;
    topic: string;
    availability_zone: string;
    disabled: number;
    disabled_reason: string | null;
    last_seen: string;
    created_at: string;
    changed_at: string;
    /** JSON of BackendReport; null for daemons without a back end. */
    report: string | null;
  };
}

export interface VolumeTable {
  num: Generated<number>;
  id: string;
  project_id: string;
  user_id: string;
  name: string | null;
  description: string | null;
  /** See volumes/states.ts. */
  status: string;
  /** GiB */
  size_gb: number;
  /** Back end that has it; null until scheduled. */
  host: string | null;
  availability_zone: string | null;
  volume_type_id: string | null;
  snapshot_id: string | null;
  source_volume_id: string | null;
  image_id: string | null;
  /** JSON, string → string: properties of the image that it was made of; null without. */
  image_metadata: string | null;
  bootable: number;
  multiattach: number;
  readonly: number;
  encrypted: number;
  /** JSON, string → string */
  metadata: string;
  /** JSON, string → string: for administrators (`attached_mode`, `readonly`). */
  admin_metadata: string;
  /** `provider_location` and `provider_auth` of the export; see targets/target.ts. The latter is a secret. */
  provider_location: string | null;
  provider_auth: string | null;
  migration_status: string | null;
  /** Status to go back to when what is being done ends or fails. */
  previous_status: string | null;
  group_id: string | null;
  replication_status: string | null;
  /** Why it is in `error`: for people. */
  fault: string | null;
  launched_at: string | null;
  created_at: string;
  updated_at: string | null;
  deleted: number;
  deleted_at: string | null;
}

export interface SnapshotTable {
  num: Generated<number>;
  id: string;
  project_id: string;
  user_id: string;
  volume_id: string;
  name: string | null;
  description: string | null;
  status: string;
  /** `0%` … `100%` */
  progress: string;
  /** GiB: the volume's when it was made. */
  size_gb: number;
  volume_type_id: string | null;
  group_snapshot_id: string | null;
  /** JSON, string → string */
  metadata: string;
  fault: string | null;
  created_at: string;
  updated_at: string | null;
  deleted: number;
  deleted_at: string | null;
}

/** A volume's tie to a server or a host: API 3.27's attachments, and what os-attach and os-initialize_connection of older APIs make. */
export interface AttachmentTable {
  num: Generated<number>;
  id: string;
  volume_id: string;
  project_id: string;
  /** The server; null for an attachment to a host. */
  server_id: string | null;
  attached_host: string | null;
  /** `/dev/vdb` */
  mountpoint: string | null;
  /** `reserved`, `attaching`, `attached`, `detaching`, `error_attaching`, `error_detaching`, `detached` */
  attach_status: string;
  mode: 'rw' | 'ro';
  /** JSON of Connector; null until a host has connected. */
  connector: string | null;
  /** JSON of ConnectionInfo without secrets. */
  connection_info: string | null;
  attached_at: string | null;
  created_at: string;
  updated_at: string | null;
}
