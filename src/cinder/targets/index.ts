import { StartupError } from '#common/daemon.ts';
import type { TgtClient } from '#common/host/tgt-client.ts';
import type { Logger } from '#common/telemetry/log.ts';
import type { BackendConfig } from '../config.ts';
import type { VolumeDriver } from '../drivers/driver.ts';
import type { NfsDriver } from '../drivers/nfs/nfs-driver.ts';
import { FakeTarget } from './fake-target.ts';
import { LocalTarget } from './local-target.ts';
import { NfsTarget } from './nfs-target.ts';
import { RbdTarget } from './rbd-target.ts';
import type { VolumeTarget } from './target.ts';
import { TgtTarget } from './tgt/tgt-target.ts';

export interface TargetDeps {
  readonly driver: VolumeDriver;
  readonly conf: BackendConfig;
  /** This host, as compute hosts are named. */
  readonly host: string;
  /** Asked for once `iscsi_helper` says tgt. */
  readonly tgt: () => Promise<TgtClient>;
  readonly log: Logger;
}

/** How a back end's volumes are offered: network storage offers itself, everything else as `iscsi_helper` says. */
export async function createTarget({ driver, conf, host, tgt, log }: TargetDeps): Promise<VolumeTarget> {
  if (driver.name === 'nfs') return new NfsTarget((driver as NfsDriver).shares);
  if (driver.name === 'rbd') return new RbdTarget(conf);
  if (driver.name === 'fake') return new FakeTarget();
  switch (conf.iscsi_helper) {
    case 'tgt':
      return new TgtTarget({ client: await tgt(), conf, log });
    case 'local':
      return new LocalTarget(host);
    case 'fake':
      return new FakeTarget();
    case 'lio':
      throw new StartupError('iscsi_helper = lioadm is not supported. Install tgt and set iscsi_helper = tgtadm.');
  }
}
