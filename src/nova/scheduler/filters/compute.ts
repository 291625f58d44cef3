import type { HostFilter } from '../filter.ts';

/** The host's nova-compute lives, and nobody has disabled it. */
export const computeFilter: HostFilter = {
  name: 'ComputeFilter',
  check(host, { isUp, forceHost }) {
    const { service } = host;
    if (!service) return 'nova-compute has never reported';
    // An administrator who names the host means it, disabled or not.
    if (service.disabled && forceHost === null)
      return `is disabled${service.disabledReason === null ? '' : `: ${service.disabledReason}`}`;
    if (service.forcedDown) return 'was declared down by an administrator';
    return isUp(host) ? null : `nova-compute is down, it reported last at ${service.lastSeen}`;
  },
};
