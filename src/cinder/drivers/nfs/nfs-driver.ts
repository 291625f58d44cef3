import { statfs } from 'node:fs/promises';
import type { DriverDeps } from '../deps.ts';
import type { VolumeDriver } from '../driver.ts';
import { gibOf } from '../kit.ts';
import { VolumeFiles } from '../volume-files.ts';
import { mountShares, readShares, type MountedShare } from './shares.ts';

/** Volumes as files on NFS shares, which compute hosts mount themselves. */
export interface NfsDriver extends VolumeDriver {
  /** The shares that are mounted, for the target. */
  readonly shares: () => readonly MountedShare[];
}

export function createNfsDriver({ run, log, conf }: DriverDeps): NfsDriver {
  let shares: readonly MountedShare[] = [];
  const files = new VolumeFiles({
    run,
    folders: () => shares.map(({ folder }) => folder),
    format: conf.nfs_qcow2_volumes ? 'qcow2' : 'raw',
    sparse: conf.nfs_sparsed_volumes,
  });
  const refuseSnapshots = (): void => {
    if (!conf.nfs_snapshot_support)
      throw new Error('Snapshots are switched off for this back end: set nfs_snapshot_support = true.');
  };
  return {
    name: 'nfs',
    shares: () => shares,
    async check(signal) {
      const wanted = await readShares(conf.nfs_shares_config);
      shares = await mountShares({ run, log }, conf.nfs_mount_point_base, wanted, conf.nfs_mount_options, signal);
    },
    async stats() {
      const all = await Promise.all(shares.map(({ folder }) => statfs(folder)));
      const sum = (count: (one: (typeof all)[number]) => number): number =>
        gibOf(all.reduce((bytes, one) => bytes + count(one) * one.bsize, 0));
      return {
        vendorName: 'Open Source',
        driverVersion: '1.0',
        storageProtocol: 'nfs',
        totalGb: sum((one) => one.blocks),
        freeGb: sum((one) => one.bavail),
        thin: conf.nfs_sparsed_volumes || conf.nfs_qcow2_volumes,
      };
    },
    create: (volume, signal) => files.create(volume, signal),
    createFromSnapshot: (volume, snapshot, signal) => files.copy(snapshot.name, volume, signal),
    createFromVolume: (volume, source, signal) => files.copy(source.name, volume, signal),
    delete: (volume) => files.remove(volume.name),
    extend: (volume) => files.grow(volume),
    async createSnapshot({ name, id, volume }, signal) {
      refuseSnapshots();
      await files.copy(volume.name, { ...volume, id, name }, signal);
    },
    deleteSnapshot: (snapshot) => files.remove(snapshot.name),
    revertToSnapshot: ({ name, volume }, signal) => files.replace(name, volume, signal),
    open: (volume) => files.open(volume.name),
    openSnapshot: (snapshot) => files.open(snapshot.name),
    list: () => files.names(),
    adopt: (volume, existing) => files.adopt(volume.name, existing),
    release: (volume) => files.release(volume.name),
  };
}
