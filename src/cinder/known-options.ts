import type { ConfigSource, OptionTable } from '#common/config/config.ts';
import { loadConfig } from '#common/config/load.ts';
import { backendOptions, cinderOptions } from './config.ts';

/** Every option that a daemon of Cinder reads of cinder.conf, back ends with sections of their own included. */
export function knownOptions(source: ConfigSource): readonly OptionTable[] {
  const { DEFAULT } = loadConfig({ DEFAULT: { enabled_backends: cinderOptions.DEFAULT.enabled_backends } }, source);
  const backends = ['backend_defaults', ...DEFAULT.enabled_backends];
  return [cinderOptions, Object.fromEntries(backends.map((section) => [section, backendOptions]))];
}
