import type { HostFilter } from '../filter.ts';

/** The zone that was asked for; a host's zone comes from its aggregates. */
export const availabilityZoneFilter: HostFilter = {
  name: 'AvailabilityZoneFilter',
  check: (host, { availabilityZone: wanted }) =>
    wanted === null || host.zone === wanted ? null : `is in zone ${host.zone}, ${wanted} was asked for`,
};
