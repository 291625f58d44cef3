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
    /** A UUID: `service_uuid` of volumes that it has. */
    id: string;
    /** Frozen: what it has stays usable, nothing is made or deleted. */
    frozen: number;
  };
  backups: BackupTable;
  volume_types: {
    num: Generated<number>;
    id: string;
    name: string;
    description: string | null;
    is_public: number;
    /** JSON, string → string */
    extra_specs: string;
    qos_specs_id: string | null;
    /** JSON of TypeEncryption; null without. */
    encryption: string | null;
    created_at: string;
    updated_at: string | null;
  };
  volume_type_access: { volume_type_id: string; project_id: string };
  /** A project's own default type (API 3.62). */
  default_types: { project_id: string; volume_type_id: string; created_at: string };
  qos_specs: {
    num: Generated<number>;
    id: string;
    name: string;
    /** `front-end`, `back-end`, `both` */
    consumer: string;
    /** JSON, string → string */
    specs: string;
    created_at: string;
    updated_at: string | null;
  };
  transfers: {
    num: Generated<number>;
    id: string;
    volume_id: string;
    /** Who gives. */
    source_project_id: string;
    destination_project_id: string | null;
    name: string | null;
    salt: string;
    /** Of salt and key: the key itself is shown once, and not kept. */
    key_hash: string;
    no_snapshots: number;
    accepted: number;
    created_at: string;
  };
  messages: {
    num: Generated<number>;
    id: string;
    project_id: string;
    request_id: string | null;
    resource_type: string | null;
    resource_id: string | null;
    /** `001`: what was done; `003`: why it failed. See messages/texts.ts. */
    action_id: string;
    detail_id: string;
    level: string;
    created_at: string;
    expires_at: string;
  };
  groups: GroupTable;
  group_snapshots: {
    num: Generated<number>;
    id: string;
    project_id: string;
    user_id: string;
    group_id: string;
    group_type_id: string;
    name: string | null;
    description: string | null;
    status: string;
    created_at: string;
    updated_at: string | null;
  };
  group_types: {
    num: Generated<number>;
    id: string;
    name: string;
    description: string | null;
    is_public: number;
    /** JSON, string → string */
    group_specs: string;
    created_at: string;
    updated_at: string | null;
  };
  quota_limits: { project_id: string; resource: string; hard_limit: number };
  quota_class_limits: { class_name: string; resource: string; hard_limit: number };
  quota_locks: { project_id: string; touched: number };
}

export interface GroupTable {
  num: Generated<number>;
  id: string;
  project_id: string;
  user_id: string;
  name: string | null;
  description: string | null;
  group_type_id: string;
  /** JSON, list of ids */
  volume_types: string;
  availability_zone: string | null;
  host: string | null;
  status: string;
  group_snapshot_id: string | null;
  source_group_id: string | null;
  created_at: string;
  updated_at: string | null;
}

export interface BackupTable {
  num: Generated<number>;
  id: string;
  project_id: string;
  user_id: string;
  volume_id: string;
  snapshot_id: string | null;
  /** The backup that an incremental one builds on. */
  parent_id: string | null;
  name: string | null;
  description: string | null;
  status: string;
  /** The cinder-backup that has it; null until one took it. */
  host: string | null;
  availability_zone: string | null;
  container: string | null;
  /** `cinder.backup.drivers.posix.PosixBackupDriver`: who can read it. */
  service: string | null;
  /** What the driver needs to find it. */
  service_metadata: string | null;
  /** GiB of the volume. */
  size_gb: number;
  object_count: number;
  /** JSON, string → string */
  metadata: string;
  /** Of the data: the snapshot's time, or when it began. */
  data_timestamp: string | null;
  /** Where it is being restored to. */
  restore_volume_id: string | null;
  /** Why it is in `error`: for people. */
  fail_reason: string | null;
  created_at: string;
  updated_at: string | null;
  deleted: number;
  deleted_at: string | null;
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
