import type { Daemon } from '#common/daemon.ts';

/** The event stream's daemons; each is loaded when it is started. */
export const daemons: Readonly<Record<string, () => Promise<Daemon>>> = {
  'igloo-events': async () => (await import('./daemon.ts')).iglooEvents,
};
