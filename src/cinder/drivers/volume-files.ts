import { open, readdir, rename, rm, stat, statfs, truncate } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { readImageHeader } from '#common/host/images/image-header.ts';
import type { Run } from '#common/host/run.ts';
import type { LocalVolume, VolumeSpec } from './driver.ts';
import { BackendFull, COPY_TIMEOUT_MS, GIB, MissingInBackend, releasedName } from './kit.ts';

export interface VolumeFilesDeps {
  readonly run: Run;
  /** Folders that may hold volumes; a new one goes where most is free. */
  readonly folders: () => readonly string[];
  /** Of new volumes. */
  readonly format: LocalVolume['format'];
  /** False: the disk is filled at once. */
  readonly sparse: boolean;
}

/**
 * The format is told by the file's name, never by its content: a guest writes the content, and a raw volume that begins
 * like a qcow2 file must not become one.
 */
const SUFFIX: Readonly<Record<LocalVolume['format'], string>> = { raw: '', qcow2: '.qcow2' };

/**
 * Volumes and snapshots as files. A file has its name only when it is whole: it is made under a hidden name, forced to the
 * disk and renamed, so that what a crash left half made is never taken for a volume.
 */
export class VolumeFiles {
  readonly #deps: VolumeFilesDeps;

  constructor(deps: VolumeFilesDeps) {
    this.#deps = deps;
  }

  /** @returns null when there is none */
  async find(name: string): Promise<LocalVolume | null> {
    for (const folder of this.#deps.folders())
      for (const format of ['raw', 'qcow2'] as const) {
        const path = join(folder, name + SUFFIX[format]);
        if ((await stat(path).catch(() => null))?.isFile()) return { path, format };
      }
    return null;
  }

  /** @throws MissingInBackend */
  async open(name: string): Promise<LocalVolume> {
    const found = await this.find(name);
    if (!found) throw new MissingInBackend(name, this.#deps.folders().join(', '));
    return found;
  }

  async create({ name, sizeGb }: VolumeSpec, signal: AbortSignal): Promise<void> {
    if (await this.find(name)) return;
    const { format, sparse, run } = this.#deps;
    const folder = await this.#roomiest(sparse ? 0 : sizeGb * GIB);
    await this.#make(join(folder, name + SUFFIX[format]), async (path) => {
      if (format === 'qcow2') await run(['qemu-img', 'create', '-q', '-f', 'qcow2', path, String(sizeGb * GIB)]);
      else if (sparse) await truncate(path, sizeGb * GIB);
      else await run(['fallocate', '-l', String(sizeGb * GIB), path], { signal, timeoutMs: COPY_TIMEOUT_MS });
    });
  }

  /** A copy beside its original, which may be larger. Where the file system can, both share their blocks. */
  async copy(from: string, to: VolumeSpec, signal: AbortSignal): Promise<void> {
    if (await this.find(to.name)) return;
    await this.#copy(await this.open(from), to, signal);
  }

  /** Puts a copy in the place of what is there. */
  async replace(from: string, to: VolumeSpec, signal: AbortSignal): Promise<void> {
    const source = await this.open(from);
    const old = await this.find(to.name);
    await this.#copy(source, to, signal);
    const made = await this.open(to.name);
    if (old && old.path !== made.path) await rm(old.path, { force: true });
  }

  async grow({ name, sizeGb }: VolumeSpec): Promise<void> {
    await this.#growTo(await this.open(name), sizeGb * GIB);
  }

  /** Takes along what was left half made of it. */
  async remove(name: string): Promise<void> {
    for (const folder of this.#deps.folders())
      for (const suffix of Object.values(SUFFIX)) {
        await rm(join(folder, name + suffix), { force: true });
        await this.#removeParts(join(folder, name + suffix));
      }
  }

  /** Names without what is half made. */
  async names(): Promise<string[]> {
    const found = await Promise.all(
      this.#deps.folders().map((folder) => readdir(folder, { withFileTypes: true }).catch(() => [])),
    );
    return found
      .flat()
      .filter((entry) => entry.isFile() && !entry.name.startsWith('.'))
      .map((entry) => entry.name.replace(/\.qcow2$/, ''));
  }

  /**
   * Gives a file of one of the folders a volume's name and a whole number of GiB.
   * @throws Error when it is not there, or is a qcow2 file that refers to others
   */
  async adopt(name: string, existing: string): Promise<number> {
    const known = await this.find(name);
    if (!known) {
      if (existing === '' || basename(existing) !== existing || existing.startsWith('.'))
        throw new Error(`"${existing}" is no file name. Name a file of ${this.#deps.folders().join(' or ')}.`);
      const path = await this.#existing(existing);
      const format = path.endsWith(SUFFIX.qcow2) ? 'qcow2' : 'raw';
      const header = format === 'qcow2' ? await readImageHeader(path) : undefined;
      if (header && header.format !== 'qcow2') throw new Error(`${path} is no qcow2 file, though its name says so.`);
      if (header?.refusal !== undefined) throw new Error(`${path} cannot be taken over: ${header.refusal}`);
      await rename(path, join(dirname(path), name + SUFFIX[format]));
    }
    const adopted = await this.open(name);
    const sizeGb = Math.ceil((await this.#bytes(adopted)) / GIB);
    await this.#growTo(adopted, sizeGb * GIB);
    return sizeGb;
  }

  async release(name: string): Promise<void> {
    const found = await this.find(name);
    if (found) await rename(found.path, join(dirname(found.path), releasedName(basename(found.path))));
  }

  async #existing(name: string): Promise<string> {
    for (const folder of this.#deps.folders())
      for (const suffix of Object.values(SUFFIX)) {
        const path = join(folder, name + suffix);
        if ((await stat(path).catch(() => null))?.isFile()) return path;
      }
    throw new Error(`There is no file ${name} in ${this.#deps.folders().join(' or ')}.`);
  }

  async #copy(source: LocalVolume, to: VolumeSpec, signal: AbortSignal): Promise<void> {
    const used = (await stat(source.path)).blocks * 512;
    const beside = dirname(source.path);
    const folder = (await freeBytes(beside)) >= used ? beside : await this.#roomiest(used);
    await this.#make(join(folder, to.name + SUFFIX[source.format]), async (path) => {
      const argv = ['cp', '--reflink=auto', '--sparse=always', '--', source.path, path];
      await this.#deps.run(argv, { signal, timeoutMs: COPY_TIMEOUT_MS });
      await this.#growTo({ path, format: source.format }, to.sizeGb * GIB);
    });
  }

  async #bytes({ path, format }: LocalVolume): Promise<number> {
    if (format === 'raw') return (await stat(path)).size;
    const { stdout } = await this.#deps.run(['qemu-img', 'info', '--output=json', '-U', '-f', 'qcow2', path]);
    return (JSON.parse(stdout) as { 'virtual-size': number })['virtual-size'];
  }

  async #growTo(file: LocalVolume, bytes: number): Promise<void> {
    if ((await this.#bytes(file)) >= bytes) return;
    if (file.format === 'raw') await truncate(file.path, bytes);
    else await this.#deps.run(['qemu-img', 'resize', '-q', '-f', 'qcow2', file.path, String(bytes)]);
  }

  async #roomiest(bytes: number): Promise<string> {
    const rooms = await Promise.all(
      this.#deps.folders().map(async (folder) => ({ folder, free: await freeBytes(folder) })),
    );
    const [best] = rooms.sort((a, b) => b.free - a.free);
    if (best && best.free >= bytes && best.free > 0) return best.folder;
    throw new BackendFull(
      `The volume needs ${(bytes / GIB).toFixed(1)} GiB, and ${best?.folder ?? 'no folder'} has ${((best?.free ?? 0) / GIB).toFixed(1)} GiB free. Delete volumes, or enlarge its file system.`,
    );
  }

  /** @param fill makes the content of the new empty file (mode 0600) */
  async #make(path: string, fill: (path: string) => Promise<void>): Promise<void> {
    // What a predecessor left; a copy of it that still runs writes into a file without a name.
    await this.#removeParts(path);
    const part = `${hidden(path)}${process.pid}`;
    try {
      await (await open(part, 'wx', 0o600)).close();
      await fill(part);
      const file = await open(part, 'r+');
      await file.sync().finally(() => file.close());
      await rename(part, path);
      const folder = await open(dirname(path), 'r');
      await folder.sync().finally(() => folder.close());
    } catch (error) {
      await rm(part, { force: true });
      throw error;
    }
  }

  async #removeParts(path: string): Promise<void> {
    const prefix = basename(hidden(path));
    for (const name of await readdir(dirname(path)).catch(() => []))
      if (name.startsWith(prefix)) await rm(join(dirname(path), name), { force: true });
  }
}

const hidden = (path: string): string => join(dirname(path), `.${basename(path)}.part.`);

async function freeBytes(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}
