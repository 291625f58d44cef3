/** Nova's remote interfaces: who may be asked what over the bus. Plain data only. */
import { call, cast, rpcContract } from '#common/bus/bus.ts';
import type { Connector } from '#clients/volume.ts';
import type {
  ConsoleEndpoint,
  GuestDiagnostics,
  GuestDisk,
  GuestInterface,
  GuestSpec,
  HostResources,
  PowerState,
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
  /**
   * Sets the guest aside, switched off, with all that is its own, under the migration's uuid. From then on the host has no
   * guest of this id, until one is spawned from it or it is restored.
   */
  setAside: call<{ id: string; tag: string; timeoutSeconds: number }, Record<string, never>>(),
  /** The guest is again what it was when it was set aside. */
  restoreAside: call<{ id: string; tag: string; start: boolean }, Record<string, never>>(),
  discardAside: call<{ id: string; tag: string }, Record<string, never>>(),
  /** Ends the guest and removes its disks, so that `spawn` makes them new; wiring and volumes stay. */
  wipe: call<{ id: string; keepEphemeral: boolean; timeoutSeconds: number }, Record<string, never>>(),
  suspend: call<{ id: string }, Record<string, never>>(),
  resume: call<{ id: string }, Record<string, never>>(),
  rescue: call<{ id: string; rescue: RescueRequest; timeoutSeconds: number }, Record<string, never>>(),
  unrescue: call<{ id: string }, Record<string, never>>(),
  /** Writes a standalone copy of the root disk on the host, while the guest runs or not. */
  snapshot: call<{ id: string; imageId: string; format: 'qcow2' | 'raw' }, Record<string, never>>(),
  /** Gives that copy to Glance as the image's data (nothing when Glance has them), and removes it. */
  uploadSnapshot: call<{ id: string; imageId: string; format: 'qcow2' | 'raw' }, Record<string, never>>(),
  discardSnapshot: call<{ imageId: string }, Record<string, never>>(),
  setPassword: call<{ id: string; user: string; password: string }, Record<string, never>>(),
  injectNmi: call<{ id: string }, Record<string, never>>(),
  diagnostics: call<{ id: string }, GuestDiagnostics>(),
  pause: call<{ id: string }, Record<string, never>>(),
  unpause: call<{ id: string }, Record<string, never>>(),
  /** Power state as the hypervisor sees it; null when it has no such guest. */
  state: call<{ id: string }, { power: PowerState | null }>(),
  consoleLog: call<{ id: string; maxBytes: number }, { base64: string }>(),
  vncConsole: call<{ id: string }, ConsoleEndpoint>(),
  /** Refused as ConsoleTypeUnavailable where the host or the guest has none. */
  serialConsole: call<{ id: string }, ConsoleEndpoint>(),
  attachInterface: call<{ id: string; nic: GuestInterface }, Record<string, never>>(),
  detachInterface: call<{ id: string; portId: string }, Record<string, never>>(),
  /** Who the host is towards Cinder. */
  volumeConnector: call<Record<string, never>, { connector: Connector }>(),
  attachVolume: call<{ id: string; disk: VolumeDisk }, Record<string, never>>(),
  /** The guest is to have these volumes and no others, with these connections, from its next start at the latest. */
  keepVolumes: call<{ id: string; disks: readonly VolumeDisk[] }, Record<string, never>>(),
  detachVolume: call<{ id: string; volumeId: string }, Record<string, never>>(),
  growVolume: call<{ id: string; volumeId: string; bytes: number }, Record<string, never>>(),
  swapVolume: call<{ id: string; volumeId: string; disk: VolumeDisk }, Record<string, never>>(),
  /** What `uptime` prints on the host. */
  hostUptime: call<Record<string, never>, { uptime: string }>(),
  /** Brings images into the host's cache before a server needs them. */
  cacheImages: cast<{ imageIds: readonly string[] }>(),
});

/** A volume as a guest is to have it. It may carry a password: never logged. */
export type VolumeDisk = GuestDisk & { readonly kind: 'volume' };

/** A guest to make, with images by id: the compute host fetches, inspects and caches them. */
export interface SpawnRequest {
  /** Disks of kind `image` carry the image id in `basePath`; the compute host replaces it by its cache's path. */
  readonly guest: GuestSpec;
  readonly imageId: string | null;
  readonly kernelId: string | null;
  readonly ramdiskId: string | null;
  /** False: the guest is made and stays off. True unless given. */
  readonly start?: boolean;
  /** Its disks are those that were set aside under this tag, grown to their new sizes. */
  readonly fromAside?: string;
  /** A user's token for Glance; null uses the service account (resumed operations). Never logged. */
  readonly token: string | null;
}

/** A guest's rescue system, with images by id. */
export interface RescueRequest {
  readonly imageId: string;
  readonly kernelId: string | null;
  readonly ramdiskId: string | null;
  readonly kernelCommandLine: string | null;
  /** Files of its config drive; null without one. */
  readonly configDrive: Readonly<Record<string, string>> | null;
}

/** nova-conductor: owns the operations on servers and the database for those who have none. */
export const conductorRpc = rpcContract('conductor', {
  /** New operations were journalled for this conductor's owner: run them. */
  launch: cast<Record<string, never>>(),
  /** A running operation of this server is no longer wanted: whichever runs before the last one asked for, or that one. Fanned out. */
  cancel: cast<{ serverId: string; reason: string; operationId?: string }>(),
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
      /** What this host has to keep aside of servers that are being moved, until that is confirmed or reverted. */
      asides: readonly { id: string; tag: string }[];
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
  /** Which hosts would take which flavors now. Nothing is claimed. */
  tryFlavors: call<{ request: RoomRequest }, { flavors: readonly FlavorRoom[] }>(),
});

/** What a server of one of these flavors would be; the answer has the flavors in the same order. */
export interface RoomRequest extends Omit<ScheduleRequest, 'serverIds' | 'flavor' | 'ignoreHosts'> {
  readonly flavors: readonly ScheduleRequest['flavor'][];
  /** Servers of one flavor that are to have room together. */
  readonly count: number;
}

export interface FlavorRoom {
  readonly flavorId: string;
  /** Hosts that take one. */
  readonly passed: readonly string[];
  /** Servers that there is room for, counted up to the number that was asked for. */
  readonly places: number;
  /** Why the other hosts do not take one. */
  readonly verdicts: readonly FilterVerdict[];
}

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

/** nova-cert: signs X.509 certificates. `projectId` chooses the authority where each project has its own. */
export const certRpc = rpcContract('cert', {
  /** The authority's certificate, PEM. */
  fetchCa: call<{ projectId: string }, { pem: string }>(),
  /** The authority's list of revoked certificates, PEM. */
  fetchCrl: call<{ projectId: string }, { pem: string }>(),
  /** A new key pair and its certificate, PEM. The key is kept nowhere. */
  generate: call<{ userId: string; projectId: string }, { privateKey: string; certificate: string }>(),
  /** Revokes all of a user, of a project, or of a user in a project. */
  revoke: call<{ userId?: string; projectId?: string }, { revoked: number }>(),
  /** Decrypts what was encrypted for the authority's key (image bundles). Base 64 both ways. */
  decrypt: call<{ projectId: string; base64: string }, { base64: string }>(),
});
