import { createHash } from 'node:crypto';
import { mkdir, open, readdir, rename, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import type { Download } from '#clients/image-download.ts';
import type { Clock } from '#common/clock.ts';
import { convertToRaw, inspectImage } from '#common/host/images/inspect-image.ts';
import type { Run } from '#common/host/run.ts';
import type { Logger } from '#common/telemetry/log.ts';

export interface ImageCacheDeps {
  readonly instancesPath: string;
  /** Tells our half made files from those of other hosts on shared storage. */
  readonly host: string;
  readonly run: Run;
  readonly clock: Clock;
  readonly log: Logger;
}

/** A file of the cache. */
export interface CachedBase {
  readonly path: string;
  readonly virtualBytes: number;
}

/**
 * Read-only bases below `instances_path/_base`, shared by the disks of many guests. A file has its final name only when
 * it is whole: made under another name, forced to the disk, renamed.
 */
export class ImageCache {
  readonly folder: string;
  readonly #deps: ImageCacheDeps;
  readonly #making = new Map<string, Promise<CachedBase>>();

  constructor(deps: ImageCacheDeps) {
    this.#deps = deps;
    this.folder = join(deps.instancesPath, '_base');
  }

  /** Where an image's base is (Nova names it by the SHA-1 of the id). */
  path(imageId: string): string {
    return join(this.folder, createHash('sha1').update(imageId).digest('hex'));
  }

  /**
   * The base of an image: from the cache, or downloaded, inspected and converted. Callers at the same moment share one download.
   * @throws ImageUnacceptable, and whatever the download throws
   */
  image(imageId: string, download: Download): Promise<CachedBase> {
    return this.#once(this.path(imageId), async (target, temporary) => {
      const source = `${temporary}.source`;
      const { diskFormat } = await download(source);
      const { format } = await inspectImage(this.#deps.run, { id: imageId, path: source, diskFormat });
      if (format === 'raw') return source;
      await convertToRaw(this.#deps.run, source, format, temporary);
      await rm(source);
      this.#deps.log.info(`Image ${imageId} (${diskFormat}) is cached as ${target}`);
      return temporary;
    });
  }

  /** A formatted blank disk: made once per size, format and label. @param make formats the (sparse, existing) file */
  blank(name: string, bytes: number, make: (path: string) => Promise<void>): Promise<CachedBase> {
    return this.#once(join(this.folder, name), async (_, temporary) => {
      const file = await open(temporary, 'w', 0o600);
      await file.truncate(bytes);
      await file.close();
      await make(temporary);
      return temporary;
    });
  }

  /** Removes what downloads and conversions of a predecessor left half made. */
  async sweep(): Promise<void> {
    const names = await readdir(this.folder).catch(() => []);
    const ours = `.${this.#deps.host}.part`;
    for (const name of names) if (name.includes(ours)) await rm(join(this.folder, name), { force: true });
  }

  /**
   * Removes bases that no guest uses and none has used for some time.
   * @param inUse paths that guests' disks stand on
   * @returns the removed ones
   */
  async age(inUse: ReadonlySet<string>, minimumAgeSeconds: number): Promise<string[]> {
    const names = await readdir(this.folder).catch(() => []);
    const removed: string[] = [];
    for (const name of names) {
      const path = join(this.folder, name);
      if (name.includes('.part') || inUse.has(path) || this.#making.has(path)) continue;
      const used = await stat(path).catch(() => undefined);
      // A minute at least: a guest that is being made has taken its base and not yet written its definition.
      const limit = Math.max(60, minimumAgeSeconds) * 1000;
      if (!used || this.#deps.clock.now().getTime() - used.mtimeMs < limit) continue;
      await rm(path, { force: true });
      removed.push(path);
    }
    if (removed.length > 0) this.#deps.log.info(`Removed ${removed.length} unused base files from ${this.folder}`);
    return removed;
  }

  #once(target: string, make: (target: string, temporary: string) => Promise<string>): Promise<CachedBase> {
    const running = this.#making.get(target);
    if (running) return running;
    const work = this.#provide(target, make).finally(() => this.#making.delete(target));
    this.#making.set(target, work);
    return work;
  }

  async #provide(target: string, make: (target: string, temporary: string) => Promise<string>): Promise<CachedBase> {
    const present = await stat(target).catch(() => undefined);
    if (present) {
      const now = this.#deps.clock.now();
      await utimes(target, now, now); // its last use, for `age`
      return { path: target, virtualBytes: present.size };
    }
    await mkdir(this.folder, { recursive: true, mode: 0o711 });
    // Of this process: a program of our predecessor may still be writing to its own.
    const temporary = `${target}.${this.#deps.host}.part.${process.pid}`;
    try {
      const made = await make(target, temporary);
      const file = await open(made, 'r+');
      await file.datasync();
      await file.chmod(0o644); // a hypervisor of another user reads it
      await file.close();
      await rename(made, target);
    } finally {
      await rm(temporary, { force: true });
      await rm(`${temporary}.source`, { force: true });
    }
    return { path: target, virtualBytes: (await stat(target)).size };
  }
}
