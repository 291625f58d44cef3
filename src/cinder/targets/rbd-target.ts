import { readFile } from 'node:fs/promises';
import type { ConnectionInfo, Connector } from '#clients/volume.ts';
import { StartupError } from '#common/daemon.ts';
import type { BackendConfig } from '../config.ts';
import type { LocalVolume, VolumeSpec } from '../drivers/driver.ts';
import type { Export, VolumeTarget } from './target.ts';

/** Guests reach a Ceph pool by themselves: they are told the monitors. */
export class RbdTarget implements VolumeTarget {
  readonly name = 'rbd';
  readonly #conf: BackendConfig;
  #monitors: readonly { readonly host: string; readonly port: string }[] = [];

  constructor(conf: BackendConfig) {
    this.#conf = conf;
  }

  async check(): Promise<void> {
    const path = this.#conf.rbd_ceph_conf || '/etc/ceph/ceph.conf';
    const text = await readFile(path, 'utf8').catch((cause: unknown) => {
      throw new StartupError(`${path} cannot be read: ${(cause as Error).message}. Set rbd_ceph_conf.`, { cause });
    });
    this.#monitors = monitorsOf(text);
    if (this.#monitors.length === 0) throw new StartupError(`${path} names no monitors: write "mon_host" into it.`);
  }

  async ensure({ name }: VolumeSpec): Promise<Export> {
    return { location: `${this.#conf.rbd_pool}/${name}`, auth: null };
  }

  async remove(): Promise<void> {}

  connection(
    volume: VolumeSpec,
    _local: LocalVolume,
    made: Export,
    _connector: Connector,
    mode: 'rw' | 'ro',
  ): ConnectionInfo {
    const { rbd_user: user, rbd_secret_uuid: secret } = this.#conf;
    return {
      driver_volume_type: 'rbd',
      data: {
        name: made.location,
        hosts: this.#monitors.map(({ host }) => host),
        ports: this.#monitors.map(({ port }) => port),
        auth_enabled: user !== null,
        auth_username: user,
        access_mode: mode,
        secret_type: 'ceph',
        secret_uuid: secret,
        volume_id: volume.id,
        encrypted: false,
        qos_specs: null,
      },
    };
  }

  async list(): Promise<readonly string[]> {
    return [];
  }
}

/** `mon_host = 10.0.0.1:6789, [v2:10.0.0.2:3300,v1:10.0.0.2:6789]` */
export function monitorsOf(text: string): { host: string; port: string }[] {
  const line = /^\s*mon[ _]host\s*=\s*(.*)$/m.exec(text)?.[1] ?? '';
  const found = line
    .replace(/\bv2:[^,\]]*,?/g, '')
    .replace(/\bv1:|[[\]]/g, '')
    .split(/[\s,]+/)
    .filter((part) => part !== '')
    .map((part) => part.replace(/\/\d+$/, ''));
  return found.map((part) => {
    const [host = '', port = '6789'] = part.split(':');
    return { host, port };
  });
}
