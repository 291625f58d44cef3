import type { HostFilter } from '../filter.ts';

/** Virtual CPUs: what the host has, times `cpu_allocation_ratio`; one server never gets more than there are. */
export const coreFilter: HostFilter = {
  name: 'CoreFilter',
  check({ capacity, used, node }, { flavor }) {
    if (flavor.vcpus > node.vcpus) return `needs ${flavor.vcpus} VCPUs, the host has ${node.vcpus} CPUs`;
    const free = capacity.vcpus - used.vcpus;
    return flavor.vcpus <= free
      ? null
      : `needs ${flavor.vcpus} VCPUs, ${Math.max(0, free)} of ${capacity.vcpus} are free`;
  },
};
