import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Connector } from '#clients/volume.ts';
import { ensureFolder } from '#common/host/files.ts';
import { hasProgram } from '#common/host/privileges.ts';
import type { Run } from '#common/host/run.ts';
import type { GuestDisk, VolumeConnection } from '../virt/driver.ts';
import { initiatorName } from '../virt/initiator.ts';

export interface HostVolumesDeps {
  readonly run: Run;
  readonly host: string;
  /** `my_ip` */
  readonly ip: string;
  /** Where shares are mounted (`nfs_mount_point_base`). */
  readonly mountBase: string;
  /** Options of all shares (`nfs_mount_options`). */
  readonly mountOptions: string | null;
}

/** How a host reaches volumes. */
export interface HostVolumes {
  connector(): Connector;
  /** The disk as a driver can use it: shares are mounted. @throws Error saying what is missing */
  ready<D extends GuestDisk>(disk: D, signal: AbortSignal): Promise<D>;
}

export function createHostVolumes(deps: HostVolumesDeps): HostVolumes {
  return {
    connector: () => ({
      initiator: initiatorName(deps.host),
      ip: deps.ip,
      host: deps.host,
      multipath: false,
      platform: process.arch === 'x64' ? 'x86_64' : process.arch,
      os_type: process.platform,
    }),
    async ready(disk, signal) {
      if (disk.kind !== 'volume' || disk.connection.type !== 'nfs') return disk;
      return { ...disk, connection: await mounted(deps, disk.connection, signal) };
    },
  };
}

/** For drivers whose guests are notes only: nothing is mounted. */
export const noHostVolumes = (deps: Pick<HostVolumesDeps, 'host' | 'ip'>): HostVolumes => ({
  ...createHostVolumes({ ...deps, run: () => Promise.reject(new Error('unused')), mountBase: '', mountOptions: null }),
  ready: async (disk) => disk,
});

/** The file on a share. The folder is os-brick's: the MD5 sum of the share's name. */
async function mounted(
  deps: HostVolumesDeps,
  share: VolumeConnection & { type: 'nfs' },
  signal: AbortSignal,
): Promise<VolumeConnection> {
  const folder = join(deps.mountBase, createHash('md5').update(share.export).digest('hex'));
  await ensureFolder(folder);
  if (!(await isMounted(folder))) {
    if (!hasProgram('mount.nfs'))
      throw new Error(
        `Volumes on ${share.export} need an NFS client on this host (Debian, Ubuntu: apt-get install nfs-common).`,
      );
    const options = [deps.mountOptions, share.options?.replace(/^-o\s*/, '')].filter(Boolean).join(',');
    const flags = options === '' ? [] : ['-o', options];
    await deps.run(['mount', '-t', 'nfs', ...flags, '--', share.export, folder], { signal }).catch(async (error) => {
      // Two servers of one share at once: one mounts it, the other finds it mounted.
      if (!(await isMounted(folder))) throw error;
    });
  }
  return {
    type: 'file',
    path: join(folder, share.name),
    format: share.format,
    ...(share.readOnly && { readOnly: true }),
  };
}

async function isMounted(folder: string): Promise<boolean> {
  const mounts = await readFile('/proc/self/mountinfo', 'utf8');
  return mounts.split('\n').some((line) => line.split(' ')[4]?.replaceAll('\\040', ' ') === folder);
}
