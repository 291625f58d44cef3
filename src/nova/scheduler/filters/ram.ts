import type { HostFilter } from '../filter.ts';

/** Memory: what the host has, times `ram_allocation_ratio`. */
export const ramFilter: HostFilter = {
  name: 'RamFilter',
  check({ capacity, used }, { flavor }) {
    const free = capacity.memoryMb - used.memoryMb;
    return flavor.memoryMb <= free
      ? null
      : `needs ${flavor.memoryMb} MB, ${Math.max(0, free)} MB of ${capacity.memoryMb} MB are free`;
  },
};
