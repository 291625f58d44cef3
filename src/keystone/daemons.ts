import type { Daemon } from '#common/daemon.ts';

/** Keystone's daemons; only the one asked for is loaded. */
export const daemons: Readonly<Record<string, () => Promise<Daemon>>> = {
  'keystone-all': async () => (await import('./keystone-all/daemon.ts')).keystoneAll,
};
