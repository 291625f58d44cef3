import type { HostFilter } from '../filter.ts';

/** A host that failed to build this server is not tried again. */
export const retryFilter: HostFilter = {
  name: 'RetryFilter',
  check: (host, { ignoreHosts }) =>
    ignoreHosts.includes(host.host) ? 'was tried already and failed to build the server' : null,
};
