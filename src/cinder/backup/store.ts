import { createReadStream, createWriteStream } from 'node:fs';
import { access, constants, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { StartupError } from '#common/daemon.ts';
import { ensureFolder, writeFileAtomic } from '#common/host/files.ts';
import type { Run } from '#common/host/run.ts';
import type { Logger } from '#common/telemetry/log.ts';
import type { CinderConfig } from '../config.ts';
import { mountShares, readShare } from '../drivers/nfs/shares.ts';

/** Where backups are kept. Each has a folder of its own, whose files come and go together. */
export interface BackupStore {
  /** As `service` names who can read it. */
  readonly service: string;
  /** @throws StartupError saying what to do */
  check(signal: AbortSignal): Promise<void>;
  /** @returns bytes kept */
  write(folder: string, name: string, data: Readable, signal: AbortSignal): Promise<number>;
  writeWhole(folder: string, name: string, data: Buffer | string): Promise<void>;
  read(folder: string, name: string): Readable;
  /** Null when it is not there. */
  readWhole(folder: string, name: string): Promise<Buffer | null>;
  /** An absent folder is not an error. */
  remove(folder: string): Promise<void>;
}

/** Cinder's names of backup drivers, with and without their class. */
const STORES: Readonly<Record<string, 'posix' | 'nfs' | 'swift'>> = {
  'cinder.backup.drivers.posix': 'posix',
  'cinder.backup.drivers.posix.PosixBackupDriver': 'posix',
  'cinder.backup.drivers.nfs': 'nfs',
  'cinder.backup.drivers.nfs.NFSBackupDriver': 'nfs',
  'cinder.backup.drivers.swift': 'swift',
  'cinder.backup.drivers.swift.SwiftBackupDriver': 'swift',
};

/** @throws StartupError for a driver that there is not */
export function createBackupStore(
  { DEFAULT: conf }: CinderConfig,
  deps: { readonly run: Run; readonly log: Logger },
): BackupStore {
  const kind = STORES[conf.backup_driver];
  if (kind === 'posix')
    return folderStore('cinder.backup.drivers.posix.PosixBackupDriver', async () => conf.backup_posix_path);
  if (kind === 'nfs')
    return folderStore('cinder.backup.drivers.nfs.NFSBackupDriver', async (signal) => {
      const { backup_share: share, backup_mount_point_base: base, backup_mount_options: options } = conf;
      if (share === null) throw new StartupError('The backup driver nfs needs backup_share = server:/path.');
      const [mounted] = await mountShares(deps, base, [readShare(share)], options, signal);
      return mounted?.folder ?? '';
    });
  throw new StartupError(
    `backup_driver = ${conf.backup_driver} is not supported${kind === 'swift' ? ': this cloud has no object store' : ''}. Use cinder.backup.drivers.posix.PosixBackupDriver or cinder.backup.drivers.nfs.NFSBackupDriver.`,
  );
}

/** Folders below a root. @param rootOf finds it, once */
export function folderStore(service: string, rootOf: (signal: AbortSignal) => Promise<string>): BackupStore {
  let root = '';
  const path = (folder: string, name: string): string => join(root, checkedFolder(folder), name);
  return {
    service,
    async check(signal) {
      try {
        root = await rootOf(signal);
        await ensureFolder(root, 0o700);
        await access(root, constants.R_OK | constants.W_OK | constants.X_OK);
      } catch (cause) {
        if (cause instanceof StartupError) throw cause;
        throw new StartupError(
          `Backups cannot be kept in ${root}: ${(cause as Error).message}. Make that folder for this user, or set backup_posix_path.`,
          { cause },
        );
      }
    },
    async write(folder, name, data, signal) {
      const target = path(folder, name);
      await ensureFolder(join(root, folder), 0o700);
      // `flush`: on the disk before it is closed.
      await pipeline(data, createWriteStream(`${target}.part`, { mode: 0o600, flush: true }), { signal });
      const { size } = await stat(`${target}.part`);
      await rename(`${target}.part`, target);
      return size;
    },
    async writeWhole(folder, name, data) {
      await ensureFolder(join(root, checkedFolder(folder)), 0o700);
      await writeFileAtomic(path(folder, name), data, { mode: 0o600, fsync: true });
    },
    read: (folder, name) => createReadStream(path(folder, name), { highWaterMark: 1024 ** 2 }),
    readWhole: (folder, name) =>
      readFile(path(folder, name)).catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return null;
        throw error;
      }),
    async remove(folder) {
      const parts = checkedFolder(folder).split('/');
      await rm(join(root, folder), { recursive: true, force: true });
      // The container's folder goes with its last backup.
      for (const outer of parts.map((_, index) => parts.slice(0, -1 - index).join('/')).filter((one) => one !== '')) {
        const left = await readdir(join(root, outer)).catch(() => ['unknown']);
        if (left.length > 0) break;
        await rm(join(root, outer), { recursive: true, force: true });
      }
    },
  };
}

/** People name containers: they must not lead out of the store. */
function checkedFolder(folder: string): string {
  if (!folder.split('/').every((part) => /^[\w@-][\w.@-]*$/.test(part)))
    throw new Error(`"${folder}" is no name of a container: use letters, digits, ".", "-", "_" and "/".`);
  return folder;
}
