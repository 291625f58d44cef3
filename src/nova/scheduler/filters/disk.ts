import type { HostFilter } from '../filter.ts';

/** Disk: what the host has, times `disk_allocation_ratio`. */
export const diskFilter: HostFilter = {
  name: 'DiskFilter',
  check({ capacity, used }, { flavor }) {
    const free = capacity.diskGb - used.diskGb;
    return flavor.diskGb <= free
      ? null
      : `needs ${flavor.diskGb} GB of disk, ${Math.max(0, free)} GB of ${capacity.diskGb} GB are free`;
  },
};
