import type { Run } from '#common/host/run.ts';
import type { Logger } from '#common/telemetry/log.ts';
import type { BackendConfig } from '../config.ts';

/** What every driver is made of. A driver takes what it needs and leaves the rest. */
export interface DriverDeps {
  readonly run: Run;
  readonly log: Logger;
  /** The back end's section of cinder.conf. */
  readonly conf: BackendConfig;
}
