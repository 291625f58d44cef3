import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { readIfExists, writeFileAtomic } from '#common/host/files.ts';
import type { GuestSpec } from './driver.ts';

/** A guest as it is kept on disk. The config drive's content is not: it holds passwords, and its image is made already. */
export type KeptSpec = Omit<GuestSpec, 'configDrive'> & { readonly configDrive: boolean };

export interface GuestDefinition {
  readonly version: 1;
  readonly installation: string;
  /** Several hosts may share one instances_path. */
  readonly host: string;
  readonly spec: KeptSpec;
}

export interface GuestFoldersDeps {
  readonly instancesPath: string;
  readonly installation: string;
  readonly host: string;
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const DELETING = '.deleting';

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
    const texts = await Promise.all((await this.#names()).map((name) => readIfExists(this.path(name, 'guest.json'))));
    return texts.flatMap((text) => (text === undefined ? [] : [JSON.parse(text) as GuestDefinition]));
  }

  /** Removes a guest's folder. Renamed first: a half removed folder without its definition would be nobody's. */
  async remove(id: string): Promise<void> {
    const doomed = this.path(id) + DELETING;
    await rm(doomed, { recursive: true, force: true });
    await rename(this.path(id), doomed).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error;
    });
    await rm(doomed, { recursive: true, force: true });
  }

  /** Finishes removals that a crash cut off, and removes folders that never came to their names. */
  async sweep(): Promise<void> {
    const { instancesPath } = this.#deps;
    for (const name of await readdir(instancesPath).catch(() => [])) {
      const end = [DELETING, this.#making].find((one) => name.endsWith(one));
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

  async #names(): Promise<string[]> {
    const names = await readdir(this.#deps.instancesPath).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return [];
      throw error;
    });
    return names.filter((name) => UUID.test(name));
  }
}

/** 0600: it may hold the credentials of volumes. */
const save = (folder: string, definition: GuestDefinition): Promise<void> =>
  writeFileAtomic(join(folder, 'guest.json'), JSON.stringify(definition, null, 1), { mode: 0o600 });

const exists = async (path: string): Promise<boolean> => (await stat(path).catch(() => undefined)) !== undefined;
