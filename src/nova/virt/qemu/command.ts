import { join } from 'node:path';
import type { StartedSpec } from '../rescue.ts';
import type { SerialConsoles } from '../serial.ts';
import { AGENT } from './agent.ts';
import { blockDevice, configDriveDevice, type BlockDevice } from './block-devices.ts';
import type { Places } from './memory.ts';
import { networkDevice } from './network-devices.ts';

export interface CommandHost {
  /** Path of qemu-system-x86_64. */
  readonly program: string;
  readonly kvm: boolean;
  readonly vhost: boolean;
  readonly sandbox: boolean;
  readonly host: string;
  /** Of this machine, for the SMBIOS tables. */
  readonly hostUuid: string;
  readonly usbTablet: boolean;
  readonly vncKeymap: string;
  readonly configDriveFormat: 'iso9660' | 'vfat';
  readonly serial: SerialConsoles | null;
}

export const PID_FILE = 'qemu.pid';
export const MONITOR = 'monitor';
export const CONSOLE_LOG = 'console.log';
/** What QEMU calls the serial line. */
export const SERIAL = 'serial0';

/** How much of VNC's port range QEMU may look through for a free one. */
const VNC_DISPLAYS = 5_000;
/** Of translated code, MiB: QEMU's default is a gigabyte, and a small guest would grow to it. */
const TRANSLATION_BUFFER = 32;

/** x86-64-v2, which today's distributions ask for; `max` has more, and a guest that uses it boots a fifth slower. */
const EMULATED_CPU = 'qemu64,+ssse3,+sse4.1,+sse4.2,+popcnt';

/** The disks of a guest as it is started, in boot order. */
export function guestBlockDevices(spec: StartedSpec, folder: string, host: CommandHost): BlockDevice[] {
  return [
    ...spec.disks.map((disk, index) => blockDevice(disk, folder, host.host, index + 1)),
    ...(spec.configDrive === null ? [] : [configDriveDevice(folder, spec.configDrive, host.configDriveFormat)]),
  ];
}

/**
 * QEMU's command line. It is to be run inside the guest's folder: the monitor's path is relative, since a socket's may have 107 characters.
 * @param places for a QEMU that waits for saved memory: where the devices were when it was saved
 */
export function qemuCommand(
  spec: StartedSpec,
  folder: string,
  host: CommandHost,
  places: Places | null = null,
): string[] {
  const blocks = guestBlockDevices(spec, folder, host);
  const networks = spec.interfaces.map((nic) => networkDevice(nic, host.vhost));
  const json = (flag: string, value: unknown): string[] => [flag, JSON.stringify(value)];
  const placed = <T extends { readonly id: string }>(device: T): T => {
    const addr = places?.[device.id];
    return addr === undefined ? device : { ...device, addr };
  };
  const device = (driver: string, id: string, more = {}): string[] => json('-device', placed({ driver, id, ...more }));
  return [
    host.program,
    '-name',
    `guest=${spec.name}`,
    '-uuid',
    spec.id,
    ...(host.sandbox ? ['-sandbox', 'on,obsolete=deny,resourcecontrol=deny'] : []),
    '-machine',
    'pc,usb=off',
    ...(host.kvm
      ? ['-accel', 'kvm', '-cpu', 'host']
      : ['-accel', `tcg,tb-size=${TRANSLATION_BUFFER}`, '-cpu', EMULATED_CPU]),
    '-smp',
    `${spec.vcpus}`,
    '-m',
    `${spec.memoryMb}`,
    '-no-user-config',
    '-nodefaults',
    '-rtc',
    'base=utc',
    '-boot',
    'strict=on',
    '-smbios',
    `type=1,manufacturer=OpenStack Foundation,product=OpenStack Nova,serial=${host.hostUuid},uuid=${spec.id}`,
    '-qmp',
    `unix:${MONITOR},server=on,wait=off`,
    '-pidfile',
    join(folder, PID_FILE),
    ...(spec.kernelPath === undefined ? [] : ['-kernel', spec.kernelPath]),
    ...(spec.ramdiskPath === undefined ? [] : ['-initrd', spec.ramdiskPath]),
    ...(spec.kernelPath === undefined ? [] : ['-append', spec.kernelCommandLine ?? '']),
    ...(spec.disks.some((disk) => disk.bus === 'scsi') ? device('virtio-scsi-pci', 'scsi0') : []),
    ...blocks.flatMap(({ secret, node, device: front }) => [
      ...(secret ? ['-object', `secret,id=${secret.id},file=${secret.file}`] : []),
      ...json('-blockdev', node),
      ...json('-device', placed(front)),
    ]),
    ...networks.flatMap(({ backend, device: card }) => [...json('-netdev', backend), ...json('-device', placed(card))]),
    '-chardev',
    serialPort(host.serial),
    '-device',
    `isa-serial,chardev=${SERIAL}`,
    ...device('virtio-rng-pci', 'rng0'),
    ...device('virtio-balloon-pci', 'balloon0'),
    ...device('cirrus-vga', 'video0'),
    ...(host.usbTablet && spec.vnc
      ? [...device('piix3-usb-uhci', 'usb'), ...device('usb-tablet', 'tablet0', { bus: 'usb.0' })]
      : []),
    ...(spec.guestAgent
      ? [
          ...device('virtio-serial-pci', 'ports0'),
          '-chardev',
          `socket,id=agent0,path=${AGENT},server=on,wait=off`,
          ...device('virtserialport', 'agent', { chardev: 'agent0', name: 'org.qemu.guest_agent.0' }),
        ]
      : []),
    ...(places ? ['-incoming', 'defer'] : []),
    '-display',
    'none',
    ...(spec.vnc ? ['-vnc', `${bracketed(spec.vnc.listen)}:0,to=${VNC_DISPLAYS}`, '-k', host.vncKeymap] : []),
    '-daemonize',
  ];
}

/** A line for one client at a time, on the first port that is free; what the guest says is logged with a client or without. */
const serialPort = (serial: SerialConsoles | null): string =>
  serial === null
    ? `file,id=${SERIAL},path=${CONSOLE_LOG},append=on`
    : `socket,id=${SERIAL},host=${serial.listen},port=${serial.ports.first},to=${serial.ports.last},server=on,wait=off,` +
      `logfile=${CONSOLE_LOG},logappend=on`;

const bracketed = (address: string): string => (address.includes(':') ? `[${address}]` : address);
