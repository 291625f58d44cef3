import type { Question } from './filter.ts';
import type { HostState } from './host-state.ts';

/** What speaks for a host among those that passed the filters. */
export interface Weigher {
  readonly multiplier: number;
  /** Any scale: weights are compared with those of the other hosts. */
  readonly weigh: (host: HostState, question: Question) => number;
}

export function weighersOf(conf: {
  readonly ram_weight_multiplier: number;
  readonly cpu_weight_multiplier: number;
  readonly disk_weight_multiplier: number;
}): readonly Weigher[] {
  const sign: Readonly<Record<string, number>> = { 'soft-affinity': 1, 'soft-anti-affinity': -1 };
  const weighers: Weigher[] = [
    { multiplier: conf.ram_weight_multiplier, weigh: ({ capacity, used }) => capacity.memoryMb - used.memoryMb },
    { multiplier: conf.cpu_weight_multiplier, weigh: ({ capacity, used }) => capacity.vcpus - used.vcpus },
    { multiplier: conf.disk_weight_multiplier, weigh: ({ capacity, used }) => capacity.diskGb - used.diskGb },
    // Soft policies outweigh a little more free memory.
    {
      multiplier: 10,
      weigh: ({ host }, { group }) => (group ? (sign[group.policy] ?? 0) * (group.members.get(host) ?? 0) : 0),
    },
  ];
  return weighers.filter((one) => one.multiplier !== 0);
}

/** Best first: every weigher's weights are brought to 0…1, multiplied and added up. */
export function byWeight(hosts: readonly HostState[], question: Question, weighers: readonly Weigher[]): HostState[] {
  const totals = new Map<HostState, number>(hosts.map((host) => [host, 0]));
  for (const { weigh, multiplier } of weighers) {
    const raw = hosts.map((host) => weigh(host, question));
    let [low, high] = [Infinity, -Infinity];
    for (const value of raw) {
      if (value < low) low = value;
      if (value > high) high = value;
    }
    if (high === low) continue;
    for (const [index, host] of hosts.entries())
      totals.set(host, (totals.get(host) ?? 0) + (multiplier * ((raw[index] as number) - low)) / (high - low));
  }
  return [...hosts].sort((a, b) => (totals.get(b) ?? 0) - (totals.get(a) ?? 0));
}
