import { policyFileOption } from '#common/auth/policy-file.ts';
import { authtokenOptions, databaseOptions, loggingOptions } from '#common/config/common-options.ts';
import {
  bool,
  float,
  int,
  list,
  oneOf,
  optionalStr,
  str,
  type ConfigOf,
  type ConfigSource,
} from '#common/config/config.ts';
import { loadConfig, type Report } from '#common/config/load.ts';
import { StartupError } from '#common/daemon.ts';

/** What describes one back end: in `[DEFAULT]`, or in the section that `enabled_backends` names. */
export const backendOptions = {
  volume_driver: oneOf(
    ['lvm', 'file', 'nfs', 'rbd', 'fake'],
    {
      default: 'lvm',
      help: 'Where volumes are kept: lvm (cinder.volume.drivers.lvm.LVMISCSIDriver), file (a folder), nfs, rbd, or fake (noted only).',
    },
    {
      'cinder.volume.drivers.lvm.LVMISCSIDriver': 'lvm',
      'cinder.volume.drivers.lvm.LVMVolumeDriver': 'lvm',
      'cinder.volume.drivers.lvm.LVMISERDriver': 'lvm',
      'cinder.volume.drivers.file.FileDriver': 'file',
      'cinder.volume.drivers.nfs.NfsDriver': 'nfs',
      'cinder.volume.drivers.rbd.RBDDriver': 'rbd',
      'cinder.volume.drivers.fake.FakeDriver': 'fake',
      'cinder.tests.fake_driver.FakeISCSIDriver': 'fake',
    },
  ),
  volume_backend_name: optionalStr({
    default: null,
    help: "The back end's name, which volume types ask for; the driver's own name unless set.",
  }),
  backend_host: optionalStr({ default: null, help: "Host name of the back end instead of the daemon's own." }),
  backend_availability_zone: optionalStr({
    default: null,
    help: 'Zone of the back end; storage_availability_zone unless set.',
  }),
  reserved_percentage: int({ default: 0, help: 'Share of the back end that is kept free, in percent.' }),
  max_over_subscription_ratio: float({
    default: 20,
    help: 'How much more than it has a thin back end may promise.',
  }),
  volume_clear: oneOf(['zero', 'none', 'shred'], {
    default: 'zero',
    help: 'What happens to the bytes of a deleted volume.',
  }),
  volume_clear_size: int({ default: 0, help: 'MiB at its beginning that are cleared; 0 clears all.' }),
  volume_name_template: str({ default: 'volume-%s', help: 'Name of a volume in the back end; its id is put in.' }),
  snapshot_name_template: str({
    default: 'snapshot-%s',
    help: 'Name of a snapshot in the back end; its id is put in.',
  }),

  volume_group: str({ default: 'cinder-volumes', help: 'LVM volume group of the volumes.' }),
  lvm_type: oneOf(['default', 'thin', 'auto'], {
    default: 'default',
    help: 'Thick volumes (default), or thin ones in a pool (thin; auto where the tools can).',
  }),
  lvm_mirrors: int({ default: 0, help: 'Copies that LVM keeps of every volume.' }),
  lvm_conf_file: str({ default: '/etc/cinder/lvm.conf', help: 'LVM configuration of the driver where it exists.' }),
  file_volumes_path: str({ default: '$state_path/volumes-data', help: 'Folder of the file driver.' }),
  nfs_shares_config: str({ default: '/etc/cinder/nfs_shares', help: 'File with one host:/path per line.' }),
  nfs_mount_point_base: str({ default: '$state_path/mnt', help: 'Folder that the shares are mounted below.' }),
  nfs_mount_options: optionalStr({ default: null, help: 'Options of the mounts.' }),
  nfs_sparsed_volumes: bool({ default: true, help: 'Make sparse files.' }),
  nfs_qcow2_volumes: bool({ default: false, help: 'Make qcow2 files.' }),
  nfs_snapshot_support: bool({ default: true, help: 'Allow snapshots.' }),
  rbd_pool: str({ default: 'rbd', help: 'Ceph pool of the volumes.' }),
  rbd_user: optionalStr({ default: null, help: 'Ceph user.' }),
  rbd_ceph_conf: str({ default: '', help: 'Path of ceph.conf.' }),
  rbd_secret_uuid: optionalStr({ default: null, help: "libvirt's secret with the key of rbd_user." }),
  rbd_flatten_volume_from_snapshot: bool({ default: false, help: 'Copy instead of cloning.' }),
  rbd_max_clone_depth: int({ default: 5, help: 'Clones of clones before one is copied.' }),

  iscsi_helper: oneOf(
    ['tgt', 'lio', 'local', 'fake'],
    {
      default: 'tgt',
      help: 'What exports volumes: tgtadm (tgt), lioadm (lio), local (the path itself, for servers of this host), or fake.',
      deprecated: ['DEFAULT/target_helper'],
    },
    { tgtadm: 'tgt', lioadm: 'lio' },
  ),
  iscsi_ip_address: str({
    default: '$my_ip',
    help: 'Address that volumes are exported on.',
    deprecated: ['DEFAULT/target_ip_address'],
  }),
  iscsi_port: int({ default: 3260, help: 'Port of the export.', deprecated: ['DEFAULT/target_port'] }),
  iscsi_target_prefix: str({
    default: 'iqn.2010-10.org.openstack:',
    help: 'What names of targets begin with.',
    deprecated: ['DEFAULT/target_prefix'],
  }),
  iscsi_protocol: str({ default: 'iscsi', help: 'iscsi or iser.', deprecated: ['DEFAULT/target_protocol'] }),
  iscsi_iotype: oneOf(['fileio', 'blockio', 'auto'], { default: 'fileio', help: 'How the target reads volumes.' }),
  iscsi_write_cache: oneOf(['on', 'off'], { default: 'on', help: 'Write cache of the target.' }),
  use_chap_auth: bool({ default: true, help: 'Ask compute hosts for a password that only they were told (CHAP).' }),
  chap_username: optionalStr({ default: null, help: 'User of CHAP; made up per volume unless set.' }),
  chap_password: optionalStr({
    default: null,
    help: 'Password of CHAP; made up per volume unless set.',
    secret: true,
  }),
  volumes_dir: str({ default: '$state_path/volumes', help: 'Folder of one tgt file per exported volume.' }),
} as const;

/** What the daemons of Cinder read of cinder.conf, under the manual's names. */
export const cinderOptions = {
  DEFAULT: {
    ...loggingOptions,
    ...backendOptions,
    policy_file: policyFileOption('/etc/cinder'),
    my_ip: str({ default: '127.0.0.1', help: 'Management address of this host; other options default to it.' }),
    state_path: str({ default: '/var/lib/cinder', help: "The folder of Cinder's files." }),
    auth_strategy: oneOf(['keystone', 'noauth', 'deprecated'], {
      default: 'keystone',
      help: 'Who authenticates the callers of the API. Only keystone is served; noauth stops the daemon with a message.',
    }),
    enabled_backends: list({
      default: [],
      help: 'Sections of this file that describe one back end each; unset, [DEFAULT] describes the only one.',
    }),
    default_volume_type: str({
      default: '__DEFAULT__',
      help: 'Type of volumes whose request names none. Empty: none, as in Icehouse.',
    }),
    osapi_volume_listen: str({ default: '0.0.0.0', help: 'Address of the API.' }),
    osapi_volume_listen_port: int({ default: 8776, help: 'Port of the API.' }),
    osapi_volume_base_URL: optionalStr({
      default: null,
      help: "Scheme, host and port of links in answers; the client's own Host header unless set.",
      deprecated: ['DEFAULT/public_endpoint'],
    }),
    osapi_max_limit: int({ default: 1000, help: 'The most items that one list page gives.' }),
    operation_retention_days: int({
      default: 30,
      help: 'Days that operations which have ended are kept, for os-operations; 0 keeps them for ever.',
    }),
    enable_v1_api: bool({ default: true, help: 'Serve API v1.' }),
    enable_v2_api: bool({ default: true, help: 'Serve API v2.' }),
    enable_v3_api: bool({ default: true, help: 'Serve API v3.' }),
    enable_force_upload: bool({ default: false, help: 'Let volumes in use be uploaded to images by force.' }),
    allow_inuse_volume_type_modification: bool({
      default: false,
      help: 'Let extra specs of a type be changed that volumes have.',
    }),
    resource_query_filters_file: str({
      default: 'resource_filters.json',
      help: 'Accepted for the sake of old files: all filters may be used.',
    }),
    storage_availability_zone: str({ default: 'nova', help: 'Zone of this host.' }),
    default_availability_zone: optionalStr({
      default: null,
      help: 'Zone of volumes whose request names none; storage_availability_zone unless set.',
    }),
    allow_availability_zone_fallback: bool({
      default: false,
      help: 'Put volumes for a zone that is not there into the default zone.',
    }),
    cloned_volume_same_az: bool({ default: true, help: 'Copies of volumes are in the zone of the original.' }),
    snapshot_same_host: bool({ default: true, help: 'Volumes from snapshots are in the back end of the snapshot.' }),
    use_forwarded_for: bool({ default: false, help: 'Believe X-Forwarded-For of a load balancer.' }),

    quota_volumes: int({ default: 10, help: 'Volumes per project; -1 is unlimited.' }),
    quota_snapshots: int({ default: 10, help: 'Snapshots per project.' }),
    quota_gigabytes: int({ default: 1000, help: 'GiB of volumes and snapshots per project.' }),
    quota_backups: int({ default: 10, help: 'Backups per project.' }),
    quota_backup_gigabytes: int({ default: 1000, help: 'GiB of backups per project.' }),
    quota_groups: int({ default: 10, help: 'Groups per project.', deprecated: ['DEFAULT/quota_consistencygroups'] }),
    per_volume_size_limit: int({ default: -1, help: 'GiB of one volume.' }),
    no_snapshot_gb_quota: bool({ default: false, help: "Whether snapshots' sizes do not count as gigabytes." }),
    use_default_quota_class: bool({ default: true, help: 'Take defaults from the quota class "default".' }),
    reservation_expire: int({ default: 86_400, help: 'Accepted for the sake of old files: nothing is reserved.' }),

    report_interval: int({ default: 10, help: "Seconds between a daemon's heartbeats." }),
    periodic_interval: int({ default: 60, help: 'Seconds between two looks of cinder-volume at its back end.' }),
    service_down_time: int({ default: 60, help: 'Seconds without a heartbeat after which a daemon counts as down.' }),
    scheduler_default_filters: list({
      default: ['AvailabilityZoneFilter', 'CapacityFilter', 'CapabilitiesFilter'],
      help: 'Which filters a back end must pass, in this order.',
    }),
    scheduler_default_weighers: list({
      default: ['CapacityWeigher'],
      help: 'What back ends are compared by: CapacityWeigher, AllocatedCapacityWeigher, ChanceWeigher, VolumeNumberWeigher.',
    }),
    scheduler_max_attempts: int({ default: 3, help: 'Back ends that a volume is tried on before it goes to error.' }),
    capacity_weight_multiplier: float({
      default: 1,
      help: 'How much free space counts when back ends are compared; negative fills them one by one.',
    }),
    allocated_capacity_weight_multiplier: float({ default: -1, help: 'How much promised space counts.' }),
    volume_number_multiplier: float({ default: -1, help: 'How much the number of volumes counts.' }),

    glance_host: str({ default: '$my_ip', help: 'Host of glance-api.' }),
    glance_port: int({ default: 9292, help: 'Port of glance-api.' }),
    glance_protocol: oneOf(['http', 'https'], { default: 'http', help: 'Scheme of glance-api.' }),
    glance_api_servers: list({
      default: [],
      help: 'URLs of glance-api instead; the first is used.',
    }),
    glance_api_version: int({ default: 2, help: 'Accepted for the sake of old files: version 2 is spoken.' }),
    glance_num_retries: int({ default: 3, help: 'Tries when Glance does not answer.' }),
    glance_request_timeout: int({ default: 0, help: 'Seconds that Glance has to answer; 0 has no limit.' }),
    private_tgtd: bool({
      default: false,
      help: "Start a tgtd of our own below state_path and keep it alive, instead of using the machine's.",
    }),
    image_conversion_dir: str({
      default: '$state_path/conversion',
      help: 'Folder of images that are being converted.',
    }),
    volume_usage_audit_period: str({ default: 'month', help: 'Accepted for the sake of old files.' }),
    volume_transfer_key_length: int({ default: 16, help: 'Characters of the key that a transfer is accepted with.' }),
    volume_transfer_salt_length: int({ default: 8, help: 'Bytes that its hash is salted with.' }),
    message_ttl: int({ default: 2_592_000, help: 'Seconds that messages to users are kept.' }),
    default_group_type: optionalStr({ default: null, help: 'Group type where a request names none.' }),
    scheduler_driver_init_wait_time: int({
      default: 60,
      help: 'Seconds that the scheduler waits for the first reports of back ends.',
    }),

    backup_driver: str({
      default: 'cinder.backup.drivers.posix.PosixBackupDriver',
      help: 'Where backups go: cinder.backup.drivers.posix.PosixBackupDriver (a folder), cinder.backup.drivers.swift.SwiftBackupDriver.',
    }),
    backup_posix_path: str({ default: '$state_path/backup', help: 'Folder of backups.' }),
    backup_share: optionalStr({ default: null, help: 'NFS share of backups, server:/path; for the driver nfs.' }),
    backup_mount_point_base: str({ default: '$state_path/backup_mount', help: 'Folder that it is mounted below.' }),
    backup_mount_options: optionalStr({ default: null, help: 'Options of that mount.' }),
    backup_file_size: int({ default: 1_999_994_880, help: 'Bytes of one file of a backup; a multiple of 32 KiB.' }),
    backup_container: optionalStr({ default: null, help: 'Folder or container where a request names none.' }),
    backup_compression_algorithm: oneOf(
      ['none', 'zlib', 'bz2', 'zstd'],
      { default: 'zlib', help: 'How backups are compressed.' },
      { off: 'none', no: 'none', gzip: 'zlib', bzip2: 'bz2' },
    ),
    backup_swift_url: optionalStr({ default: null, help: "Swift's URL; the catalogue's unless set." }),
    backup_swift_container: str({ default: 'volumebackups', help: 'Container in Swift.' }),
    backup_swift_object_size: int({ default: 52_428_800, help: 'Bytes of one object in Swift.' }),
    backup_use_same_host: bool({ default: false, help: "Back up on the volume's host." }),
  },
  backend_defaults: {
    ...backendOptions,
  },
  database: databaseOptions('sqlite:////var/lib/cinder/cinder.sqlite'),
  keystone_authtoken: authtokenOptions,
} as const;

export type CinderConfig = ConfigOf<typeof cinderOptions>;
export type BackendConfig = ConfigOf<{ backend: typeof backendOptions }>['backend'];

/** One back end of this host. */
export interface Backend {
  /** Its section; null when `[DEFAULT]` describes it. */
  readonly section: string | null;
  /** `stor1@lvm`, or `stor1`: how services and volumes name it. */
  readonly host: string;
  /** `volume_backend_name`, or what stands for it. */
  readonly name: string;
  readonly availabilityZone: string;
  readonly conf: BackendConfig;
}

/**
 * The back ends that cinder.conf describes. A section's options that are not said are those of `[backend_defaults]`.
 * @param hostname the daemon's
 * @throws StartupError for a section that is named twice
 */
export function backendsOf(source: ConfigSource, conf: CinderConfig, hostname: string, report?: Report): Backend[] {
  const names = conf.DEFAULT.enabled_backends;
  const zone = conf.DEFAULT.storage_availability_zone;
  if (names.length === 0)
    return [
      {
        section: null,
        host: conf.DEFAULT.backend_host ?? hostname,
        name: conf.DEFAULT.volume_backend_name ?? backendNames[conf.DEFAULT.volume_driver],
        availabilityZone: conf.DEFAULT.backend_availability_zone ?? zone,
        conf: conf.DEFAULT,
      },
    ];
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw new StartupError(`enabled_backends names "${twice}" twice. Name each back end once.`);
  return names.map((section) => {
    const lower = section.toLowerCase();
    const values = source.values.flatMap((raw) => {
      if (raw.section.toLowerCase() === 'backend_defaults') return [{ ...raw, section }];
      return [raw];
    });
    // A section's own word wins over the defaults', wherever it stands in the files.
    const own = source.values.filter((raw) => raw.section.toLowerCase() === lower);
    const loaded: Readonly<Record<string, unknown>> = loadConfig(
      {
        [section]: spelledIn(section),
        DEFAULT: { my_ip: cinderOptions.DEFAULT.my_ip, state_path: cinderOptions.DEFAULT.state_path },
      },
      { values: [...values, ...own] },
      report,
    );
    const made = loaded[section] as BackendConfig;
    return {
      section,
      host: `${made.backend_host ?? hostname}@${section}`,
      name: made.volume_backend_name ?? backendNames[made.volume_driver],
      availabilityZone: made.backend_availability_zone ?? zone,
      conf: made,
    };
  });
}

/** What Cinder's drivers call themselves where the file gives no name. */
const backendNames: Readonly<Record<BackendConfig['volume_driver'], string>> = {
  lvm: 'LVM_iSCSI',
  file: 'file',
  nfs: 'Generic_NFS',
  rbd: 'RBD',
  fake: 'fake',
};

/** Deprecated spellings of a back end's options are those of its own section. */
const spelledIn = (section: string): typeof backendOptions =>
  Object.fromEntries(
    Object.entries(backendOptions).map(([name, option]) => [
      name,
      option.deprecated
        ? { ...option, deprecated: option.deprecated.map((spelling) => spelling.replace('DEFAULT/', `${section}/`)) }
        : option,
    ]),
  ) as typeof backendOptions;
