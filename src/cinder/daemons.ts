import type { Daemon } from '#common/daemon.ts';

/** Cinder's daemons; each is loaded when it is started. */
export const daemons: Record<string, () => Promise<Daemon>> = {
  'cinder-api': async () => (await import('./api/daemon.ts')).cinderApi,
  'cinder-scheduler': async () => (await import('./scheduler/daemon.ts')).cinderScheduler,
  'cinder-volume': async () => (await import('./volume/daemon.ts')).cinderVolume,
  'cinder-backup': async () => (await import('./backup/daemon.ts')).cinderBackup,
};
