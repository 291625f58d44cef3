import type { Daemon } from '#common/daemon.ts';

/** Glance's daemons; each is loaded when it is started. */
export const daemons: Record<string, () => Promise<Daemon>> = {
  'glance-api': async () => (await import('./api-daemon.ts')).glanceApi,
  'glance-registry': async () => (await import('./registry-daemon.ts')).glanceRegistry,
};
