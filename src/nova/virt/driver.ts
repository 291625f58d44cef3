/**
 * The door to a hypervisor. A driver knows no database, no API, no scheduler and no other driver; what it is told is
 * plain data. Every method is idempotent: after a crash it is simply called again.
 */

/** One disk of a guest, in boot order of the list. */
export type GuestDisk =
  | {
      readonly kind: 'image';
      /** `vda` */
      readonly device: string;
      readonly bus: 'virtio' | 'ide' | 'scsi';
      /** Read-only base in the image cache, already inspected and converted to raw. */
      readonly basePath: string;
      /** GiB of the flavor's root disk; 0 keeps the base's own size. */
      readonly sizeGb: number;
    }
  | {
      readonly kind: 'blank';
      readonly device: string;
      readonly bus: 'virtio' | 'ide' | 'scsi';
      /** MiB */
      readonly sizeMb: number;
      readonly format: 'ext3' | 'swap' | 'none';
      readonly label: string;
      /** File name in the instance directory: `disk.eph0`, `disk.swap`. */
      readonly file: string;
    }
  | {
      readonly kind: 'volume';
      readonly device: string;
      readonly bus: 'virtio' | 'ide' | 'scsi';
      /** Serial that the guest sees. */
      readonly volumeId: string;
      readonly connection: VolumeConnection;
    };

/** How a volume is reached (Cinder's `initialize_connection`). */
export type VolumeConnection =
  | {
      readonly type: 'iscsi';
      readonly portal: string;
      readonly iqn: string;
      readonly lun: number;
      readonly username: string | null;
      readonly password: string | null;
    }
  | { readonly type: 'file'; readonly path: string; readonly format: 'raw' | 'qcow2' }
  | { readonly type: 'rbd'; readonly pool: string; readonly image: string; readonly monitors: readonly string[] };

/** One network interface, already a Neutron port. */
export interface GuestInterface {
  readonly portId: string;
  /** `fa:16:3e:…` */
  readonly mac: string;
  readonly mtu: number;
  readonly model: 'virtio' | 'e1000' | 'rtl8139';
  /** How the port is wired: the port's binding:vif_type and details. */
  readonly vif: {
    readonly type: 'ovs' | 'bridge' | 'unbound';
    /** `br-int` for ovs. */
    readonly bridge: string;
    /** tap → qbr → qvb/qvo → br-int, so that iptables sees the packets. */
    readonly hybrid: boolean;
  };
}

/** Everything that a hypervisor must know to make a guest. */
export interface GuestSpec {
  /** The server's UUID. */
  readonly id: string;
  /** `instance-0000002a` (`instance_name_template`). */
  readonly name: string;
  /** The server's display name, for people who read domain XML. */
  readonly displayName: string;
  readonly projectId: string;
  readonly vcpus: number;
  /** MiB */
  readonly memoryMb: number;
  readonly disks: readonly GuestDisk[];
  /** Kernel and initrd of aki/ari/ami images, files in the cache. */
  readonly kernelPath?: string;
  readonly ramdiskPath?: string;
  readonly kernelCommandLine?: string;
  readonly interfaces: readonly GuestInterface[];
  /** Files of the config drive (path → content), made when present. */
  readonly configDrive?: Readonly<Record<string, string>>;
  /** Null: no console. */
  readonly vnc: { readonly listen: string } | null;
}

export type PowerState = 'running' | 'paused' | 'shutdown' | 'crashed' | 'suspended' | 'nostate';

export interface GuestState {
  readonly id: string;
  readonly name: string;
  readonly power: PowerState;
}

/** What the host has; `used` counts what runs, whoever started it. */
export interface HostResources {
  readonly hypervisorType: string;
  /** As an integer: 7.2.0 → 7002000. */
  readonly hypervisorVersion: number;
  readonly hypervisorHostname: string;
  readonly vcpus: number;
  readonly memoryMb: number;
  readonly diskGb: number;
  readonly freeDiskGb: number;
  /** JSON as Nova stores it: arch, model, vendor, topology, features. */
  readonly cpuInfo: Readonly<Record<string, unknown>>;
  /** `[arch, hypervisor type, vm mode]` */
  readonly supportedInstances: readonly (readonly [string, string, string])[];
}

/** Where a console of a guest can be reached from the proxies' side. */
export interface ConsoleEndpoint {
  readonly host: string;
  readonly port: number;
}

export type LifecycleEvent = { readonly id: string; readonly power: PowerState };

export interface ComputeDriver {
  /** `libvirt`, `qemu`, `fake` */
  readonly name: string;
  /** Whether guests run on hardware virtualisation, and if not, why. */
  readonly acceleration: { readonly kvm: boolean; readonly reason: string };
  resources(): Promise<HostResources>;
  /** All guests that this driver made on this host. */
  list(): Promise<readonly GuestState[]>;
  /** Null when there is no such guest. */
  state(id: string): Promise<GuestState | null>;
  /** Makes disks, wires interfaces, starts the guest; returns when its process runs. */
  spawn(spec: GuestSpec, signal: AbortSignal): Promise<void>;
  /** Stops the guest and removes process, wiring and disks. An absent guest is not an error. */
  destroy(id: string, signal: AbortSignal): Promise<void>;
  /** Asks by ACPI, and cuts the power after `timeoutMs`. */
  powerOff(id: string, timeoutMs: number, signal: AbortSignal): Promise<void>;
  /** Starts it again from its kept definition; wires interfaces anew. */
  powerOn(id: string, signal: AbortSignal): Promise<void>;
  /** `soft` asks the guest and falls back to hard after `timeoutMs`. */
  reboot(id: string, kind: 'soft' | 'hard', timeoutMs: number, signal: AbortSignal): Promise<void>;
  pause(id: string): Promise<void>;
  unpause(id: string): Promise<void>;
  /** The last `maxBytes` of the serial console's log. */
  consoleLog(id: string, maxBytes: number): Promise<Buffer>;
  /** @throws Error when the guest has no VNC or does not run */
  vncEndpoint(id: string): Promise<ConsoleEndpoint>;
  attachInterface(id: string, nic: GuestInterface, signal: AbortSignal): Promise<void>;
  /** An absent interface is not an error. */
  detachInterface(id: string, portId: string, signal: AbortSignal): Promise<void>;
  attachDisk(id: string, disk: GuestDisk & { kind: 'volume' }, signal: AbortSignal): Promise<void>;
  /** An absent disk is not an error. Returns when the guest has let go. */
  detachDisk(id: string, volumeId: string, signal: AbortSignal): Promise<void>;
  /** Wires what belongs to known guests again (after a host or switch restart), without touching what is right. */
  rewire(signal: AbortSignal): Promise<void>;
  /** Guests that start, stop or crash by themselves. */
  onLifecycle(listener: (event: LifecycleEvent) => void): void;
  close(): Promise<void>;
}

/** Optional ability: a flattened copy of the root disk while the guest runs. */
export interface Snapshots {
  /** Writes a standalone image of the root disk to `path`. */
  snapshot(id: string, path: string, format: 'qcow2' | 'raw', signal: AbortSignal): Promise<void>;
}
/** Optional ability: saving memory to disk. */
export interface Suspends {
  suspend(id: string, signal: AbortSignal): Promise<void>;
  resume(id: string, signal: AbortSignal): Promise<void>;
}
