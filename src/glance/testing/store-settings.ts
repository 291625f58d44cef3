import { fromObject, loadConfig } from '#common/config/load.ts';
import { backendOptions, type StoreSettings } from '../stores/options.ts';

/** A store's options, all at their defaults. */
export const fixtureSettings: StoreSettings = loadConfig({ store: backendOptions }, fromObject({}, 'test')).store;
