import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { readIfExists, writeFileAtomic } from '#common/host/files.ts';
import type { GuestSpec, RescueSystem } from './driver.ts';

/** A guest as it is kept on disk. The config drive's content is not: it holds passwords, and its image is made already. */
export type KeptSpec = Omit<GuestSpec, 'configDrive'> & {
  readonly configDrive: boolean;
  /** Set while the guest is in rescue: what it is started with instead of its own disks. */
  readonly rescue?: Omit<RescueSystem, 'configDrive'> & { readonly configDrive: boolean };
};

export interface GuestDefinition {
  readonly version: 1;
  readonly installation: string;
  /** Several hosts may share one instances_path. */
  readonly host: string;
  readonly spec: KeptSpec;
}

/** A guest that is set aside. */
export interface Aside {
  readonly folder: string;
  /** On whose behalf. */
  readonly tag: string;
  readonly definition: GuestDefinition;
}

export interface GuestFoldersDeps {
  readonly instancesPath: string;
  readonly installation: string;
  readonly host: string;
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const DELETING = '.deleting';
/** What Nova calls the folder of a guest that is set aside. */
const ASIDE = '_resize';
const TAG = 'aside';

/**
 * One folder per guest: its definition, disks, console log. The definition is written before anything else of the guest
 * is made and goes last, so that whatever exists of a guest can be found after any crash.
 */
export class GuestFolders {
  readonly #deps: GuestFoldersDeps;

  constructor(deps: GuestFoldersDeps) {
    this.#deps = deps;
  }

  /** @throws Error when `id` is no UUID: it becomes part of a path */
  path(id: string, file?: string): string {
    if (!UUID.test(id)) throw new Error(`"${id}" is not the UUID of a server`);
    const folder = join(this.#deps.instancesPath, id);
    return file === undefined ? folder : join(folder, file);
  }

  /** Keeps the definition, making the folder when it is new. */
  async write(spec: GuestSpec | KeptSpec): Promise<GuestDefinition> {
    const { installation, host } = this.#deps;
    const configDrive = spec.configDrive !== undefined && spec.configDrive !== false;
    const definition: GuestDefinition = { version: 1, installation, host, spec: { ...spec, configDrive } };
    const folder = this.path(spec.id);
    if (await exists(folder)) await save(folder, definition);
    else await this.#begin(folder, definition);
    return definition;
  }

  /** Null when this installation has no such guest on this host. */
  async read(id: string): Promise<GuestDefinition | null> {
    const text = await readIfExists(this.path(id, 'guest.json'));
    if (text === undefined) return null;
    const definition = JSON.parse(text) as GuestDefinition;
    const { installation, host } = this.#deps;
    return definition.installation === installation && definition.host === host ? definition : null;
  }

  /** As `read`. @throws Error for people when there is no such guest */
  async require(id: string): Promise<GuestDefinition> {
    const definition = await this.read(id);
    if (!definition) throw new Error(`Instance ${id} could not be found on host ${this.#deps.host}.`);
    return definition;
  }

  /** All guests of this installation on this host. */
  async list(): Promise<GuestDefinition[]> {
    const found = await Promise.all((await this.#names()).map((name) => this.read(name)));
    return found.filter((definition) => definition !== null);
  }

  /** All guests below instances_path, whoever's and on whichever host. @throws Error when a definition cannot be read */
  async everyone(): Promise<GuestDefinition[]> {
    const folders = [...(await this.#names()), ...(await this.#names(ASIDE)).map((name) => name + ASIDE)];
    const texts = await Promise.all(
      folders.map((folder) => readIfExists(join(this.#deps.instancesPath, folder, 'guest.json'))),
    );
    return texts.flatMap((text) => (text === undefined ? [] : [JSON.parse(text) as GuestDefinition]));
  }

  /** Removes a guest's folder. */
  async remove(id: string): Promise<void> {
    await removeFolder(this.path(id));
  }

  /** What is set aside of a guest; null when nothing is. */
  async aside(id: string): Promise<Aside | null> {
    const folder = this.path(id) + ASIDE;
    const [text, tag] = await Promise.all([readIfExists(join(folder, 'guest.json')), readIfExists(join(folder, TAG))]);
    if (text === undefined || tag === undefined) return null;
    const definition = JSON.parse(text) as GuestDefinition;
    const { installation, host } = this.#deps;
    return definition.installation === installation && definition.host === host ? { folder, tag, definition } : null;
  }

  /** All that this installation has set aside on this host. */
  async asides(): Promise<(Aside & { readonly id: string })[]> {
    const found = await Promise.all(
      (await this.#names(ASIDE)).map(async (id) => {
        const aside = await this.aside(id);
        return aside && { id, ...aside };
      }),
    );
    return found.filter((one) => one !== null);
  }

  /** The guest's folder, with all that is in it, gets another name. What a move that ended long ago has left there goes. */
  async setAside(id: string, tag: string): Promise<void> {
    await writeFileAtomic(this.path(id, TAG), tag, { fsync: true });
    await removeFolder(this.path(id) + ASIDE);
    await rename(this.path(id), this.path(id) + ASIDE);
  }

  /** The way back. @throws Error while the guest has a folder */
  async takeBack(id: string): Promise<void> {
    await rename(this.path(id) + ASIDE, this.path(id));
    await rm(this.path(id, TAG), { force: true });
  }

  async removeAside(id: string): Promise<void> {
    await removeFolder(this.path(id) + ASIDE);
  }

  /** Finishes removals that a crash cut off, and removes folders that never came to their names. */
  async sweep(): Promise<void> {
    const { instancesPath } = this.#deps;
    for (const name of await readdir(instancesPath).catch(() => [])) {
      const end = [ASIDE + DELETING, DELETING, this.#making].find((one) => name.endsWith(one));
      if (end !== undefined && UUID.test(name.slice(0, -end.length)))
        await rm(join(instancesPath, name), { recursive: true, force: true });
    }
  }

  /** A folder comes to its name together with its definition: one without would be nobody's. */
  async #begin(folder: string, definition: GuestDefinition): Promise<void> {
    const making = folder + this.#making;
    await rm(making, { recursive: true, force: true });
    await mkdir(making, { recursive: true, mode: 0o711 });
    await save(making, definition);
    await rename(making, folder);
  }

  /** Of this host: another one on the same storage may be making a folder at this moment. */
  get #making(): string {
    return `.${this.#deps.host}.making`;
  }

  /** The ids of folders whose names end so. */
  async #names(end = ''): Promise<string[]> {
    const names = await readdir(this.#deps.instancesPath).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return [];
      throw error;
    });
    return names.flatMap((name) => {
      const id = name.slice(0, name.length - end.length);
      return name.endsWith(end) && UUID.test(id) ? [id] : [];
    });
  }
}

/** 0600: it may hold the credentials of volumes. */
const save = (folder: string, definition: GuestDefinition): Promise<void> =>
  writeFileAtomic(join(folder, 'guest.json'), JSON.stringify(definition, null, 1), { mode: 0o600 });

/** Renamed first: a half removed folder without its definition would be nobody's. */
async function removeFolder(folder: string): Promise<void> {
  const doomed = folder + DELETING;
  await rm(doomed, { recursive: true, force: true });
  await rename(folder, doomed).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
  });
  await rm(doomed, { recursive: true, force: true });
}

const exists = async (path: string): Promise<boolean> => (await stat(path).catch(() => undefined)) !== undefined;
