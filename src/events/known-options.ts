import type { OptionTable } from '#common/config/config.ts';
import { eventsOptions } from './config.ts';

/** Every option that igloo-events reads. */
export const knownOptions = (): readonly OptionTable[] => [eventsOptions];
