import { join } from 'node:path';
import { diskFile } from '../disks/guest-disks.ts';
import type { GuestDisk, GuestInterface } from '../driver.ts';
import type { StartedSpec } from '../rescue.ts';
import { tapBridge, vifNames } from '../vif/vif.ts';
import { xml, type XmlElement } from './xml.ts';

export interface DomainHost {
  readonly virtType: 'kvm' | 'qemu';
  /** Path of qemu-system-x86_64. */
  readonly emulator: string;
  /** `none` where the file system can bypass the page cache, else `writethrough`. */
  readonly cacheMode: 'none' | 'writethrough';
  readonly hostUuid: string;
  /** libvirt's; 8.0.0 → 8000000. */
  readonly libvirtVersion: number;
  readonly usbTablet: boolean;
  readonly vncKeymap: string;
  readonly configDriveFormat: 'iso9660' | 'vfat';
  /** iSCSI name of the host. */
  readonly initiator: string;
}

/** Where a guest's serial console listens. */
export interface SerialAddress {
  readonly listen: string;
  readonly port: number;
}

export const CONSOLE_LOG = 'console.log';
/** Since when libvirt can bound the memory of translated code. */
const KNOWS_TB_CACHE = 8_001_000;

/**
 * The domain of a guest: the manual's appendix 3 without what libvirt adds by itself.
 * @param serial null: the serial port only writes the console log
 */
export function domainXml(
  spec: StartedSpec,
  folder: string,
  host: DomainHost,
  serial: SerialAddress | null = null,
): XmlElement {
  const kib = spec.memoryMb * 1024;
  const line = serialLine(join(folder, CONSOLE_LOG), serial);
  const tcg = host.virtType === 'qemu' && host.libvirtVersion >= KNOWS_TB_CACHE;
  return xml(
    'domain',
    { type: host.virtType },
    xml('name', {}, spec.name),
    xml('uuid', {}, spec.id),
    xml(
      'metadata',
      {},
      xml(
        'nova:instance',
        { 'xmlns:nova': 'http://openstack.org/xmlns/libvirt/nova/1.0' },
        xml('nova:name', {}, spec.displayName),
        xml('nova:owner', {}, xml('nova:project', { uuid: spec.projectId })),
      ),
    ),
    xml('memory', { unit: 'KiB' }, String(kib)),
    xml('currentMemory', { unit: 'KiB' }, String(kib)),
    xml('vcpu', { placement: 'static' }, String(spec.vcpus)),
    xml('sysinfo', { type: 'smbios' }, systemInfo(spec, host)),
    xml(
      'os',
      {},
      xml('type', { arch: 'x86_64', machine: 'pc' }, 'hvm'),
      ...(spec.kernelPath === undefined
        ? [xml('boot', { dev: 'hd' })]
        : [
            xml('kernel', {}, spec.kernelPath),
            spec.ramdiskPath === undefined ? null : xml('initrd', {}, spec.ramdiskPath),
            xml('cmdline', {}, spec.kernelCommandLine ?? ''),
          ]),
      xml('smbios', { mode: 'sysinfo' }),
    ),
    xml(
      'features',
      {},
      xml('acpi'),
      xml('apic'),
      // Without a bound a small guest's emulator grows to a gigabyte of translated code.
      tcg ? xml('tcg', {}, xml('tb-cache', { unit: 'MiB' }, '32')) : null,
    ),
    xml('cpu', { mode: 'host-model' }, xml('model', { fallback: 'allow' })),
    clock(host.virtType),
    xml('on_poweroff', {}, 'destroy'),
    xml('on_reboot', {}, 'restart'),
    xml('on_crash', {}, 'destroy'),
    xml(
      'devices',
      {},
      xml('emulator', {}, host.emulator),
      ...spec.disks.map((disk) => diskXml(disk, folder, host)),
      spec.configDrive === null ? null : configDriveXml(join(folder, spec.configDrive), host),
      ...spec.interfaces.map((nic) => interfaceXml(nic, host)),
      xml('serial', { type: line.type }, ...line.parts, xml('target', { port: 0 })),
      xml('serial', { type: 'pty' }, xml('target', { port: 1 })),
      xml('console', { type: line.type }, ...line.parts, xml('target', { type: 'serial', port: 0 })),
      spec.guestAgent
        ? xml(
            'channel',
            { type: 'unix' },
            xml('source', { mode: 'bind' }),
            xml('target', { type: 'virtio', name: 'org.qemu.guest_agent.0' }),
          )
        : null,
      host.usbTablet && spec.vnc ? xml('input', { type: 'tablet', bus: 'usb' }) : null,
      ...(spec.vnc ? screen(spec.vnc.listen, host) : []),
      xml('memballoon', { model: 'virtio' }),
      // Without it a guest's random generator takes up to half a minute to be ready.
      xml('rng', { model: 'virtio' }, xml('backend', { model: 'random' }, '/dev/urandom')),
    ),
  );
}

/** What the guest says is logged, whether somebody is connected or not. */
function serialLine(log: string, serial: SerialAddress | null): { type: string; parts: XmlElement[] } {
  if (serial === null) return { type: 'file', parts: [xml('source', { path: log, append: 'on' })] };
  return {
    type: 'tcp',
    parts: [
      xml('source', { mode: 'bind', host: serial.listen, service: String(serial.port) }),
      xml('protocol', { type: 'raw' }),
      xml('log', { file: log, append: 'on' }),
    ],
  };
}

function systemInfo(spec: StartedSpec, host: DomainHost): XmlElement {
  const entry = (name: string, value: string): XmlElement => xml('entry', { name }, value);
  return xml(
    'system',
    {},
    entry('manufacturer', 'OpenStack Foundation'),
    entry('product', 'OpenStack Nova'),
    entry('version', '2014.1'),
    entry('serial', host.hostUuid),
    entry('uuid', spec.id),
  );
}

/** KVM guests keep time better with these (nova.virt.libvirt does the same). */
function clock(virtType: 'kvm' | 'qemu'): XmlElement {
  if (virtType === 'qemu') return xml('clock', { offset: 'utc' });
  return xml(
    'clock',
    { offset: 'utc' },
    xml('timer', { name: 'pit', tickpolicy: 'delay' }),
    xml('timer', { name: 'rtc', tickpolicy: 'catchup' }),
    xml('timer', { name: 'hpet', present: 'no' }),
  );
}

const screen = (listen: string, host: DomainHost): XmlElement[] => [
  xml(
    'graphics',
    { type: 'vnc', port: -1, autoport: 'yes', listen, keymap: host.vncKeymap },
    xml('listen', { type: 'address', address: listen }),
  ),
  xml('video', {}, xml('model', { type: 'cirrus', vram: 9216, heads: 1 })),
];

export function diskXml(
  disk: GuestDisk,
  folder: string,
  host: Pick<DomainHost, 'cacheMode' | 'initiator'>,
): XmlElement {
  const target = xml('target', { dev: disk.device, bus: disk.bus });
  const driver = (type: string): XmlElement => xml('driver', { name: 'qemu', type, cache: host.cacheMode });
  if (disk.kind !== 'volume') {
    const source = xml('source', { file: join(folder, diskFile(disk)!) });
    return xml('disk', { type: 'file', device: 'disk' }, driver('qcow2'), source, target);
  }
  const { connection } = disk;
  const rest = [
    target,
    connection.readOnly ? xml('readonly') : null,
    disk.shared ? xml('shareable') : null,
    xml('serial', {}, disk.volumeId),
  ];
  if (connection.type === 'file') {
    const block = connection.path.startsWith('/dev/');
    const source = xml('source', { [block ? 'dev' : 'file']: connection.path });
    return xml('disk', { type: block ? 'block' : 'file', device: 'disk' }, driver(connection.format), source, ...rest);
  }
  if (connection.type === 'nfs') throw new Error(`The share ${connection.export} is not mounted.`);
  if (connection.type === 'rbd') {
    const monitors = connection.monitors.map((monitor) => {
      const [name = '', port = '6789'] = monitor.split(':');
      return xml('host', { name, port });
    });
    const source = xml('source', { protocol: 'rbd', name: `${connection.pool}/${connection.image}` }, ...monitors);
    return xml('disk', { type: 'network', device: 'disk' }, driver('raw'), source, ...rest);
  }
  const [name = '', port = '3260'] = connection.portal.split(':');
  const source = xml(
    'source',
    { protocol: 'iscsi', name: `${connection.iqn}/${connection.lun}` },
    xml('host', { name, port }),
    connection.username === null
      ? null
      : xml('auth', { username: connection.username }, xml('secret', { type: 'iscsi', usage: disk.volumeId })),
    xml('initiator', {}, xml('iqn', { name: host.initiator })),
  );
  return xml('disk', { type: 'network', device: 'disk' }, driver('raw'), source, ...rest);
}

function configDriveXml(file: string, host: DomainHost): XmlElement {
  const source = xml('source', { file });
  const driver = xml('driver', { name: 'qemu', type: 'raw', cache: host.cacheMode });
  return host.configDriveFormat === 'iso9660'
    ? xml(
        'disk',
        { type: 'file', device: 'cdrom' },
        driver,
        source,
        xml('target', { dev: 'hdd', bus: 'ide' }),
        xml('readonly'),
      )
    : xml('disk', { type: 'file', device: 'disk' }, driver, source, xml('target', { dev: 'vdz', bus: 'virtio' }));
}

export function interfaceXml(nic: GuestInterface, host: Pick<DomainHost, 'virtType'>): XmlElement {
  const { tap } = vifNames(nic.portId);
  const bridge = tapBridge(nic);
  const rest = [
    xml('model', { type: nic.model }),
    host.virtType === 'qemu' && nic.model === 'virtio' ? xml('driver', { name: 'qemu' }) : null,
    xml('mtu', { size: nic.mtu }),
  ];
  const mac = xml('mac', { address: nic.mac });
  // A port of Open vSwitch itself: its tap is made by us, since libvirt would look for the machine's own Open vSwitch.
  if (bridge === null)
    return xml('interface', { type: 'ethernet' }, mac, xml('target', { dev: tap, managed: 'no' }), ...rest);
  return xml('interface', { type: 'bridge' }, mac, xml('source', { bridge }), xml('target', { dev: tap }), ...rest);
}

/** What libvirt calls a disk's device in QEMU. */
export function deviceAlias({ bus, device }: GuestDisk): string {
  const place = Math.max(0, (device.codePointAt(2) ?? 97) - 97);
  if (bus === 'virtio') return `virtio-disk${place}`;
  return bus === 'scsi' ? `scsi0-0-0-${place}` : `ide0-${Math.floor(place / 2)}-${place % 2}`;
}
