import { access, chmod, constants, statfs } from 'node:fs/promises';
import { StartupError } from '#common/daemon.ts';
import { ensureFolder } from '#common/host/files.ts';
import type { DriverDeps } from '../deps.ts';
import type { BackendStats, VolumeDriver } from '../driver.ts';
import { gibOf } from '../kit.ts';
import { VolumeFiles } from '../volume-files.ts';

/**
 * Volumes as sparse raw files in a folder (`file_volumes_path`). Snapshots and clones are copies, which take no time and
 * no room where the file system shares blocks (xfs, btrfs).
 */
export function createFileDriver({ run, conf }: DriverDeps): VolumeDriver {
  const folder = conf.file_volumes_path;
  const files = new VolumeFiles({ run, folders: () => [folder], format: 'raw', sparse: true });
  return {
    name: 'file',
    async check() {
      try {
        await ensureFolder(folder, 0o700);
        await chmod(folder, 0o700);
        await access(folder, constants.R_OK | constants.W_OK | constants.X_OK);
      } catch (cause) {
        throw new StartupError(
          `Volumes cannot be kept in ${folder}: ${(cause as Error).message}. Make that folder for this user, or set file_volumes_path.`,
          { cause },
        );
      }
    },
    stats: () => folderStats(folder),
    create: (volume, signal) => files.create(volume, signal),
    createFromSnapshot: (volume, snapshot, signal) => files.copy(snapshot.name, volume, signal),
    createFromVolume: (volume, source, signal) => files.copy(source.name, volume, signal),
    delete: (volume) => files.remove(volume.name),
    extend: (volume) => files.grow(volume),
    createSnapshot: ({ name, id, volume }, signal) => files.copy(volume.name, { ...volume, id, name }, signal),
    deleteSnapshot: (snapshot) => files.remove(snapshot.name),
    revertToSnapshot: ({ name, volume }, signal) => files.replace(name, volume, signal),
    open: (volume) => files.open(volume.name),
    openSnapshot: (snapshot) => files.open(snapshot.name),
    list: () => files.names(),
    adopt: (volume, existing) => files.adopt(volume.name, existing),
    release: (volume) => files.release(volume.name),
  };
}

async function folderStats(folder: string): Promise<BackendStats> {
  const { blocks, bavail, bsize } = await statfs(folder);
  return {
    vendorName: 'Open Source',
    driverVersion: '1.0',
    storageProtocol: 'file',
    totalGb: gibOf(blocks * bsize),
    freeGb: gibOf(bavail * bsize),
    thin: true,
  };
}
