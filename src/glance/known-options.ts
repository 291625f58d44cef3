import type { OptionTable } from '#common/config/config.ts';
import { glanceApiOptions, glanceRegistryOptions } from './config.ts';

/** Every option that a daemon of Glance reads. */
export const knownOptions = (): readonly OptionTable[] => [glanceApiOptions, glanceRegistryOptions];
