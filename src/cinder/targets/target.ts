import type { ConnectionInfo, Connector } from '#clients/volume.ts';
import type { LocalVolume, VolumeSpec } from '../drivers/driver.ts';

/** What an export needs to be made again after a restart of the target program: kept with the volume. */
export interface Export {
  /** `192.168.10.100:3260,1 iqn.2010-10.org.openstack:volume-… 1` (`provider_location`). */
  readonly location: string;
  /** `CHAP user password` (`provider_auth`); null without. A secret: never logged, never shown. */
  readonly auth: string | null;
}

/** How a host's volumes are offered to other hosts: tgt's iSCSI (the manual's), LIO, or the path itself. */
export interface VolumeTarget {
  /** `tgt`, `lio`, `local`, `fake` */
  readonly name: string;
  /** @throws StartupError saying what to do */
  check(signal: AbortSignal): Promise<void>;
  /**
   * The volume is exported now, under the same address and secret as before when `known` is given; one whose
   * size has changed is offered in its new size. Idempotent.
   */
  ensure(volume: VolumeSpec, local: LocalVolume, known: Export | null, signal: AbortSignal): Promise<Export>;
  /** An absent export is not an error. Refuses nobody: whoever is still connected loses it. */
  remove(volume: VolumeSpec, signal: AbortSignal): Promise<void>;
  /** What the compute host is told. */
  connection(
    volume: VolumeSpec,
    local: LocalVolume,
    made: Export,
    connector: Connector,
    mode: 'rw' | 'ro',
  ): ConnectionInfo;
  /** Names of volumes that are exported, for the reconciler. */
  list(signal: AbortSignal): Promise<readonly string[]>;
}
