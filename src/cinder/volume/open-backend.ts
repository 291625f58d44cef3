import { join } from 'node:path';
import type { DaemonEnv } from '#common/daemon.ts';
import { startPrivateTgtd, SYSTEM_TGTD_SOCKET, type PrivateTgtd } from '#common/host/private-tgtd.ts';
import { TgtClient } from '#common/host/tgt-client.ts';
import type { Backend, CinderConfig } from '../config.ts';
import { drivers } from '../drivers/index.ts';
import { createTarget } from '../targets/index.ts';
import type { OpenBackend } from './backend.ts';
import { createLocks } from './locks.ts';

export interface Opened {
  readonly backend: OpenBackend;
  /** Its volumes have bytes. */
  readonly real: boolean;
}

/** The tgtd that all back ends of this daemon share. */
export interface SharedTgtd {
  client(): Promise<TgtClient>;
  close(): Promise<void>;
}

/** Folder of a tgtd of our own. */
export const tgtdFolder = (statePath: string): string => join(statePath, 'tgtd');

/** The machine's tgtd, or one of our own (`private_tgtd`). @param restarted it has no exports any more */
export function shareTgtd(env: DaemonEnv, { DEFAULT: conf }: CinderConfig, restarted: () => void): SharedTgtd {
  let own: Promise<PrivateTgtd> | undefined;
  return {
    async client() {
      if (!conf.private_tgtd) return new TgtClient(SYSTEM_TGTD_SOCKET);
      own ??= startPrivateTgtd(
        { folder: tgtdFolder(conf.state_path), run: env.run, log: env.log },
        `${conf.iscsi_ip_address}:${conf.iscsi_port}`,
        restarted,
      );
      own.catch(() => (own = undefined));
      return (await own).client;
    },
    async close() {
      await (await own?.catch(() => undefined))?.close();
    },
  };
}

/** @throws StartupError when the back end cannot be used now, with what to do */
export async function openBackend(
  env: Pick<DaemonEnv, 'run' | 'log' | 'host'>,
  described: Backend,
  { DEFAULT: shared }: CinderConfig,
  tgtd: SharedTgtd,
  signal: AbortSignal,
): Promise<Opened> {
  const { run, log, host } = env;
  const { section } = described;
  // A tgtd of our own listens where [DEFAULT] says, whatever the section of a back end has.
  const { iscsi_ip_address, iscsi_port } = shared;
  const conf = { ...described.conf, ...(shared.private_tgtd && { iscsi_ip_address, iscsi_port }) };
  const kit = await drivers[conf.volume_driver]();
  const driver = await kit.create({ run, log, conf, statePath: shared.state_path, section });
  await driver.check(signal);
  const target = await createTarget({ driver, conf, host, log, tgt: () => tgtd.client() });
  // A target program that is away may come: volumes are made without it, and exported when it is there (manual M452, M453).
  await target.check(signal).catch((error: unknown) => log.warn((error as Error).message));
  return { backend: { ...described, conf, driver, target, locks: createLocks() }, real: kit.real };
}
