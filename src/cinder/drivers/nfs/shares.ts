import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { StartupError } from '#common/daemon.ts';
import { ensureFolder } from '#common/host/files.ts';
import type { Run } from '#common/host/run.ts';
import type { Logger } from '#common/telemetry/log.ts';

/** A share that is mounted. */
export interface MountedShare {
  /** `server:/path` */
  readonly share: string;
  readonly options: string | null;
  readonly folder: string;
}

/** Where a share is mounted: below `nfs_mount_point_base`, named by the MD5 of the share as Cinder does. */
export const mountPoint = (base: string, share: string): string =>
  join(base, createHash('md5').update(share).digest('hex'));

/** `server:/path [-o options]` */
export function readShare(line: string): { share: string; options: string | null } {
  const [share = '', ...rest] = line.split(/\s+/);
  return { share, options: rest.join(' ').replace(/^-o\s*/, '') || null };
}

/** Lines of `server:/path [-o options]`; `#` begins a comment. @throws StartupError */
export async function readShares(path: string): Promise<{ share: string; options: string | null }[]> {
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new StartupError(
      `The list of NFS shares ${path} cannot be read: ${(cause as Error).message}. Write one "server:/path" per line into it, or set nfs_shares_config.`,
      { cause },
    );
  });
  const shares = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map(readShare);
  if (shares.length === 0)
    throw new StartupError(`${path} names no NFS share. Write one "server:/path" per line into it.`);
  const wrong = shares.find(({ share }) => !share.includes(':/') || share.startsWith('-'));
  if (wrong) throw new StartupError(`${path}: "${wrong.share}" is no NFS share. It must look like server:/path.`);
  return shares;
}

/** Mounts what is not mounted yet. A share that fails is left out, as long as there is another. @throws StartupError */
export async function mountShares(
  { run, log }: { readonly run: Run; readonly log: Logger },
  base: string,
  shares: readonly { readonly share: string; readonly options: string | null }[],
  commonOptions: string | null,
  signal: AbortSignal,
): Promise<MountedShare[]> {
  const mounted: MountedShare[] = [];
  const failures: string[] = [];
  for (const { share, options: own } of shares) {
    const folder = mountPoint(base, share);
    const options = own ?? commonOptions;
    await ensureFolder(folder);
    try {
      if (!(await isMounted(folder))) {
        const argv = ['mount', '-t', 'nfs', ...(options === null ? [] : ['-o', options]), share, folder];
        await run(argv, { signal });
      }
      mounted.push({ share, options, folder });
    } catch (error) {
      failures.push(`${share}: ${(error as Error).message}`);
    }
  }
  if (mounted.length === 0)
    throw new StartupError(
      `No NFS share can be mounted (${failures.join('; ')}). cinder-volume mounts as root, and the kernel and the package nfs-common must know NFS.`,
    );
  for (const failure of failures) log.warn(`An NFS share is left out: ${failure}`);
  return mounted;
}

async function isMounted(folder: string): Promise<boolean> {
  const table = await readFile('/proc/self/mountinfo', 'utf8');
  // The fifth field, with blanks as \040.
  return table.split('\n').some((line) => line.split(' ')[4]?.replaceAll('\\040', ' ') === folder);
}
