import type { ConfigSource } from '#common/config/config.ts';
import { loadConfig } from '#common/config/load.ts';
import { StartupError } from '#common/daemon.ts';
import { backendOptions, type StoreSettings } from './options.ts';
import { driverName, type StoreSpec } from './stores.ts';

/** What of the configuration says which stores there are. */
type StoreChoice = StoreSettings & {
  readonly enabled_backends: readonly string[];
  readonly default_store: string;
};

/**
 * The stores that the configuration asks for: those of `enabled_backends`, or else the file store, and Swift and S3 where
 * it says how to get there. Reading over HTTP is always among them.
 * @throws StartupError for a word of `enabled_backends` that is not name:driver
 */
export function configuredStores(
  choice: StoreChoice,
  config: ConfigSource,
  report: (line: string) => void,
): readonly StoreSpec[] {
  const http = { name: 'http', driver: 'http', settings: choice };
  if (choice.enabled_backends.length === 0) {
    const wanted = (driver: string, configured: boolean): boolean =>
      configured || driverName(choice.default_store) === driver;
    return [
      { name: 'file', driver: 'file', settings: choice },
      http,
      ...(wanted('swift', choice.swift_store_auth_address !== null)
        ? [{ name: 'swift', driver: 'swift', settings: choice }]
        : []),
      ...(wanted('s3', choice.s3_store_host !== null) ? [{ name: 's3', driver: 's3', settings: choice }] : []),
    ];
  }
  const specs = choice.enabled_backends.map((word): StoreSpec => {
    const [name, driver, ...more] = word.split(':').map((part) => part.trim());
    if (!name || !driver || more.length > 0)
      throw new StartupError(`enabled_backends: "${word}" is not name:driver, such as fast:file.`);
    return { name, driver, settings: settingsOf(name, config, report) };
  });
  return specs.some(({ driver }) => driverName(driver) === 'http') ? specs : [...specs, http];
}

const settingsOf = (section: string, config: ConfigSource, report: (line: string) => void): StoreSettings =>
  loadConfig({ [section]: backendOptions }, config, report)[section] as StoreSettings;
