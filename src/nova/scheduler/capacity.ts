import type { NovaConfig } from '../config.ts';
import type { Aggregate } from '../hosts/aggregates-rows.ts';
import type { ComputeNode } from '../hosts/nodes-rows.ts';

/** How much of one thing may be claimed on a host. */
export interface Share {
  /** What the host has. */
  readonly total: number;
  /** Kept for the host itself. */
  readonly reserved: number;
  /** How many times the rest may be promised. */
  readonly ratio: number;
  /** What may be claimed at most: (total - reserved) × ratio. */
  readonly limit: number;
}

export interface Capacity {
  readonly vcpus: Share;
  /** MiB */
  readonly memoryMb: Share;
  /** GiB */
  readonly diskGb: Share;
}

/** What may be claimed on a host, by the options and its aggregates' own ratios. */
export function capacityOf(
  node: ComputeNode,
  aggregates: readonly Aggregate[],
  conf: Pick<
    NovaConfig['DEFAULT'],
    | 'cpu_allocation_ratio'
    | 'ram_allocation_ratio'
    | 'disk_allocation_ratio'
    | 'reserved_host_memory_mb'
    | 'reserved_host_disk_mb'
  >,
): Capacity {
  const share = (total: number, reserved: number, name: Parameters<typeof ratioOf>[1], ratio: number): Share => {
    const times = ratioOf(aggregates, name, ratio);
    return { total, reserved, ratio: times, limit: Math.floor(Math.max(0, total - reserved) * times) };
  };
  return {
    vcpus: share(node.vcpus, 0, 'cpu_allocation_ratio', conf.cpu_allocation_ratio),
    memoryMb: share(node.memoryMb, conf.reserved_host_memory_mb, 'ram_allocation_ratio', conf.ram_allocation_ratio),
    diskGb: share(node.diskGb, conf.reserved_host_disk_mb / 1024, 'disk_allocation_ratio', conf.disk_allocation_ratio),
  };
}

/** An aggregate's own ratio; the smallest where several have one. */
function ratioOf(
  aggregates: readonly Aggregate[],
  name: 'cpu_allocation_ratio' | 'ram_allocation_ratio' | 'disk_allocation_ratio',
  otherwise: number,
): number {
  const own = aggregates.map((one) => Number(one.metadata[name])).filter((value) => value > 0);
  return own.length > 0 ? Math.min(...own) : otherwise;
}
