import type { Daemon } from '#common/daemon.ts';

/** The dashboard's daemon; it is loaded when it is started. */
export const daemons: Record<string, () => Promise<Daemon>> = {
  'openstack-dashboard': async () => (await import('./daemon.ts')).dashboard,
};
