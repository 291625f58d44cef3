import { fromObject } from '#common/config/load.ts';
import { openLogs, type Logs } from '#common/telemetry/logs.ts';
import type { StateFolder } from './state.ts';

/** The one log of the all-in-one: every daemon's lines, in OpenStack's format, in the state folder. */
export function openCloudLog(state: StateFolder): Logs {
  const logs = openLogs('igloo', fromObject({ DEFAULT: { log_file: state.path('log', 'igloo.log') } }, 'igloo'));
  // Only listens: what becomes of the process is decided elsewhere, but its log shall say why.
  const note = (error: unknown): void => logs.log.error('An error was not handled', error);
  process.on('uncaughtExceptionMonitor', note);
  process.on('unhandledRejection', note);
  return {
    ...logs,
    close: () => {
      process.off('uncaughtExceptionMonitor', note);
      process.off('unhandledRejection', note);
      logs.close();
    },
  };
}
