import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { StartupError } from '#common/daemon.ts';
import type { Run } from '#common/host/run.ts';

/** The modules of one kernel, as its package brings them. */
export interface KernelModules {
  /** Such as `6.1.0-56-cloud-amd64`. */
  readonly release: string;
  /**
   * Puts modules, and those that they need, below `lib/modules` of `root`, uncompressed and with the lists that
   * busybox's modprobe reads. What is built into the kernel, or not part of it, is passed over.
   */
  install(names: readonly string[], root: string): Promise<void>;
  /** @throws StartupError when the kernel has one of them neither as a module nor built in */
  require(names: readonly string[]): void;
}

interface Module {
  /** Below the release's folder, without `.xz`. */
  readonly path: string;
  readonly data: Buffer;
  readonly depends: readonly string[];
  readonly aliases: readonly string[];
}

/** File names have `-` or `_`, the kernel's names `_`. */
const canonical = (file: string): string =>
  basename(file)
    .replace(/\.ko(\.xz)?$/, '')
    .replaceAll('-', '_');

/**
 * Looks through `lib/modules` of an unpacked kernel package.
 * @param busybox decompresses modules (Debian 13 packs them with xz)
 * @throws StartupError when there are no modules
 */
export async function openKernelModules(modulesDir: string, busybox: string, run: Run): Promise<KernelModules> {
  const release = (await readdir(modulesDir))[0];
  if (!release) throw new StartupError('The kernel package has no modules: run apt-get update and try again.');
  const folder = join(modulesDir, release);
  const files = (await readdir(folder, { recursive: true })).filter((file) => /\.ko(\.xz)?$/.test(file));
  const byName = new Map(files.map((file) => [canonical(file), file]));
  const builtin = await readFile(join(folder, 'modules.builtin'), 'utf8');
  const builtinNames = new Set(builtin.split('\n').map(canonical));
  const loaded = new Map<string, Promise<Module>>();

  const load = async (file: string): Promise<Module> => {
    const path = join(folder, file);
    if (file.endsWith('.xz')) await run([busybox, 'unxz', path]);
    const data = await readFile(path.replace(/\.xz$/, ''));
    return {
      path: file.replace(/\.xz$/, ''),
      data,
      depends: modinfo(data, 'depends').flatMap((list) => list.split(',').filter((name) => name !== '')),
      aliases: modinfo(data, 'alias'),
    };
  };

  const module = (name: string): Promise<Module> | undefined => {
    const file = byName.get(name);
    if (file === undefined) return undefined;
    const found = loaded.get(name) ?? load(file);
    loaded.set(name, found);
    return found;
  };

  /** Adds a module after all that it needs. */
  const collect = async (name: string, into: Map<string, Module>): Promise<void> => {
    if (into.has(name)) return;
    const found = await module(name);
    if (!found) return;
    for (const needed of found.depends) await collect(canonical(needed), into);
    into.set(name, found);
  };

  const install = async (names: readonly string[], root: string): Promise<void> => {
    const target = join(root, 'lib/modules', release);
    const chosen = new Map<string, Module>();
    for (const name of names) await collect(name, chosen);
    const dependencies: string[] = [];
    for (const [name, one] of chosen) {
      await mkdir(dirname(join(target, one.path)), { recursive: true });
      await writeFile(join(target, one.path), one.data);
      const needed = new Map<string, Module>();
      await collect(name, needed);
      // modprobe loads the list from its end: what is needed first stands last.
      const paths = [...needed.values()].filter((other) => other !== one).map((other) => other.path);
      dependencies.push(`${one.path}: ${paths.reverse().join(' ')}`.trim());
    }
    const aliases = [...chosen].flatMap(([name, one]) => one.aliases.map((alias) => `alias ${alias} ${name}`));
    await mkdir(target, { recursive: true });
    await writeFile(join(target, 'modules.dep'), lines(dependencies));
    await writeFile(join(target, 'modules.alias'), lines(aliases));
    await writeFile(join(target, 'modules.builtin'), builtin);
  };

  const require = (names: readonly string[]): void => {
    const absent = names.find((name) => !byName.has(name) && !builtinNames.has(name));
    if (absent) throw new StartupError(`Debian's kernel ${release} has no module ${absent}, which the guest needs.`);
  };

  return { release, install, require };
}

const lines = (list: readonly string[]): string => list.map((line) => `${line}\n`).join('');

/** Values of one key in a module's `.modinfo` section, which is `key=value` strings between NULs. */
export function modinfo(data: Buffer, key: string): string[] {
  const mark = Buffer.from(`\0${key}=`);
  const values: string[] = [];
  for (let at = data.indexOf(mark); at >= 0; at = data.indexOf(mark, at + 1)) {
    const start = at + mark.length;
    values.push(data.toString('latin1', start, data.indexOf(0, start)));
  }
  return values;
}
