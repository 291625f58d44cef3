import type { ConnectionInfo, Connector } from '#clients/volume.ts';
import type { LocalVolume, VolumeSpec } from '../drivers/driver.ts';
import { formatChap, newChapSecret } from './chap.ts';
import { iscsiConnection, iscsiLocation } from './iscsi-connection.ts';
import type { Export, VolumeTarget } from './target.ts';

/** Exports that are only noted; what compute hosts are told looks like tgt's. */
export class FakeTarget implements VolumeTarget {
  readonly name = 'fake';
  readonly exports = new Map<string, Export>();

  async check(): Promise<void> {}

  async ensure({ name }: VolumeSpec, _local: LocalVolume, known: Export | null): Promise<Export> {
    const made = known ??
      this.exports.get(name) ?? {
        location: iscsiLocation('127.0.0.1:3260', `iqn.2010-10.org.openstack:${name}`),
        auth: formatChap(newChapSecret()),
      };
    this.exports.set(name, made);
    return made;
  }

  async remove({ name }: VolumeSpec): Promise<void> {
    this.exports.delete(name);
  }

  connection(
    volume: VolumeSpec,
    _local: LocalVolume,
    made: Export,
    _connector: Connector,
    mode: 'rw' | 'ro',
  ): ConnectionInfo {
    return iscsiConnection(volume, made, mode);
  }

  async list(): Promise<readonly string[]> {
    return [...this.exports.keys()];
  }
}
