import { readdir, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Run } from '#common/host/run.ts';
import { explain } from './explain.ts';

/** By which the initramfs knows the root file system. */
const label = 'cirros-rootfs';

/**
 * Named one by one, so that it does not depend on this machine's /etc/mke2fs.conf. No checksums, which need more
 * of the kernel; a journal, for guests are killed; uninit_bg, so that growing to a big disk writes little.
 */
const features =
  'none,has_journal,ext_attr,resize_inode,dir_index,filetype,extent,flex_bg,sparse_super,large_file,huge_file,uninit_bg,dir_nlink,extra_isize,64bit';

export interface RootImageOptions {
  readonly run: Run;
  readonly tree: string;
  readonly image: string;
  readonly megabytes: number;
  readonly signal?: AbortSignal | undefined;
}

/** Makes an ext4 image (raw) of a folder, without mounting it and without being root. */
export async function makeRootImage({ run, tree, image, megabytes, signal }: RootImageOptions): Promise<void> {
  const call = { ...(signal && { signal }) };
  await writeFile(image, '');
  await truncate(image, megabytes * 1024 * 1024);
  // resize=: the file system can be grown while it is mounted, to 64 M blocks (256 GiB) in the ordinary layout.
  const growth = 'lazy_itable_init=1,resize=67108864';
  const layout = ['-b', '4096', '-I', '256', '-N', '2048', '-m', '1', '-J', 'size=4', '-O', features, '-E', growth];
  const mke2fs = ['mke2fs', '-q', '-F', '-t', 'ext4', '-L', label, ...layout, '-d', tree, image];
  await explain(
    "make the guest's root file system",
    run(mke2fs, call),
    'If it is full, give the disk more megabytes (--disk-megabytes).',
  );
  await explain(
    "set the owners of the guest's files",
    run(['debugfs', '-w', '-f', '-', image], { ...call, input: await owners(tree) }),
  );
}

/** debugfs commands: all belongs to root, but the home folder of cirros. */
async function owners(tree: string): Promise<string> {
  const entries = await readdir(tree, { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => !entry.isSymbolicLink())
    .map((entry) => join(entry.parentPath, entry.name).slice(tree.length));
  const commands = ['/', ...paths].flatMap((path) => {
    const owner = path.startsWith('/home/cirros') ? 1000 : 0;
    return [`set_inode_field "${path}" uid ${owner}`, `set_inode_field "${path}" gid ${owner}`];
  });
  return `${commands.join('\n')}\n`;
}
