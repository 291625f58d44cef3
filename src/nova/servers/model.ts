import type { FilterVerdict } from '../rpc.ts';
import type { PowerState } from '../virt/driver.ts';
import type { TaskState, VmState } from './states.ts';

/** A flavor as it was when the server was made: later changes of the flavor do not touch the server. */
export interface FlavorSnapshot {
  readonly id: string;
  readonly name: string;
  readonly vcpus: number;
  /** MiB */
  readonly memoryMb: number;
  /** GiB */
  readonly rootGb: number;
  readonly ephemeralGb: number;
  /** MiB */
  readonly swapMb: number;
  readonly rxtxFactor: number;
  readonly extraSpecs: Readonly<Record<string, string>>;
}

export interface ImageSnapshot {
  readonly id: string;
  readonly name: string;
  /** `hw_disk_bus`, `hw_vif_model`, `os_type` … */
  readonly properties: Readonly<Record<string, string>>;
  readonly kernelId: string | null;
  readonly ramdiskId: string | null;
}

/** One interface that was asked for: a port that is there, or a network in which to make one. */
export interface RequestedNetwork {
  readonly networkId: string | null;
  readonly portId: string | null;
  readonly fixedIp: string | null;
  readonly tag: string | null;
}

/** All that a server's request says of its network. */
export interface RequestedNetworking {
  readonly networks: readonly RequestedNetwork[];
  /** For ports that we make; null leaves them Neutron's default group. */
  readonly securityGroupIds: readonly string[] | null;
}

export interface FixedAddress {
  readonly address: string;
  readonly version: 4 | 6;
  readonly subnetId: string;
  readonly floating: readonly string[];
}

export interface SubnetInfo {
  readonly id: string;
  readonly cidr: string;
  readonly version: 4 | 6;
  readonly gateway: string | null;
  readonly dns: readonly string[];
  readonly routes: readonly { readonly destination: string; readonly nexthop: string }[];
  readonly dhcp: boolean;
}

/** One interface of a server, as Neutron said last. */
export interface PortInfo {
  readonly portId: string;
  readonly mac: string;
  readonly networkId: string;
  /** The network's name. */
  readonly label: string;
  readonly mtu: number;
  readonly addresses: readonly FixedAddress[];
  readonly subnets: readonly SubnetInfo[];
  readonly vif: { readonly type: 'ovs' | 'bridge' | 'unbound'; readonly bridge: string; readonly hybrid: boolean };
  /** Made by us, so removed with the server. */
  readonly ours: boolean;
  readonly tag: string | null;
}

/** Why a server is in ERROR. */
export interface Fault {
  readonly code: number;
  readonly message: string;
  /** For administrators: every filter's verdict for every host, or where it failed. */
  readonly details: string;
  readonly created: string;
}

export interface FailedHost {
  readonly host: string;
  readonly reason: string;
}

export interface InjectedFile {
  readonly path: string;
  /** Base 64 */
  readonly contents: string;
}

/** A server without what is large and rarely asked for: what lists read. */
export interface ServerSummary {
  readonly num: number;
  readonly id: string;
  readonly projectId: string;
  readonly userId: string;
  readonly reservationId: string;
  readonly launchIndex: number;
  readonly name: string;
  readonly description: string | null;
  readonly hostname: string;
  readonly vmState: VmState;
  readonly taskState: TaskState | null;
  readonly powerState: PowerState;
  readonly progress: number;
  readonly host: string | null;
  readonly node: string | null;
  readonly availabilityZone: string | null;
  readonly flavor: FlavorSnapshot;
  readonly imageId: string | null;
  readonly image: ImageSnapshot | null;
  readonly rootDeviceName: string | null;
  readonly keyName: string | null;
  readonly configDrive: boolean;
  readonly accessIpV4: string | null;
  readonly accessIpV6: string | null;
  readonly diskConfig: 'AUTO' | 'MANUAL';
  readonly lockedBy: 'owner' | 'admin' | null;
  readonly lockedReason: string | null;
  readonly metadata: Readonly<Record<string, string>>;
  readonly tags: readonly string[];
  readonly securityGroups: readonly string[];
  readonly ports: readonly PortInfo[];
  readonly trustedCertificates: readonly string[] | null;
  readonly fault: Fault | null;
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly launchedAt: string | null;
  readonly terminatedAt: string | null;
  readonly deleted: boolean;
  readonly userData: string | null;
}

export interface Server extends ServerSummary {
  readonly forcedHost: string | null;
  readonly keyData: string | null;
  readonly networking: RequestedNetworking;
  readonly personality: readonly InjectedFile[];
  readonly schedulerHints: Readonly<Record<string, unknown>>;
  readonly adminPassword: string | null;
  readonly guestPassword: string | null;
  readonly failedHosts: readonly FailedHost[];
  /** When it was deleted; or soft-deleted, and then it can be restored. */
  readonly deletedAt: string | null;
  /** What operations keep of it and no user sees: `shelved_image_id` … */
  readonly systemMetadata: Readonly<Record<string, string>>;
}

/** GiB of its host that a server takes: one that boots from a volume has no root disk there. */
export const localDiskGb = ({
  flavor,
  imageId,
}: {
  readonly flavor: Pick<FlavorSnapshot, 'rootGb' | 'ephemeralGb'>;
  readonly imageId: string | null;
}): number => (imageId === null ? 0 : flavor.rootGb) + flavor.ephemeralGb;

/** `instance-0000002a`. @param template `instance_name_template`: `instance-%08x` */
export const instanceName = (template: string, num: number): string =>
  template.replace(/%(0?)(\d*)([xd])/, (_all, zero: string, width: string, kind: string) =>
    num.toString(kind === 'x' ? 16 : 10).padStart(Number(width || 0), zero === '' ? ' ' : '0'),
  );

/** Every verdict on its own line. */
export const verdictText = (verdicts: readonly FilterVerdict[]): string =>
  verdicts.map(({ host, filter, reason }) => `${host}: ${filter}: ${reason}`).join('\n');
