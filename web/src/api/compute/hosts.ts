import { request } from '../client.ts';
import type { Resource } from '../resource.ts';

/** A hypervisor as Nova 2.87 shows it: its own words on capacity are the driver's, in `uptime` and `cpu_info`. */
export interface Hypervisor {
  readonly id: string;
  readonly hypervisor_hostname: string;
  readonly hypervisor_type: string;
  readonly hypervisor_version: number;
  readonly host_ip: string;
  readonly state: 'up' | 'down';
  readonly status: 'enabled' | 'disabled';
  readonly service: { readonly id: string; readonly host: string; readonly disabled_reason: string | null };
  readonly uptime?: string | null;
  readonly servers?: readonly { readonly uuid: string; readonly name: string }[];
  /** Up to 2.87; read with an older version, since a console wants them. */
  readonly vcpus: number;
  readonly vcpus_used: number;
  /** MiB */
  readonly memory_mb: number;
  readonly memory_mb_used: number;
  /** GiB */
  readonly local_gb: number;
  readonly local_gb_used: number;
  readonly running_vms: number;
  readonly disk_available_least: number | null;
  readonly cpu_info: unknown;
  /** Igloo's own: what may be claimed on it and what is, as the scheduler counts. */
  readonly capacity?: Readonly<Record<'vcpus' | 'memory_mb' | 'disk_gb', Claimable>>;
}
/** `limit` is (`total` - `reserved`) × `allocation_ratio`. */
export interface Claimable {
  readonly total: number;
  readonly reserved: number;
  readonly allocation_ratio: number;
  readonly limit: number;
  readonly used: number;
}
/** The last version that tells capacity. */
const CAPACITY = { 'openstack-api-version': 'compute 2.87', 'x-openstack-nova-api-version': '2.87' };

export const hypervisors: Resource<Hypervisor> = {
  kind: 'hypervisor',
  service: 'compute',
  everyMs: 10_000,
  list: async (_reach, signal) =>
    (
      await request<{ hypervisors: Hypervisor[] }>(
        'compute',
        '/os-hypervisors/detail?with_servers=true&with_capacity=true',
        { signal, headers: CAPACITY },
      )
    ).hypervisors,
};

/** How long it has run and its load, as its own `uptime` prints it; null when it does not answer. */
export const hypervisorUptime = async (id: string, signal?: AbortSignal): Promise<string | null> =>
  (await request<{ hypervisor: { uptime: string | null } }>('compute', `/os-hypervisors/${id}`, { signal })).hypervisor
    .uptime;

export interface ComputeService {
  readonly id: string;
  readonly binary: string;
  readonly host: string;
  readonly zone: string;
  readonly status: 'enabled' | 'disabled';
  readonly state: 'up' | 'down';
  readonly updated_at: string | null;
  readonly disabled_reason: string | null;
  readonly forced_down?: boolean;
}

export const computeServices: Resource<ComputeService> = {
  kind: 'compute_service',
  service: 'compute',
  everyMs: 10_000,
  list: async (_reach, signal) =>
    (await request<{ services: ComputeService[] }>('compute', '/os-services', { signal })).services,
};

export interface Aggregate {
  readonly id: string;
  readonly uuid: string;
  readonly name: string;
  readonly availability_zone: string | null;
  readonly hosts: readonly string[];
  readonly metadata: Readonly<Record<string, string>>;
  readonly created_at: string;
}

export const aggregates: Resource<Aggregate> = {
  kind: 'aggregate',
  service: 'compute',
  list: async (_reach, signal) =>
    (
      await request<{ aggregates: (Omit<Aggregate, 'id'> & { id: number })[] }>('compute', '/os-aggregates', { signal })
    ).aggregates.map((one) => ({ ...one, id: String(one.id) })),
};

export interface AvailabilityZone {
  readonly id: string;
  readonly available: boolean;
}

export const availabilityZones: Resource<AvailabilityZone> = {
  kind: 'availability_zone',
  service: 'compute',
  list: async (_reach, signal) =>
    (
      await request<{ availabilityZoneInfo: { zoneName: string; zoneState: { available: boolean } }[] }>(
        'compute',
        '/os-availability-zone',
        { signal },
      )
    ).availabilityZoneInfo.map(({ zoneName, zoneState }) => ({ id: zoneName, available: zoneState.available })),
};

/** A zone with what runs in it. */
export interface ZoneInDetail extends AvailabilityZone {
  readonly services: readonly ZoneService[];
}
export interface ZoneService {
  readonly host: string;
  readonly binary: string;
  /** Enabled. */
  readonly active: boolean;
  /** Alive. */
  readonly available: boolean;
  readonly updated_at: string | null;
}

/** Every zone with its hosts' services, by host and name. Administrators only. @throws ApiFault */
export const zonesInDetail = async (signal?: AbortSignal): Promise<readonly ZoneInDetail[]> =>
  (
    await request<{
      availabilityZoneInfo: {
        zoneName: string;
        zoneState: { available: boolean };
        hosts: Record<string, Record<string, Omit<ZoneService, 'host' | 'binary'>>> | null;
      }[];
    }>('compute', '/os-availability-zone/detail', { signal })
  ).availabilityZoneInfo.map(({ zoneName, zoneState, hosts }) => ({
    id: zoneName,
    available: zoneState.available,
    services: Object.entries(hosts ?? {})
      .flatMap(([host, services]) => Object.entries(services).map(([binary, one]) => ({ ...one, host, binary })))
      .toSorted((a, b) => a.host.localeCompare(b.host) || a.binary.localeCompare(b.binary)),
  }));
