import type { Generated } from 'kysely';
import type { OperationTables } from '#common/operations/tables.ts';

/** Nova's database. Times are `YYYY-MM-DDThh:mm:ss.ffffff`, flags 0 or 1, JSON is text. */
export interface NovaTables extends OperationTables {
  instances: InstanceTable;
  block_devices: BlockDeviceTable;
  flavors: FlavorTable;
  flavor_access: { flavor_num: number; project_id: string };
  keypairs: {
    num: Generated<number>;
    user_id: string;
    name: string;
    type: string;
    public_key: string;
    fingerprint: string;
    created_at: string;
  };
  quota_limits: { project_id: string; resource: string; hard_limit: number };
  /** Limits of one user within a project. */
  user_quota_limits: { project_id: string; user_id: string; resource: string; hard_limit: number };
  quota_class_limits: { class_name: string; resource: string; hard_limit: number };
  /** One row per project: whoever counts and then inserts holds it, so that two cannot both take the last place. */
  quota_locks: { project_id: string; touched: number };
  services: {
    num: Generated<number>;
    id: string;
    binary: string;
    host: string;
    topic: string;
    disabled: number;
    disabled_reason: string | null;
    forced_down: number;
    last_seen: string;
    created_at: string;
    /** Moves with every change that a scheduler must see. */
    changed_at: string;
  };
  compute_nodes: ComputeNodeTable;
  /** What a server has claimed of a host. `compute_nodes.*_used` is always the sum of these: both change in one transaction. */
  allocations: { server_id: string; host: string; vcpus: number; memory_mb: number; disk_gb: number };
  migrations: MigrationTable;
  aggregates: {
    num: Generated<number>;
    id: string;
    name: string;
    /** JSON; `availability_zone` in it makes a zone of its hosts. */
    metadata: string;
    created_at: string;
    updated_at: string | null;
  };
  aggregate_hosts: { aggregate_num: number; host: string };
  server_groups: {
    num: Generated<number>;
    id: string;
    project_id: string;
    user_id: string;
    name: string;
    policy: string;
    /** JSON */
    rules: string;
    touched: number;
  };
  server_group_members: { group_id: string; server_id: string };
  console_tokens: {
    /** SHA-256 of the token, hex: a read of the database opens no console. */
    token_hash: string;
    server_id: string;
    type: string;
    host: string;
    port: number;
    /** Milliseconds since 1970. */
    expires_at: number;
  };
  /** Ports that Neutron has reported as wired (network-vif-plugged). */
  plugged_ports: { port_id: string; server_id: string };
  /** Guest agents that hypervisors of the XenAPI kind are to install. */
  agent_builds: {
    num: Generated<number>;
    hypervisor: string;
    os: string;
    architecture: string;
    version: string;
    url: string;
    md5hash: string;
    created_at: string;
  };
  /** What nova-cert has signed; an authority is `root` or a project's id. */
  certificates: {
    num: Generated<number>;
    authority: string;
    /** Hex. */
    serial: string;
    user_id: string;
    project_id: string;
    subject: string;
    created_at: string;
    revoked_at: string | null;
  };
  /** Audits of what ran on a host in a period. */
  task_log: {
    host: string;
    period_beginning: string;
    period_ending: string;
    state: string;
    message: string;
    task_items: number;
    errors: number;
  };
  /** Numbers by which the EC2 API names images, volumes and snapshots; servers have theirs already. */
  ec2_ids: { kind: string; num: number; id: string };
  /** `RunInstances` that were asked for with a token: asking again gives the same reservation. */
  ec2_client_tokens: { project_id: string; token: string; reservation_id: string; created_at: string };
  /** Rows of deleted servers that `nova-manage db archive_deleted_rows` has moved away; `record` is the row as JSON. */
  shadow_instances: { id: string; project_id: string; deleted_at: string | null; record: string };
  /** Counters that tell caches of other processes that something changed. */
  cache_versions: { name: string; version: number };
}

export interface InstanceTable {
  num: Generated<number>;
  id: string;
  project_id: string;
  user_id: string;
  reservation_id: string;
  launch_index: number;
  display_name: string;
  description: string | null;
  hostname: string;
  vm_state: string;
  task_state: string | null;
  power_state: string;
  progress: number;
  host: string | null;
  node: string | null;
  availability_zone: string | null;
  /** `--availability-zone zone:host` of an administrator. */
  forced_host: string | null;
  flavor_id: string;
  /** JSON of FlavorSnapshot */
  flavor: string;
  vcpus: number;
  memory_mb: number;
  disk_gb: number;
  image_id: string | null;
  /** JSON of ImageSnapshot */
  image: string | null;
  root_device_name: string | null;
  key_name: string | null;
  key_data: string | null;
  user_data: string | null;
  config_drive: number;
  access_ip_v4: string | null;
  access_ip_v6: string | null;
  disk_config: string;
  locked_by: string | null;
  locked_reason: string | null;
  /** JSON, string → string */
  metadata: string;
  /** JSON, list of strings */
  tags: string;
  /** JSON, list of names */
  security_groups: string;
  /** JSON of RequestedNetworking */
  requested_networks: string;
  /** JSON, list of PortInfo: what Neutron said last. */
  network_info: string;
  /** 1: Neutron has said that something changed, and nobody has looked yet. */
  network_stale: number;
  /** JSON, list of {path, contents} */
  personality: string;
  /** JSON */
  scheduler_hints: string;
  /** JSON, list of strings, or null */
  trusted_certificates: string | null;
  /** Kept only until the config drive that carries it is made. */
  admin_password: string | null;
  /** Set by the guest itself, encrypted for its key pair. */
  guest_password: string | null;
  /** JSON, string → string: what an operation must know of the server and no user sees (`shelved_image_id` …). Null is none. */
  system_metadata: Generated<string | null>;
  /** JSON: hosts that failed to build it, with the reason. */
  failed_hosts: string;
  /** JSON of Fault */
  fault: string | null;
  created_at: string;
  updated_at: string;
  launched_at: string | null;
  terminated_at: string | null;
  deleted: number;
  deleted_at: string | null;
}

/** A move of a server: resize, cold migration, evacuation, live migration. */
export interface MigrationTable {
  num: Generated<number>;
  /** The server's claim on its old host is held in this name while the move is open. */
  uuid: string;
  server_id: string;
  project_id: string;
  user_id: string | null;
  /** `resize`, `migration`, `evacuation`, `live-migration` */
  type: string;
  status: string;
  source_compute: string | null;
  source_node: string | null;
  dest_compute: string | null;
  dest_node: string | null;
  dest_host: string | null;
  /** JSON of FlavorSnapshot */
  old_flavor: string;
  new_flavor: string;
  /** Row numbers of the flavors at that time: `old_instance_type_id`. */
  old_flavor_num: number | null;
  new_flavor_num: number | null;
  /** What the server was before, and is again after a revert. */
  old_vm_state: string;
  created_at: string;
  updated_at: string | null;
}

/** A volume of a server, or a local disk that its request named. */
export interface BlockDeviceTable {
  num: Generated<number>;
  id: string;
  server_id: string;
  source_type: string;
  destination_type: string;
  boot_index: number | null;
  /** `/dev/vdb` */
  device_name: string;
  disk_bus: string | null;
  device_type: string | null;
  guest_format: string | null;
  /** Null until the volume is made. */
  volume_id: string | null;
  image_id: string | null;
  snapshot_id: string | null;
  /** GiB; of swap MiB. */
  volume_size: number | null;
  volume_type: string | null;
  delete_on_termination: number;
  tag: string | null;
  /** 1: other servers may have it at the same time (multiattach). */
  shared: number;
  /** At Cinder. How the volume is reached is never kept here: it holds a secret, and Cinder says it at need. */
  attachment_id: string | null;
  /** The host that the attachment is connected to. */
  connected_host: string | null;
  created_at: string;
}

export interface FlavorTable {
  num: Generated<number>;
  flavor_id: string;
  name: string;
  memory_mb: number;
  vcpus: number;
  root_gb: number;
  ephemeral_gb: number;
  swap_mb: number;
  rxtx_factor: number;
  is_public: number;
  disabled: number;
  description: string | null;
  /** JSON, string → string */
  extra_specs: string;
  created_at: string;
}

export interface ComputeNodeTable {
  num: Generated<number>;
  id: string;
  host: string;
  hypervisor_hostname: string;
  hypervisor_type: string;
  hypervisor_version: number;
  vcpus: number;
  memory_mb: number;
  disk_gb: number;
  free_disk_gb: number;
  vcpus_used: number;
  memory_mb_used: number;
  disk_gb_used: number;
  /** JSON */
  cpu_info: string;
  /** JSON, list of [arch, type, mode] */
  supported_instances: string;
  created_at: string;
  changed_at: string;
}
