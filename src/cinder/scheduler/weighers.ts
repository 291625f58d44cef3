import { StartupError } from '#common/daemon.ts';
import type { CinderConfig } from '../config.ts';
import type { BackendState } from './backends.ts';
import { roomOf } from './filters.ts';

/** What speaks for a back end among those that passed the filters. */
export interface Weigher {
  readonly multiplier: number;
  /** Any scale: weights are compared with those of the others. */
  readonly weigh: (backend: BackendState) => number;
}

/** @throws StartupError for a name that there is not */
export function weighersNamed(conf: CinderConfig['DEFAULT'], random: () => number): readonly Weigher[] {
  const all: Readonly<Record<string, Weigher>> = {
    // One without limits is taken last, so that the others are filled first.
    CapacityWeigher: { multiplier: conf.capacity_weight_multiplier, weigh: (one) => roomOf(one) ?? 0 },
    AllocatedCapacityWeigher: {
      multiplier: conf.allocated_capacity_weight_multiplier,
      weigh: ({ allocatedGb }) => allocatedGb,
    },
    VolumeNumberWeigher: { multiplier: conf.volume_number_multiplier, weigh: ({ volumes }) => volumes },
    ChanceWeigher: { multiplier: 1, weigh: random },
  };
  return conf.scheduler_default_weighers.map((given) => {
    const weigher = all[given.slice(given.lastIndexOf('.') + 1)];
    if (!weigher)
      throw new StartupError(
        `scheduler_default_weighers: there is no weigher "${given}". There are ${Object.keys(all).join(', ')}.`,
      );
    return weigher;
  });
}

/** Best first: every weigher's weights are brought to 0…1, multiplied and added up. */
export function byWeight(backends: readonly BackendState[], weighers: readonly Weigher[]): BackendState[] {
  const totals = new Map<BackendState, number>(backends.map((one) => [one, 0]));
  for (const { weigh, multiplier } of weighers) {
    const raw = backends.map(weigh);
    const [low, high] = [Math.min(...raw), Math.max(...raw)];
    if (high === low) continue;
    for (const [index, one] of backends.entries())
      totals.set(one, (totals.get(one) ?? 0) + (multiplier * ((raw[index] as number) - low)) / (high - low));
  }
  return [...backends].sort((a, b) => (totals.get(b) ?? 0) - (totals.get(a) ?? 0));
}
