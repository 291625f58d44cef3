import { request } from '../client.ts';

/** How much of something is used, of how much; null: without limit. */
export interface Usage {
  readonly used: number;
  readonly limit: number | null;
}
export type UsageOf<K extends string> = Readonly<Record<K, Usage>>;

const usage = (used: number | undefined, limit: number | undefined): Usage => ({
  used: used ?? 0,
  limit: limit === undefined || limit < 0 ? null : limit,
});

export type ComputeUsage = UsageOf<'instances' | 'cores' | 'ram' | 'serverGroups'>;

/** The project's compute quota and use (`ram` in MiB). */
export async function computeUsage(signal?: AbortSignal): Promise<ComputeUsage> {
  const { limits } = await request<{ limits: { absolute: Record<string, number> } }>('compute', '/limits', { signal });
  const { absolute } = limits;
  return {
    instances: usage(absolute['totalInstancesUsed'], absolute['maxTotalInstances']),
    cores: usage(absolute['totalCoresUsed'], absolute['maxTotalCores']),
    ram: usage(absolute['totalRAMUsed'], absolute['maxTotalRAMSize']),
    serverGroups: usage(absolute['totalServerGroupsUsed'], absolute['maxServerGroups']),
  };
}

export type VolumeUsage = UsageOf<'volumes' | 'gigabytes' | 'snapshots' | 'backups'>;

/** The project's volume quota and use (`gigabytes` in GiB). */
export async function volumeUsage(signal?: AbortSignal): Promise<VolumeUsage> {
  const { limits } = await request<{ limits: { absolute: Record<string, number> } }>('volume', '/limits', { signal });
  const { absolute } = limits;
  return {
    volumes: usage(absolute['totalVolumesUsed'], absolute['maxTotalVolumes']),
    gigabytes: usage(absolute['totalGigabytesUsed'], absolute['maxTotalVolumeGigabytes']),
    snapshots: usage(absolute['totalSnapshotsUsed'], absolute['maxTotalSnapshots']),
    backups: usage(absolute['totalBackupsUsed'], absolute['maxTotalBackups']),
  };
}

const networkKinds = [
  'network',
  'subnet',
  'port',
  'router',
  'floatingip',
  'security_group',
  'security_group_rule',
] as const;
export type NetworkUsage = UsageOf<(typeof networkKinds)[number]>;

/** The project's network quota and use. */
export async function networkUsage(project: string, signal?: AbortSignal): Promise<NetworkUsage> {
  const { quota } = await request<{ quota: Record<string, { limit: number; used: number }> }>(
    'network',
    `/quotas/${project}/details`,
    { signal },
  );
  return Object.fromEntries(
    networkKinds.map((kind) => [kind, usage(quota[kind]?.used, quota[kind]?.limit)]),
  ) as NetworkUsage;
}
