/**
 * The service that a daemon belongs to, whose folder it is in: `nova-api` → `nova`. A product's name before it is no service's:
 * `openstack-dashboard` → `dashboard`.
 */
export const serviceOf = (daemon: string): string => /^(?:(?:openstack|igloo)-)?([a-z]+)/.exec(daemon)?.[1] ?? daemon;
