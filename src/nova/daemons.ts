import type { Daemon } from '#common/daemon.ts';

/** Nova's daemons; each is loaded when it is started. */
export const daemons: Record<string, () => Promise<Daemon>> = {
  'nova-api': async () => (await import('./api/daemon.ts')).novaApi,
  'nova-conductor': async () => (await import('./conductor/daemon.ts')).novaConductor,
  'nova-scheduler': async () => (await import('./scheduler/daemon.ts')).novaScheduler,
  'nova-consoleauth': async () => (await import('./consoleauth/daemon.ts')).novaConsoleauth,
  'nova-novncproxy': async () => (await import('./novncproxy/daemon.ts')).novaNovncproxy,
  'nova-serialproxy': async () => (await import('./serialproxy/daemon.ts')).novaSerialproxy,
  'nova-xvpvncproxy': async () => (await import('./xvpvncproxy/daemon.ts')).novaXvpvncproxy,
  'nova-cert': async () => (await import('./cert/daemon.ts')).novaCert,
  'nova-compute': async () => (await import('./compute/daemon.ts')).createNovaComputeDaemon(),
};
