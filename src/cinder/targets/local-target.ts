import type { ConnectionInfo, Connector } from '#clients/volume.ts';
import type { LocalVolume, VolumeSpec } from '../drivers/driver.ts';
import type { Export, VolumeTarget } from './target.ts';

/** Volumes by their path: for servers on the host that has them, where no target program is installed. */
export class LocalTarget implements VolumeTarget {
  readonly name = 'local';
  readonly #host: string;

  /** @param host this host, as compute hosts are named */
  constructor(host: string) {
    this.#host = host;
  }

  async check(): Promise<void> {}

  async ensure(_volume: VolumeSpec, { path }: LocalVolume): Promise<Export> {
    return { location: path, auth: null };
  }

  async remove(): Promise<void> {}

  connection(
    volume: VolumeSpec,
    { path, format }: LocalVolume,
    _made: Export,
    { host }: Connector,
    mode: 'rw' | 'ro',
  ): ConnectionInfo {
    if (host !== this.#host)
      throw new Error(
        `Volume ${volume.id} is a file of ${this.#host} and cannot be reached from ${host}. Install tgt on ${this.#host} and set iscsi_helper = tgtadm there.`,
      );
    const data = {
      device_path: path,
      format,
      volume_id: volume.id,
      access_mode: mode,
      encrypted: false,
      qos_specs: null,
    };
    return { driver_volume_type: 'local', data };
  }

  async list(): Promise<readonly string[]> {
    return [];
  }
}
