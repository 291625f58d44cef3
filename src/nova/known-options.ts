import type { OptionTable } from '#common/config/config.ts';
import { computeOptions } from './compute/options.ts';
import { novaOptions } from './config.ts';

/** Every option that a daemon of Nova reads of nova.conf. */
export const knownOptions = (): readonly OptionTable[] => [novaOptions, computeOptions];
