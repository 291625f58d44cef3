import { basename, dirname } from 'node:path';
import type { ConnectionInfo, Connector } from '#clients/volume.ts';
import type { LocalVolume, VolumeSpec } from '../drivers/driver.ts';
import type { MountedShare } from '../drivers/nfs/shares.ts';
import type { Export, VolumeTarget } from './target.ts';

/** Volumes on NFS are exported by the NFS server: compute hosts mount the share themselves. */
export class NfsTarget implements VolumeTarget {
  readonly name = 'nfs';
  readonly #shares: () => readonly MountedShare[];

  constructor(shares: () => readonly MountedShare[]) {
    this.#shares = shares;
  }

  async check(): Promise<void> {}

  async ensure(_volume: VolumeSpec, local: LocalVolume): Promise<Export> {
    return { location: this.#shareOf(local).share, auth: null };
  }

  async remove(): Promise<void> {}

  connection(
    volume: VolumeSpec,
    local: LocalVolume,
    _made: Export,
    _connector: Connector,
    mode: 'rw' | 'ro',
  ): ConnectionInfo {
    const { share, options } = this.#shareOf(local);
    return {
      driver_volume_type: 'nfs',
      data: {
        export: share,
        name: basename(local.path),
        format: local.format,
        options,
        access_mode: mode,
        volume_id: volume.id,
        encrypted: false,
        qos_specs: null,
      },
    };
  }

  async list(): Promise<readonly string[]> {
    return [];
  }

  #shareOf({ path }: LocalVolume): MountedShare {
    const found = this.#shares().find(({ folder }) => folder === dirname(path));
    if (!found) throw new Error(`${path} is on no share of nfs_shares_config.`);
    return found;
  }
}
