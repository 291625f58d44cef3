import type { OptionTable } from '#common/config/config.ts';
import { dashboardOptions } from './settings/options.ts';

/** Every option that the dashboard reads. */
export const knownOptions = (): readonly OptionTable[] => [dashboardOptions];
