import type { OptionTable } from '#common/config/config.ts';
import { keystoneOptions } from './config.ts';

/** Every option that a daemon of Keystone reads of keystone.conf. */
export const knownOptions = (): readonly OptionTable[] => [keystoneOptions];
