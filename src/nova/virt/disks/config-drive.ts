import { mkdir, rename, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { dirname, join, normalize } from 'node:path';
import type { Run } from '#common/host/run.ts';

/** cloud-init finds the drive by this label. */
const LABEL = 'config-2';

/**
 * Makes the config drive at `path` unless it is there.
 * @param files path inside the drive → content
 */
export async function makeConfigDrive(
  run: Run,
  path: string,
  files: Readonly<Record<string, string>>,
  format: 'iso9660' | 'vfat',
): Promise<void> {
  if (await stat(path).catch(() => undefined)) return;
  const tree = `${path}.${process.pid}.tree`;
  const image = `${path}.${process.pid}.part`;
  await rm(tree, { recursive: true, force: true });
  await rm(image, { force: true });
  try {
    // The content holds passwords and keys.
    await mkdir(tree, { mode: 0o700 });
    for (const [name, content] of Object.entries(files)) {
      const target = join(tree, inside(name));
      await mkdir(dirname(target), { recursive: true });
      await writeFile(target, content);
    }
    await (format === 'iso9660' ? makeIso(run, tree, image) : makeVfat(run, tree, image, files));
    await rename(image, path);
  } finally {
    await rm(tree, { recursive: true, force: true });
    await rm(image, { force: true });
  }
}

/** @throws Error when the path leads out of the drive */
function inside(name: string): string {
  const path = normalize(name);
  if (path.startsWith('/') || path.startsWith('..') || path === '.')
    throw new Error(`"${name}" is not a path inside the config drive`);
  return path;
}

async function makeIso(run: Run, tree: string, image: string): Promise<void> {
  const names = ['-quiet', '-ldots', '-allow-lowercase', '-allow-multidot', '-l', '-J', '-r'];
  await run(['genisoimage', '-o', image, ...names, '-publisher', 'OpenStack Nova', '-V', LABEL, tree]);
}

async function makeVfat(run: Run, tree: string, image: string, files: Readonly<Record<string, string>>): Promise<void> {
  // 64 MiB as Nova has it; sparse.
  await writeFile(image, '');
  await truncate(image, 64 * 1024 * 1024);
  await run(['mkfs.vfat', '-n', LABEL, image]);
  const top = [...new Set(Object.keys(files).map((name) => inside(name).split('/')[0]!))];
  await run(['mcopy', '-s', '-Q', '-i', image, ...top.map((name) => join(tree, name)), '::/']);
}
