import { createHash } from 'node:crypto';
import { mkdir, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { StartupError } from '#common/daemon.ts';
import { output, type Run } from '#common/host/run.ts';
import { explain } from './explain.ts';

/** Programs of the guest: these packages and the libraries that they need. */
const guestPrograms = ['busybox-static', 'dropbear-bin', 'e2fsprogs'] as const;
const kernelMetaPackage = 'linux-image-cloud-amd64';

const updateLists = 'Run apt-get update and try again.';
// apt's unprivileged user may not write into our folders, and would only warn of it.
const sandbox = ['-o', 'APT::Sandbox::User=root'];

export interface DebsDeps {
  readonly run: Run;
  readonly cacheDir: string;
  /** An empty folder on the same file system as the cache. */
  readonly workDir: string;
  readonly log: (line: string) => void;
  readonly signal?: AbortSignal | undefined;
}

/** One package file as apt's lists describe it. */
export interface Deb {
  readonly file: string;
  /** Bytes. */
  readonly size: number;
  readonly algorithm: string;
  readonly digest: string;
}

/**
 * Brings the guest's packages into the cache, where they are missing. Nothing is installed.
 * @returns the paths of the package files
 * @throws StartupError with one clear line
 */
export async function fetchGuestPackages(deps: DebsDeps): Promise<string[]> {
  const names = await explain('find the packages of the guest', guestPackages(deps), updateLists);
  const wanted = new Map((await listed(deps, names)).map((deb, at) => [deb, names[at] as string]));
  const missing: Deb[] = [];
  for (const deb of wanted.keys()) if (!(await isIntact(join(deps.cacheDir, deb.file), deb))) missing.push(deb);
  if (missing.length > 0) {
    const megabytes = missing.reduce((sum, deb) => sum + deb.size, 0) / 1e6;
    deps.log(`downloading ${missing.length} Debian packages (${megabytes.toFixed(1)} MB)`);
    await download(
      deps,
      missing.map((deb) => wanted.get(deb) as string),
    );
    for (const deb of missing) await keep(deps, deb);
  }
  return [...wanted.keys()].map((deb) => join(deps.cacheDir, deb.file));
}

/** Unpacks package files into one tree. */
export async function extractPackages(deps: DebsDeps, files: readonly string[], tree: string): Promise<void> {
  await mkdir(tree, { recursive: true });
  await explain(
    'unpack the Debian packages',
    Promise.all(files.map((file) => deps.run(['dpkg-deb', '-x', file, tree], call(deps)))),
  );
}

const call = (deps: DebsDeps): { signal?: AbortSignal } => (deps.signal ? { signal: deps.signal } : {});

/** Names of the kernel's package, the programs' and their libraries', as this Debian release calls them. */
async function guestPackages(deps: DebsDeps): Promise<string[]> {
  const only = ['recommends', 'suggests', 'conflicts', 'breaks', 'replaces', 'enhances'].map((kind) => `--no-${kind}`);
  const [about, closure] = await Promise.all([
    output(deps.run, ['apt-cache', 'show', '--no-all-versions', kernelMetaPackage], call(deps)),
    output(deps.run, ['apt-cache', 'depends', '--recurse', ...only, ...guestPrograms], call(deps)),
  ]);
  const kernel = /^Depends:.*?\b(linux-image-[^\s,]+)/m.exec(about)?.[1];
  if (!kernel) throw new StartupError(`Debian's ${kernelMetaPackage} names no kernel. ${updateLists}`);
  const libraries = closure.split('\n').filter((line) => /^z?lib[a-z0-9.+-]+$/.test(line));
  return [kernel, ...guestPrograms, ...libraries];
}

/** What apt's lists say of the packages, in their order. */
async function listed(deps: DebsDeps, names: readonly string[]): Promise<Deb[]> {
  // In an empty folder, for apt leaves out what is already there.
  const argv = ['apt-get', '-qq', ...sandbox, '--print-uris', 'download', ...names];
  const text = await explain(
    'look the packages up',
    output(deps.run, argv, { ...call(deps), cwd: deps.workDir }),
    updateLists,
  );
  const debs = parseUris(text);
  if (debs.length !== names.length)
    throw new StartupError(`apt knows ${debs.length} of the guest's ${names.length} packages. ${updateLists}`);
  return names.map((name) => {
    const deb = debs.find((one) => one.file.startsWith(`${name}_`));
    if (!deb) throw new StartupError(`apt does not know the package ${name}. ${updateLists}`);
    return deb;
  });
}

/** Reads `apt-get --print-uris`: lines of `'URI' file size ALGORITHM:digest`. */
export function parseUris(text: string): Deb[] {
  return [...text.matchAll(/^'[^']*' (\S+) (\d+) (\w+):([0-9a-f]+)$/gm)].map(([, file, size, algorithm, digest]) => ({
    file: file as string,
    size: Number(size),
    algorithm: (algorithm as string).toLowerCase().replace('md5sum', 'md5'),
    digest: digest as string,
  }));
}

async function isIntact(path: string, deb: Deb): Promise<boolean> {
  const data = await readFile(path).catch(() => undefined);
  return data !== undefined && createHash(deb.algorithm).update(data).digest('hex') === deb.digest;
}

async function download(deps: DebsDeps, names: readonly string[]): Promise<void> {
  const argv = ['apt-get', '-qq', ...sandbox, 'download', ...names];
  const options = { ...call(deps), cwd: deps.workDir, timeoutMs: 900_000 };
  await explain('download the Debian packages', deps.run(argv, options), updateLists);
}

/** Moves a downloaded file into the cache, which never holds half a file. */
async function keep(deps: DebsDeps, deb: Deb): Promise<void> {
  const path = join(deps.workDir, deb.file);
  if (!(await isIntact(path, deb)))
    throw new StartupError(
      `The download of ${deb.file} is damaged (its ${deb.algorithm} differs from apt's list). Try again.`,
    );
  await rename(path, join(deps.cacheDir, deb.file));
}
