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
      /** File name in the instance directory; `disk` unless given. */
      readonly file?: string;
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
      /** Other guests have it at the same time (multiattach). */
      readonly shared?: boolean;
      /** The volume in whose place it was put while the guest ran: the guest's device still bears that one's name. */
      readonly plugId?: string;
    };

/** How a volume is reached (Cinder's `initialize_connection`). */
export type VolumeConnection = {
  /** The guest may not write to it. */
  readonly readOnly?: boolean;
} & (
  | {
      readonly type: 'iscsi';
      readonly portal: string;
      readonly iqn: string;
      readonly lun: number;
      readonly username: string | null;
      readonly password: string | null;
    }
  /** A file, or a block device. */
  | { readonly type: 'file'; readonly path: string; readonly format: 'raw' | 'qcow2' }
  /** A file on a share, which nova-compute mounts: drivers are given the file. */
  | {
      readonly type: 'nfs';
      /** `server:/path` */
      readonly export: string;
      readonly name: string;
      readonly format: 'raw' | 'qcow2';
      /** Of `mount`. */
      readonly options: string | null;
    }
  | {
      readonly type: 'rbd';
      readonly pool: string;
      readonly image: string;
      readonly monitors: readonly string[];
      /** Whose keyring below /etc/ceph opens it; null without authentication. */
      readonly user?: string | null;
    }
);

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
  /** A channel for QEMU's guest agent (`hw_qemu_guest_agent`). */
  readonly guestAgent?: boolean;
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

export interface SpawnOptions {
  /** False: made and kept, but not started. True unless given. */
  readonly start?: boolean;
  /** Disks are copies of those that were set aside under this tag, grown to what the specification asks; others are made. */
  readonly fromAside?: string;
}

/** Setting a whole guest aside and making another of it, so that the way back is exact: what resizing is made of. */
export interface SetsAside {
  /**
   * Switches the guest off and sets aside all that is its own, under `tag`. Afterwards there is no guest of this id here.
   * Done already when it is aside under this tag.
   */
  setAside(id: string, tag: string, timeoutMs: number, signal: AbortSignal): Promise<void>;
  /** The guest is again what it was, running when `start`. A guest that was never set aside stays, and is started. */
  restoreAside(id: string, tag: string, start: boolean, signal: AbortSignal): Promise<void>;
  /** An absent one is not an error. */
  discardAside(id: string, tag: string): Promise<void>;
  listAside(): Promise<readonly { readonly id: string; readonly tag: string }[]>;
}

/** A copy of the root disk, whether the guest runs or not. */
export interface Snapshots {
  /** Writes a standalone image of the root disk to `path`; there is nothing under that name until it is whole. */
  snapshot(id: string, path: string, format: 'qcow2' | 'raw', signal: AbortSignal): Promise<void>;
}
/** Saving memory to disk. */
export interface Suspends {
  suspend(id: string, signal: AbortSignal): Promise<void>;
  /** Goes on where it was suspended; from the beginning when the saved memory is lost. */
  resume(id: string, signal: AbortSignal): Promise<void>;
}

/** Another system on which a guest is started, with the guest's own root disk as second. */
export interface RescueSystem {
  /** Read-only base in the image cache. */
  readonly basePath: string;
  readonly kernelPath?: string;
  readonly ramdiskPath?: string;
  readonly kernelCommandLine?: string;
  /** Files of its config drive (path → content), made when present. */
  readonly configDrive?: Readonly<Record<string, string>>;
}
export interface Rescues {
  rescue(id: string, system: RescueSystem, timeoutMs: number, signal: AbortSignal): Promise<void>;
  /** Starts the guest as it was before. */
  unrescue(id: string, signal: AbortSignal): Promise<void>;
}

/** What a guest uses. Null is what the hypervisor does not tell. */
export interface GuestDiagnostics {
  readonly power: PowerState;
  /** `kvm`, `qemu`, `fake` */
  readonly hypervisor: string;
  readonly uptimeSeconds: number | null;
  readonly configDrive: boolean;
  readonly cpus: readonly { readonly id: number; readonly nanoseconds: number | null }[];
  readonly disks: readonly {
    /** `vda` */
    readonly device: string;
    readonly readBytes: number;
    readonly readRequests: number;
    readonly writeBytes: number;
    readonly writeRequests: number;
    readonly errors: number;
  }[];
  readonly nics: readonly {
    /** `tap1234abcd-12` */
    readonly device: string;
    readonly mac: string;
    readonly rx: Traffic;
    readonly tx: Traffic;
  }[];
  readonly memory: {
    readonly maximumMb: number;
    /** What the host lets the guest have. */
    readonly usedMb: number | null;
    /** What the guest itself says that it uses; nothing until it has been asked once. */
    readonly guestUsedMb?: number | null;
  };
}
export interface Traffic {
  readonly octets: number;
  readonly packets: number;
  readonly errors: number;
  readonly drops: number;
}

/** The guest has no agent that does what is asked inside it. */
export class GuestAgentMissing extends Error {
  override readonly name = 'GuestAgentMissing';
}

export interface ComputeDriver extends SetsAside, Snapshots, Suspends, Rescues {
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
  spawn(spec: GuestSpec, signal: AbortSignal, options?: SpawnOptions): Promise<void>;
  /**
   * Ends the guest and removes its disks, except (`keepEphemeral`) the blank ones; its definition, wiring and volumes stay.
   * An absent guest is not an error.
   */
  wipe(id: string, keepEphemeral: boolean, timeoutMs: number, signal: AbortSignal): Promise<void>;
  /** Stops the guest and removes process, wiring and disks. An absent guest is not an error. */
  destroy(id: string, signal: AbortSignal): Promise<void>;
  /** Asks by ACPI, and cuts the power after `timeoutMs`. */
  powerOff(id: string, timeoutMs: number, signal: AbortSignal): Promise<void>;
  /** Starts it again from its kept definition; wires interfaces anew. */
  powerOn(id: string, signal: AbortSignal): Promise<void>;
  /** From the beginning, also when it was suspended. `soft` asks the guest and falls back to hard after `timeoutMs`. */
  reboot(id: string, kind: 'soft' | 'hard', timeoutMs: number, signal: AbortSignal): Promise<void>;
  pause(id: string): Promise<void>;
  unpause(id: string): Promise<void>;
  /** Tells a system in trouble to dump its memory (a non-maskable interrupt). */
  injectNmi(id: string): Promise<void>;
  /** @throws GuestAgentMissing */
  setPassword(id: string, user: string, password: string, signal: AbortSignal): Promise<void>;
  /** @throws Error when it does not run */
  diagnostics(id: string): Promise<GuestDiagnostics>;
  /** The last `maxBytes` of the serial console's log. */
  consoleLog(id: string, maxBytes: number): Promise<Buffer>;
  /** @throws Error when the guest has no VNC or does not run */
  vncEndpoint(id: string): Promise<ConsoleEndpoint>;
  /**
   * Where bytes go to the serial console and come from it, for one at a time.
   * @throws ConsoleTypeUnavailable when the host or the guest has none; Error when it does not run
   */
  serialEndpoint(id: string): Promise<ConsoleEndpoint>;
  attachInterface(id: string, nic: GuestInterface, signal: AbortSignal): Promise<void>;
  /** An absent interface is not an error. */
  detachInterface(id: string, portId: string, signal: AbortSignal): Promise<void>;
  /** The volumes of a guest, by id. */
  volumes(id: string): Promise<readonly string[]>;
  /** A disk that it has is kept with the new connection, which counts from the guest's next start. */
  attachDisk(id: string, disk: GuestDisk & { kind: 'volume' }, signal: AbortSignal): Promise<void>;
  /** An absent disk is not an error. Returns when the guest has let go. */
  detachDisk(id: string, volumeId: string, signal: AbortSignal): Promise<void>;
  /** The volume has grown: the guest is told its new size. */
  growDisk(id: string, volumeId: string, bytes: number, signal: AbortSignal): Promise<void>;
  /**
   * Copies a volume's content to another volume while the guest uses it, and puts that one in its place. Done already when the
   * guest has the new one.
   */
  swapDisk(id: string, volumeId: string, disk: GuestDisk & { kind: 'volume' }, signal: AbortSignal): Promise<void>;
  /** Wires what belongs to known guests again (after a host or switch restart), without touching what is right. */
  rewire(signal: AbortSignal): Promise<void>;
  /** Guests that start, stop or crash by themselves. */
  onLifecycle(listener: (event: LifecycleEvent) => void): void;
  close(): Promise<void>;
}
