import type { ConfigSource, OptionTable } from '#common/config/config.ts';
import { loadConfig } from '#common/config/load.ts';
import { glanceApiOptions, glanceRegistryOptions } from './config.ts';
import { backendOptions } from './stores/options.ts';

/** Every option that a daemon of Glance reads: with those of the sections that `enabled_backends` names. */
export function knownOptions(source: ConfigSource): readonly OptionTable[] {
  const { enabled_backends: names } = glanceApiOptions.DEFAULT;
  const { DEFAULT } = loadConfig({ DEFAULT: { enabled_backends: names } }, source);
  const sections = DEFAULT.enabled_backends.map((word) => [word.split(':')[0]?.trim() ?? '', backendOptions]);
  return [glanceApiOptions, glanceRegistryOptions, Object.fromEntries(sections) as OptionTable];
}
