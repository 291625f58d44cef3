/** Nova's remote interfaces: who may be asked what over the bus. Plain data only. */
import { call, cast, rpcContract } from '#common/bus/bus.ts';
import type {
  ConsoleEndpoint,
  GuestInterface,
  GuestSpec,
  HostResources,
  PowerState,
  VolumeConnection,
} from './virt/driver.ts';

/** nova-compute: the hypervisor of one host. It never sees the database; every method is idempotent. */
export const computeRpc = rpcContract('compute', {
  /**
   * Fetches the images into the cache, makes the guest and starts it. Long: answers when the process runs, so callers give
   * a long timeout and call again after a crash of either side.
   */
  spawn: call<{ request: SpawnRequest }, { launchedAt: string }>(),
  destroy: call<{ id: string }, Record<string, never>>(),
  powerOff: call<{ id: string; timeoutSeconds: number }, Record<string, never>>(),
  powerOn: call<{ id: string }, Record<string, never>>(),
  reboot: call<{ id: string; kind: 'soft' | 'hard'; timeoutSeconds: number }, Record<string, never>>(),
  pause: call<{ id: string }, Record<string, never>>(),
  unpause: call<{ id: string }, Record<string, never>>(),
  /** Power state as the hypervisor sees it; null when it has no such guest. */
  state: call<{ id: string }, { power: PowerState | null }>(),
  consoleLog: call<{ id: string; maxBytes: number }, { base64: string }>(),
  vncConsole: call<{ id: string }, ConsoleEndpoint>(),
  attachInterface: call<{ id: string; nic: GuestInterface }, Record<string, never>>(),
  detachInterface: call<{ id: string; portId: string }, Record<string, never>>(),
  attachVolume: call<
    { id: string; volumeId: string; device: string; connection: VolumeConnection },
    Record<string, never>
  >(),
  detachVolume: call<{ id: string; volumeId: string }, Record<string, never>>(),
});

/** A guest to make, with images by id: the compute host fetches, inspects and caches them. */
export interface SpawnRequest {
  /** Disks of kind `image` carry the image id in `basePath`; the compute host replaces it by its cache's path. */
  readonly guest: GuestSpec;
  readonly imageId: string | null;
  readonly kernelId: string | null;
  readonly ramdiskId: string | null;
  /** A user's token for Glance; null uses the service account (resumed operations). Never logged. */
  readonly token: string | null;
}

/** nova-conductor: owns the operations on servers and the database for those who have none. */
export const conductorRpc = rpcContract('conductor', {
  /** New operations were journalled for this conductor's owner: run them. */
  launch: cast<Record<string, never>>(),
  /** A running operation of this server is no longer wanted. Fanned out. */
  cancel: cast<{ serverId: string; reason: string }>(),
  /** Heartbeat of any Nova daemon: makes or refreshes its row in `services`. */
  reportService: cast<ServiceReport>(),
  /** What the host has and runs; makes or refreshes its row in `compute_nodes`. */
  reportResources: cast<{ host: string; resources: HostResources }>(),
  /** The hypervisor saw a guest change by itself. */
  lifecycle: cast<{ host: string; id: string; power: PowerState }>(),
  /** The servers that belong on a host, for nova-compute's reconciling: what is not listed is removed. */
  serversOnHost: call<
    { host: string },
    {
      servers: readonly {
        id: string;
        name: string;
        vmState: string;
        taskState: string | null;
        powerState: PowerState;
      }[];
    }
  >(),
});

export interface ServiceReport {
  /** `nova-compute` */
  readonly binary: string;
  readonly host: string;
  readonly topic: string;
  /** Seconds between reports. */
  readonly interval: number;
}

/** nova-scheduler: chooses hosts. */
export const schedulerRpc = rpcContract('scheduler', {
  /** One host per server asked for, with room claimed for each; or every filter's verdict for every host. */
  selectDestinations: call<{ request: ScheduleRequest }, ScheduleAnswer>(),
});

export interface ScheduleRequest {
  /** Claims are made in these names. */
  readonly serverIds: readonly string[];
  readonly projectId: string;
  readonly flavor: {
    readonly id: string;
    readonly name: string;
    readonly vcpus: number;
    /** MiB */
    readonly memoryMb: number;
    /** GiB: root + ephemeral */
    readonly diskGb: number;
    readonly extraSpecs: Readonly<Record<string, string>>;
  };
  readonly image: { readonly properties: Readonly<Record<string, string>> } | null;
  readonly availabilityZone: string | null;
  /** Only this host (`--availability-zone zone:host`, administrators). */
  readonly forceHost: string | null;
  /** Hosts that were tried and failed. */
  readonly ignoreHosts: readonly string[];
  readonly hints: Readonly<Record<string, unknown>>;
}

export interface FilterVerdict {
  readonly host: string;
  /** `RamFilter` */
  readonly filter: string;
  /** In words, with numbers: `needs 2048 MB, 512 MB of 1024 MB are free`. */
  readonly reason: string;
}

export type ScheduleAnswer =
  | { readonly ok: true; readonly hosts: readonly string[] }
  | { readonly ok: false; readonly verdicts: readonly FilterVerdict[] };

/** nova-consoleauth: short-lived tokens of console connections. */
export const consoleAuthRpc = rpcContract('consoleauth', {
  authorize: call<
    { serverId: string; type: 'novnc' | 'xvpvnc' | 'serial'; endpoint: ConsoleEndpoint },
    { token: string }
  >(),
  /** Null for an unknown or expired token. */
  check: call<{ token: string }, { serverId: string; type: string; endpoint: ConsoleEndpoint } | null>(),
  /** A server is gone: so are its tokens. */
  forget: cast<{ serverId: string }>(),
});
