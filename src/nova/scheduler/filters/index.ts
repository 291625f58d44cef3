import { StartupError } from '#common/daemon.ts';
import type { HostFilter } from '../filter.ts';
import { aggregateInstanceExtraSpecsFilter } from './aggregate-extra-specs.ts';
import { availabilityZoneFilter } from './availability-zone.ts';
import { computeCapabilitiesFilter } from './compute-capabilities.ts';
import { computeFilter } from './compute.ts';
import { coreFilter } from './core.ts';
import { diskFilter } from './disk.ts';
import { affinityFilter, antiAffinityFilter } from './group.ts';
import { imagePropertiesFilter } from './image-properties.ts';
import { ramFilter } from './ram.ts';
import { retryFilter } from './retry.ts';
import { differentHostFilter, sameHostFilter } from './same-host.ts';

const all: readonly HostFilter[] = [
  retryFilter,
  availabilityZoneFilter,
  ramFilter,
  coreFilter,
  diskFilter,
  computeFilter,
  computeCapabilitiesFilter,
  imagePropertiesFilter,
  antiAffinityFilter,
  affinityFilter,
  aggregateInstanceExtraSpecsFilter,
  sameHostFilter,
  differentHostFilter,
];

/** Those of `scheduler_default_filters`, in its order. @throws StartupError for one that does not exist */
export function filtersNamed(names: readonly string[]): readonly HostFilter[] {
  return names.flatMap((written) => {
    // Old files name the class: nova.scheduler.filters.ram_filter.RamFilter.
    const name = written.split('.').at(-1) as string;
    if (name === 'AllHostsFilter') return [];
    const filter = all.find((one) => one.name === name);
    if (!filter)
      throw new StartupError(
        `scheduler_default_filters names ${written}, which does not exist. There are ${all.map((one) => one.name).join(', ')}.`,
      );
    return [filter];
  });
}
