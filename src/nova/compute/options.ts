import { bool, int, oneOf, optionalStr, str, type ConfigOf } from '#common/config/config.ts';
import { novaOptions } from '../config.ts';

const shared = novaOptions.DEFAULT;

/** What nova-compute reads of nova.conf. What other Nova daemons read too is declared in Nova's own table. */
export const computeOptions = {
  DEFAULT: {
    my_ip: shared.my_ip,
    state_path: shared.state_path,
    instances_path: str({ default: '$state_path/instances', help: "Folder of the guests' disks." }),
    report_interval: shared.report_interval,
    vnc_enabled: shared.vnc_enabled,
    vncserver_listen: shared.vncserver_listen,
    vncserver_proxyclient_address: shared.vncserver_proxyclient_address,
    glance_host: shared.glance_host,
    glance_port: shared.glance_port,
    glance_protocol: shared.glance_protocol,
    compute_driver: oneOf(
      ['auto', 'libvirt', 'qemu', 'fake'],
      {
        default: 'auto',
        help: 'What runs the guests: libvirt (libvirt.LibvirtDriver), qemu (plain QEMU processes), fake (fake.FakeDriver, notes only), or auto for the first of these that the machine can do.',
      },
      {
        'libvirt.LibvirtDriver': 'libvirt',
        'nova.virt.libvirt.LibvirtDriver': 'libvirt',
        'fake.FakeDriver': 'fake',
        'nova.virt.fake.FakeDriver': 'fake',
      },
    ),
    vif_plugging_timeout: shared.vif_plugging_timeout,
    vif_plugging_is_fatal: shared.vif_plugging_is_fatal,
    resume_guests_state_on_host_boot: bool({
      default: true,
      help: 'After a reboot of the host, start those guests again that ran before it.',
    }),
    config_drive_format: oneOf(['iso9660', 'vfat'], { default: 'iso9660', help: 'File system of config drives.' }),
    use_usb_tablet: bool({
      default: true,
      help: 'Give guests with VNC an absolute pointer, so that the mouse in the browser is where it points to.',
      deprecated: ['libvirt/use_usb_tablet'],
    }),
    vnc_keymap: str({ default: 'en-us', help: 'Keyboard map of VNC.' }),
    remove_unused_base_images: bool({ default: true, help: 'Whether base images that no guest uses are removed.' }),
    remove_unused_original_minimum_age_seconds: int({
      default: 86_400,
      help: 'Seconds that an unused base image is kept for the next guest.',
      deprecated: ['libvirt/remove_unused_original_minimum_age_seconds'],
    }),
    image_cache_manager_interval: int({ default: 2_400, help: 'Seconds between two looks for unused base images.' }),
    sync_power_state_interval: int({
      default: 60,
      help: 'Seconds between two comparisons of what should be on this host with what is.',
    }),
  },
  serial_console: {
    enabled: novaOptions.serial_console.enabled,
    listen: novaOptions.serial_console.listen,
    port_range: novaOptions.serial_console.port_range,
    proxyclient_address: novaOptions.serial_console.proxyclient_address,
  },
  keystone_authtoken: novaOptions.keystone_authtoken,
  libvirt: {
    virt_type: oneOf(['kvm', 'qemu', 'lxc', 'uml', 'xen'], {
      default: 'kvm',
      help: 'Kind of libvirt domain; qemu where the CPU lacks vmx or svm.',
      deprecated: ['DEFAULT/libvirt_type'],
    }),
    nfs_mount_point_base: str({
      default: '$state_path/mnt',
      help: 'Folder below which shares with volumes are mounted.',
      deprecated: ['DEFAULT/nfs_mount_point_base'],
    }),
    nfs_mount_options: optionalStr({
      default: null,
      help: 'Options of mount for such shares.',
      deprecated: ['DEFAULT/nfs_mount_options'],
    }),
  },
  ovs: {
    run_dir: str({
      default: '/run/openvswitch',
      help: "Where Open vSwitch's sockets are (db.sock).",
    }),
  },
} as const;

export type ComputeConfig = ConfigOf<typeof computeOptions>;
