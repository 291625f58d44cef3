import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { ensureFolder, writeFileAtomic } from '#common/host/files.ts';
import { NetworkNamespaces } from '#common/host/netns.ts';
import type { Run } from '#common/host/run.ts';

/**
 * Network namespaces that we made. Names alone do not say whose a namespace is (another cloud on this machine names its
 * own alike), so a file of that name is kept from before the namespace is made until after it is removed.
 */
export class OwnedNamespaces {
  readonly #namespaces: NetworkNamespaces;
  readonly #folder: string;

  constructor(run: Run, folder: string) {
    this.#namespaces = new NetworkNamespaces(run);
    this.#folder = folder;
  }

  /** Ours, those that are half made or half removed too. */
  async list(): Promise<string[]> {
    return readdir(this.#folder).catch(() => []);
  }

  exists(name: string): Promise<boolean> {
    return this.#namespaces.exists(name);
  }

  /** Says whether it was made now. */
  async ensure(name: string): Promise<boolean> {
    await ensureFolder(this.#folder);
    await writeFileAtomic(join(this.#folder, name), '');
    return this.#namespaces.ensure(name);
  }

  /** Its devices and processes must be gone before: they would keep it alive without a name. */
  async delete(name: string): Promise<void> {
    await this.#namespaces.delete(name);
    await rm(join(this.#folder, name), { force: true });
  }
}
