import { fromObject } from '#common/config/load.ts';
import { openLogs, type Logs } from '#common/process/logs.ts';
import type { StateFolder } from './state.ts';

/** The one log of the all-in-one: every daemon's lines, in OpenStack's format, in the state folder. */
export const openCloudLog = (state: StateFolder): Logs =>
  openLogs('igloo', fromObject({ DEFAULT: { log_file: state.path('log', 'igloo.log') } }, 'igloo'));
