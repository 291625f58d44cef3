import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, rename, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { StartupError } from '#common/daemon.ts';
import { catalogue as publishers, type Catalogue, type CloudImage } from './catalogue.ts';
import { findDigest } from './checksum-file.ts';
import { discard, download, downloadText, type DownloadOptions } from './download.ts';
import { explain } from './explain.ts';

export interface FetchOptions extends DownloadOptions {
  /** A name in the catalogue, such as `debian`. */
  readonly name: string;
  readonly outDir: string;
  readonly catalogue?: Catalogue | undefined;
}

export interface FetchedImage {
  readonly path: string;
  readonly bytes: number;
  /** The publisher's, which the file was found to have. */
  readonly digest: string;
}

/**
 * Brings a publisher's cloud image: resumes a download that was broken off, and lets the file appear under its name
 * only when it has the checksum that the publisher gives for it.
 * @throws StartupError with one clear line
 */
export async function fetchCloudImage(options: FetchOptions): Promise<FetchedImage> {
  const { name, log, signal, catalogue = publishers } = options;
  const image = find(catalogue, name);
  const outDir = resolve(options.outDir);
  await explain(`make the folder ${outDir}`, mkdir(outDir, { recursive: true }));
  const path = join(outDir, image.file);
  const checksums = `${image.folder}/${image.checksumFile}`;
  const digest = findDigest(await downloadText(checksums, signal), image.file, image.algorithm);
  if (!digest) throw new StartupError(`${checksums} does not list ${image.file}: the publisher may have moved it.`);

  if ((await digestOf(path, image, signal)) === digest) log(`${image.file} is there already`);
  else await bring(image, path, digest, options);
  return { path, bytes: (await stat(path)).size, digest };
}

async function bring(image: CloudImage, path: string, digest: string, options: FetchOptions): Promise<void> {
  const { log, signal } = options;
  const url = `${image.folder}/${image.file}`;
  const part = `${path}.part`;
  for (;;) {
    log(`downloading ${url}`);
    const { resumed } = await download(url, part, options);
    log('comparing the checksum');
    const actual = await digestOf(part, image, signal);
    if (actual === digest) break;
    await discard(part);
    // The publisher may have put a new version in its place since the first part came.
    if (!resumed)
      throw new StartupError(
        `${url} does not have the checksum that its publisher gives (${image.algorithm} ${actual}, not ${digest}): nothing was kept. Try again later.`,
      );
    log('the parts do not fit together: starting over');
  }
  await explain(`write ${path}`, rename(part, path));
}

function find(catalogue: Catalogue, name: string): CloudImage {
  const image = Object.hasOwn(catalogue, name) ? catalogue[name] : undefined;
  if (!image)
    throw new StartupError(`There is no image "${name}" to fetch: choose one of ${Object.keys(catalogue).join(', ')}.`);
  return image;
}

/** Undefined when there is no such file. */
async function digestOf(path: string, image: CloudImage, signal?: AbortSignal): Promise<string | undefined> {
  if (!(await stat(path).catch(() => undefined))) return undefined;
  const hash = createHash(image.algorithm);
  await pipeline(createReadStream(path), hash, signal ? { signal } : {});
  return hash.digest('hex');
}
