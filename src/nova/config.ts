import { policyFileOption } from '#common/auth/policy-file.ts';
import { authtokenOptions, databaseOptions, loggingOptions } from '#common/config/common-options.ts';
import { bool, float, int, list, oneOf, optionalStr, str, type ConfigOf } from '#common/config/config.ts';

/** What the daemons of Nova read of nova.conf, under the manual's names; what only nova-compute reads is in its own table. */
export const novaOptions = {
  DEFAULT: {
    ...loggingOptions,
    policy_file: policyFileOption('/etc/nova'),
    my_ip: str({ default: '127.0.0.1', help: 'Management address of this host; other options default to it.' }),
    state_path: str({ default: '/var/lib/nova', help: "The folder of Nova's files." }),
    auth_strategy: oneOf(['keystone', 'noauth'], {
      default: 'keystone',
      help: 'Who authenticates the callers of the API. Only keystone is served; noauth stops the daemon with a message.',
    }),
    enabled_apis: list({
      default: ['ec2', 'osapi_compute', 'metadata'],
      help: 'Which APIs nova-api serves: osapi_compute (8774), metadata (8775) and ec2 (8773).',
    }),
    osapi_compute_listen: str({ default: '0.0.0.0', help: 'Address of the compute API.' }),
    osapi_compute_listen_port: int({ default: 8774, help: 'Port of the compute API.' }),
    metadata_listen: str({ default: '0.0.0.0', help: 'Address of the metadata API.' }),
    metadata_listen_port: int({ default: 8775, help: 'Port of the metadata API.' }),
    osapi_max_limit: int({ default: 1000, help: 'The most items that one list page gives.' }),
    operation_retention_days: int({
      default: 30,
      help: 'Days that operations which have ended are kept, for os-operations and os-instance-actions; 0 keeps them for ever.',
    }),
    instance_name_template: str({
      default: 'instance-%08x',
      help: "How a server is called at the hypervisor; its row's number is put in.",
    }),
    default_availability_zone: str({
      default: 'nova',
      help: 'Zone of compute hosts that are in no aggregate with a zone.',
    }),
    default_schedule_zone: optionalStr({
      default: null,
      help: 'Zone of servers whose request names none; any zone unless set.',
    }),
    internal_service_availability_zone: str({
      default: 'internal',
      help: 'Zone of the daemons that run no servers.',
    }),
    allow_resize_to_same_host: bool({ default: false, help: 'Let a resize choose the host where the server is.' }),
    resize_confirm_window: int({
      default: 0,
      help: 'Seconds after which a resize that nobody has confirmed is confirmed; 0 waits for ever.',
    }),
    shelved_offload_time: int({
      default: 0,
      help: 'Seconds that a shelved server stays on its host; 0 offloads it at once, -1 never.',
    }),
    reclaim_instance_interval: int({
      default: 0,
      help: 'Seconds during which a deleted server can be restored; 0 deletes at once.',
    }),
    force_config_drive: str({
      default: 'False',
      help: 'Give every server a config drive (always or True), asked for or not.',
    }),
    default_flavor: str({ default: 'm1.small', help: 'Flavor of the EC2 API where a request names none.' }),
    use_forwarded_for: bool({ default: false, help: 'Believe X-Forwarded-For of a load balancer.' }),
    password_length: int({ default: 12, help: 'Characters of a generated administrator password.' }),
    osapi_compute_link_prefix: optionalStr({
      default: null,
      help: "Scheme, host and port of links in answers; the client's own Host header unless set.",
    }),

    quota_instances: int({ default: 10, help: 'Servers per project; -1 is unlimited.' }),
    quota_cores: int({ default: 20, help: 'Virtual CPUs per project.' }),
    quota_ram: int({ default: 51_200, help: 'Memory per project, MiB.' }),
    quota_metadata_items: int({ default: 128, help: 'Metadata items per server.' }),
    quota_injected_files: int({ default: 5, help: 'Injected files per server.' }),
    quota_injected_file_content_bytes: int({ default: 10_240, help: 'Bytes per injected file.' }),
    quota_injected_file_path_length: int({
      default: 255,
      help: "Bytes of an injected file's path.",
      deprecated: ['DEFAULT/quota_injected_file_path_bytes'],
    }),
    quota_key_pairs: int({ default: 100, help: 'Key pairs per user.' }),
    quota_server_groups: int({ default: 10, help: 'Server groups per project.' }),
    quota_server_group_members: int({ default: 10, help: 'Servers per server group.' }),
    quota_floating_ips: int({ default: 10, help: "Shown by the v2 API; Neutron's quota is what counts." }),
    quota_fixed_ips: int({ default: -1, help: "Shown by the v2 API; Neutron's quota is what counts." }),
    quota_security_groups: int({ default: 10, help: "Shown by the v2 API; Neutron's quota is what counts." }),
    quota_security_group_rules: int({ default: 20, help: "Shown by the v2 API; Neutron's quota is what counts." }),

    quota_driver: str({
      default: 'nova.quota.DbQuotaDriver',
      help: 'nova.quota.NoopQuotaDriver limits nothing.',
      deprecated: ['quota/driver'],
    }),

    report_interval: int({ default: 10, help: "Seconds between a daemon's heartbeats." }),
    service_down_time: int({ default: 60, help: 'Seconds without a heartbeat after which a daemon counts as down.' }),
    scheduler_default_filters: list({
      default: [
        'RetryFilter',
        'AvailabilityZoneFilter',
        'RamFilter',
        'CoreFilter',
        'DiskFilter',
        'ComputeFilter',
        'ComputeCapabilitiesFilter',
        'ImagePropertiesFilter',
        'ServerGroupAntiAffinityFilter',
        'ServerGroupAffinityFilter',
      ],
      help: 'Which filters a host must pass, in this order. A resource whose filter is left out is not limited.',
      deprecated: ['filter_scheduler/enabled_filters'],
    }),
    scheduler_max_attempts: int({
      default: 3,
      help: 'Hosts that a boot is tried on before the server goes to ERROR.',
      deprecated: ['scheduler/max_attempts'],
    }),
    scheduler_host_subset_size: int({
      default: 1,
      help: 'The new host is chosen at random among this many best ones.',
      deprecated: ['filter_scheduler/host_subset_size'],
    }),
    cpu_allocation_ratio: float({ default: 16, help: 'Virtual CPUs handed out per CPU of a host.' }),
    ram_allocation_ratio: float({ default: 1.5, help: 'Memory handed out per memory of a host.' }),
    disk_allocation_ratio: float({ default: 1, help: 'Disk handed out per disk of a host.' }),
    reserved_host_memory_mb: int({ default: 512, help: 'Memory of a host that is kept from servers, MiB.' }),
    reserved_host_disk_mb: int({ default: 0, help: 'Disk of a host that is kept from servers, MiB.' }),
    ram_weight_multiplier: float({
      default: 1,
      help: 'How much free memory counts when hosts are compared; negative packs servers together.',
    }),
    cpu_weight_multiplier: float({ default: 0, help: 'How much free virtual CPUs count.' }),
    disk_weight_multiplier: float({ default: 0, help: 'How much free disk counts.' }),
    instance_build_timeout: int({
      default: 0,
      help: 'Seconds that one host may take to make a guest; 0 means 1800.',
    }),
    shutdown_timeout: int({
      default: 60,
      help: 'Seconds that a guest gets to shut down by itself before its power is cut.',
    }),
    heal_instance_info_cache_interval: int({
      default: 60,
      help: 'Seconds between two looks of the conductor at what Neutron says of servers whose addresses may be stale.',
    }),

    glance_host: str({ default: '$my_ip', help: 'Host of glance-api.' }),
    glance_port: int({ default: 9292, help: 'Port of glance-api.' }),
    glance_protocol: oneOf(['http', 'https'], { default: 'http', help: 'Scheme of glance-api.' }),
    network_api_class: str({
      default: 'nova.network.neutronv2.api.API',
      help: 'Accepted for the sake of old files: the network API is Neutron.',
    }),
    security_group_api: str({
      default: 'neutron',
      help: 'Accepted for the sake of old files: security groups live in Neutron.',
    }),
    neutron_url: str({
      default: 'http://127.0.0.1:9696',
      help: 'Base URL of neutron-server.',
      deprecated: ['neutron/url'],
    }),
    neutron_auth_strategy: str({ default: 'keystone', help: 'How Nova authenticates to Neutron: keystone.' }),
    neutron_admin_tenant_name: optionalStr({
      default: null,
      help: "Tenant of the account that Nova uses towards Neutron; the service's own unless set.",
      deprecated: ['neutron/admin_tenant_name'],
    }),
    neutron_admin_username: optionalStr({
      default: null,
      help: 'User of that account.',
      deprecated: ['neutron/admin_username'],
    }),
    neutron_admin_password: optionalStr({
      default: null,
      help: 'Its password.',
      secret: true,
      deprecated: ['neutron/admin_password'],
    }),
    neutron_admin_auth_url: str({
      default: 'http://localhost:5000/v2.0',
      help: 'Identity URL for that account.',
      deprecated: ['neutron/admin_auth_url'],
    }),
    neutron_ovs_bridge: str({ default: 'br-int', help: 'Integration bridge where Neutron names none.' }),
    linuxnet_interface_driver: str({
      default: '',
      help: 'Accepted for the sake of old files: interfaces are wired as Neutron says.',
    }),
    firewall_driver: str({
      default: 'nova.virt.firewall.NoopFirewallDriver',
      help: 'Accepted for the sake of old files: Neutron filters.',
    }),
    vif_plugging_timeout: int({
      default: 300,
      help: 'Seconds to wait until Neutron has wired the ports of a new server; 0 does not wait.',
    }),
    vif_plugging_is_fatal: bool({ default: true, help: 'Whether a boot fails when they are not wired in time.' }),
    service_neutron_metadata_proxy: bool({
      default: false,
      help: "Believe the X-Instance-ID, X-Tenant-ID and X-Instance-ID-Signature headers of Neutron's metadata agent.",
      deprecated: ['neutron/service_metadata_proxy'],
    }),
    neutron_metadata_proxy_shared_secret: str({
      default: '',
      help: "Key of that signature; the metadata agent's metadata_proxy_shared_secret.",
      secret: true,
      deprecated: ['neutron/metadata_proxy_shared_secret'],
    }),
    cinder_catalog_info: str({
      default: 'volumev2:cinderv2:publicURL',
      help: 'Service type, name and kind of endpoint under which the service catalogue has Cinder.',
      deprecated: ['cinder/catalog_info'],
    }),
    cinder_endpoint_template: optionalStr({
      default: null,
      help: "Base URL of cinder-api instead of the catalogue's: http://controller:8776. Its path is ignored.",
      deprecated: ['cinder/endpoint_template'],
    }),
    cinder_cross_az_attach: bool({
      default: true,
      help: 'Let servers and volumes of different availability zones be attached to each other.',
      deprecated: ['cinder/cross_az_attach'],
    }),
    max_local_block_devices: int({
      default: 3,
      help: 'Local disks that a request for a server may ask for, the root disk among them; -1 is unlimited.',
    }),
    block_device_allocate_retries: int({
      default: 60,
      help: 'How often a new server looks whether a volume that is made for it is ready.',
    }),
    block_device_allocate_retries_interval: int({ default: 3, help: 'Seconds between two of these looks.' }),
    dhcp_domain: str({ default: 'novalocal', help: 'Domain of host names in metadata.' }),

    vnc_enabled: bool({ default: true, help: 'Give every server a VNC display.', deprecated: ['vnc/enabled'] }),
    vncserver_listen: str({
      default: '127.0.0.1',
      help: "Address that the hypervisor's VNC servers listen on.",
      deprecated: ['vnc/vncserver_listen', 'vnc/server_listen'],
    }),
    vncserver_proxyclient_address: str({
      default: '127.0.0.1',
      help: "Address that the proxies connect to in order to reach this compute host's VNC servers.",
      deprecated: ['vnc/vncserver_proxyclient_address', 'vnc/server_proxyclient_address'],
    }),
    novncproxy_base_url: str({
      default: 'http://127.0.0.1:6080/vnc_auto.html',
      help: 'URL that get-vnc-console returns; ?token=… is appended.',
      deprecated: ['vnc/novncproxy_base_url'],
    }),
    novncproxy_host: str({
      default: '0.0.0.0',
      help: 'Address of nova-novncproxy.',
      deprecated: ['vnc/novncproxy_host'],
    }),
    novncproxy_port: int({ default: 6080, help: 'Port of nova-novncproxy.', deprecated: ['vnc/novncproxy_port'] }),
    xvpvncproxy_base_url: str({
      default: 'http://127.0.0.1:6081/console',
      help: 'URL that get-vnc-console returns for xvpvnc; ?token=… is appended.',
      deprecated: ['vnc/xvpvncproxy_base_url'],
    }),
    xvpvncproxy_host: str({
      default: '0.0.0.0',
      help: 'Address of nova-xvpvncproxy.',
      deprecated: ['vnc/xvpvncproxy_host'],
    }),
    xvpvncproxy_port: int({ default: 6081, help: 'Port of nova-xvpvncproxy.', deprecated: ['vnc/xvpvncproxy_port'] }),
    web: str({ default: '/usr/share/novnc', help: 'Folder of the noVNC pages.' }),
    console_allowed_origins: list({
      default: [],
      help: "Host names, besides the proxy's own, whose pages may open a console.",
      deprecated: ['console/allowed_origins'],
    }),
    console_token_ttl: int({ default: 600, help: 'Seconds that a console token is good for.' }),

    ca_path: str({ default: '$state_path/CA', help: 'Folder of the certificate authorities of nova-cert.' }),
    keys_path: str({
      default: '$state_path/keys',
      help: 'Accepted for the sake of old files: keys are made in memory and kept nowhere.',
    }),
    ca_file: str({ default: 'cacert.pem', help: "The authority's certificate, below ca_path." }),
    key_file: str({ default: 'private/cakey.pem', help: "The authority's private key, below ca_path." }),
    crl_file: str({ default: 'crl.pem', help: 'The list of revoked certificates, below ca_path.' }),
    use_project_ca: bool({ default: false, help: 'Give every project a certificate authority of its own.' }),
    user_cert_subject: str({
      default: '/C=US/ST=California/O=OpenStack/OU=NovaDev/CN=%.16s-%.16s-%s',
      help: "Subject of users' certificates; project, user and time are put in.",
    }),
    project_cert_subject: str({
      default: '/C=US/ST=California/O=OpenStack/OU=NovaDev/CN=project-ca-%.16s-%s',
      help: "Subject of a project's authority; project and time are put in.",
    }),

    ec2_listen: str({ default: '0.0.0.0', help: 'Address of the EC2 API.' }),
    ec2_listen_port: int({ default: 8773, help: 'Port of the EC2 API.' }),
    ec2_host: str({ default: '$my_ip', help: "Host of the EC2 API in DescribeRegions' answer." }),
    ec2_port: int({ default: 8773, help: "Port of the EC2 API in DescribeRegions' answer." }),
    ec2_scheme: oneOf(['http', 'https'], {
      default: 'http',
      help: "Scheme of the EC2 API in DescribeRegions' answer.",
    }),
    ec2_path: str({ default: '/services/Cloud', help: "Path of the EC2 API in DescribeRegions' answer." }),
    ec2_timestamp_expiry: int({ default: 300, help: 'Seconds after which a signed EC2 request is too old.' }),
    ec2_private_dns_show_ip: bool({
      default: false,
      help: 'Let the EC2 API give the private address as the private host name.',
    }),
    region_list: list({ default: [], help: 'Regions of the EC2 API: name=host, separated by commas.' }),
    keystone_ec2_url: optionalStr({
      default: null,
      help: "Where EC2 signatures are checked; the Identity service's /v2.0/ec2tokens unless set.",
    }),
    lockout_attempts: int({ default: 5, help: 'Failed EC2 requests of an access key that lock it out.' }),
    lockout_minutes: int({ default: 15, help: 'Minutes that it stays locked out.' }),
    lockout_window: int({ default: 15, help: 'Minutes within which the failed requests count.' }),

    vpn_image_id: str({ default: '0', help: 'Image of cloudpipe servers; 0 is none.' }),
    fping_path: str({ default: '/usr/sbin/fping', help: 'Program behind os-fping.' }),
    instance_usage_audit: bool({
      default: false,
      help: 'Tell once per period what exists (compute.instance.exists), and log it for os-instance_usage_audit_log.',
    }),
    instance_usage_audit_period: str({
      default: 'month',
      help: 'hour, day, month or year; @ and a number shift its beginning: day@3.',
    }),
  },
  serial_console: {
    enabled: bool({ default: false, help: 'Give every server a serial console that can be opened.' }),
    base_url: str({
      default: 'ws://127.0.0.1:6083/',
      help: 'URL that get-serial-console returns; ?token=… is appended.',
    }),
    port_range: str({
      default: '10000:20000',
      help: 'TCP ports of serial consoles on compute hosts: the first and the last, with a colon between.',
    }),
    listen: str({ default: '127.0.0.1', help: "Address that the guests' serial consoles listen on." }),
    proxyclient_address: str({
      default: '127.0.0.1',
      help: "Address that nova-serialproxy connects to in order to reach this compute host's serial consoles.",
    }),
    serialproxy_host: str({ default: '0.0.0.0', help: 'Address of nova-serialproxy.' }),
    serialproxy_port: int({ default: 6083, help: 'Port of nova-serialproxy.' }),
  },
  database: databaseOptions('sqlite:////var/lib/nova/nova.sqlite'),
  keystone_authtoken: authtokenOptions,
} as const;

export type NovaConfig = ConfigOf<typeof novaOptions>;
