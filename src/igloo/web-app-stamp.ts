import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** In the built folder: of which sources it was made. */
export const STAMP_FILE = 'build-stamp.txt';

/** A hash of everything that the built app is made of. Some hundred small files: milliseconds. */
export function sourceStamp(web: string): string {
  const hash = createHash('sha256');
  for (const file of sources(web))
    hash
      .update(`${file}\0`)
      .update(readFileSync(join(web, file)))
      .update('\0');
  return hash.digest('hex');
}

/** Whether `dist` is made of the sources as they are. One that was built by hand has no stamp: its time decides. */
export function isCurrent(web: string): boolean {
  const dist = join(web, 'dist');
  if (!existsSync(join(dist, 'index.html'))) return false;
  const stamp = join(dist, STAMP_FILE);
  if (existsSync(stamp)) return readFileSync(stamp, 'utf8').trim() === sourceStamp(web);
  const built = statSync(join(dist, 'index.html')).mtimeMs;
  return sources(web).every((file) => statSync(join(web, file)).mtimeMs < built);
}

/** Whether `node_modules` holds what the lock file wants, so that nothing has to be fetched. */
export function librariesFit(web: string): boolean {
  const wanted = packagesOf(join(web, 'package-lock.json'));
  const there = packagesOf(join(web, 'node_modules/.package-lock.json'));
  const names = Object.keys(wanted).filter((name) => name !== '' && wanted[name]?.optional !== true);
  return names.length > 0 && names.every((name) => there[name]?.version === wanted[name]?.version);
}

type Packages = Readonly<Record<string, { readonly version?: string; readonly optional?: boolean }>>;

function packagesOf(lockFile: string): Packages {
  try {
    return (JSON.parse(readFileSync(lockFile, 'utf8')) as { packages?: Packages }).packages ?? {};
  } catch {
    return {}; // not there, or half written: not installed
  }
}

/** The files beside `package.json`, and all below `src` and `public`, but for tests. */
function sources(web: string): readonly string[] {
  const below = (folder: string): readonly string[] =>
    existsSync(join(web, folder))
      ? readdirSync(join(web, folder), { recursive: true, withFileTypes: true })
          .filter((entry) => entry.isFile())
          .map((entry) => join(entry.parentPath, entry.name).slice(web.length + 1))
      : [];
  const beside = readdirSync(web, { withFileTypes: true }).filter((entry) => entry.isFile());
  return [...beside.map(({ name }) => name), ...below('src'), ...below('public')]
    .filter((file) => !/\.test\.tsx?$|(^|\/)\./.test(file))
    .sort();
}
