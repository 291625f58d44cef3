import type { Backend } from '../config.ts';
import type { SnapshotSpec, VolumeDriver, VolumeSpec } from '../drivers/driver.ts';
import type { VolumeTarget } from '../targets/target.ts';
import { nameInBackend, type Volume } from '../volumes/model.ts';
import type { Locks } from './locks.ts';

/** A back end with what works it. */
export interface OpenBackend extends Backend {
  readonly driver: VolumeDriver;
  readonly target: VolumeTarget;
  readonly locks: Locks;
}

export const volumeSpec = ({ conf }: Pick<Backend, 'conf'>, volume: Pick<Volume, 'id' | 'sizeGb'>): VolumeSpec => ({
  id: volume.id,
  name: nameInBackend(conf.volume_name_template, volume.id),
  sizeGb: volume.sizeGb,
});

export const snapshotSpec = (
  { conf }: Pick<Backend, 'conf'>,
  id: string,
  volume: Pick<Volume, 'id' | 'sizeGb'>,
): SnapshotSpec => ({
  id,
  name: nameInBackend(conf.snapshot_name_template, id),
  volume: volumeSpec({ conf }, volume),
});

/** The id in a name that we would give; null for names of others. */
export function idIn(template: string, name: string): string | null {
  const [before = '', after = ''] = template.split('%s');
  const id =
    name.startsWith(before) && name.endsWith(after) ? name.slice(before.length, name.length - after.length) : '';
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id) ? id : null;
}
