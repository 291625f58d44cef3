import { dirname } from 'node:path';
import { ensureFolder, readIfExists, writeFileAtomic } from '#common/host/files.ts';
import type { BackendStats, LocalVolume, SnapshotSpec, VolumeDriver, VolumeSpec } from '../driver.ts';
import { asVolume, createQueue, MissingInBackend, releasedName } from '../kit.ts';

interface FakeVolume {
  readonly sizeGb: number;
  /** What stands for its bytes. */
  readonly content: string;
}

/** Volumes that are only noted: for tests of scale and of crashes, and clouds without guests. */
export class FakeVolumeDriver implements VolumeDriver {
  readonly name = 'fake';
  readonly #stateFile: string | null;
  readonly #volumes: Map<string, FakeVolume>;
  readonly #inTurn = createQueue();

  private constructor(stateFile: string | null, volumes: Map<string, FakeVolume>) {
    this.#stateFile = stateFile;
    this.#volumes = volumes;
  }

  /** @param stateFile where it remembers them over restarts; null for nowhere */
  static async create(stateFile: string | null): Promise<FakeVolumeDriver> {
    const text = stateFile === null ? undefined : await readIfExists(stateFile);
    return new FakeVolumeDriver(stateFile, new Map(JSON.parse(text ?? '[]') as [string, FakeVolume][]));
  }

  async check(): Promise<void> {
    if (this.#stateFile !== null) await ensureFolder(dirname(this.#stateFile));
  }

  async stats(): Promise<BackendStats> {
    const used = [...this.#volumes.values()].reduce((sum, { sizeGb }) => sum + sizeGb, 0);
    return {
      vendorName: 'Igloo',
      driverVersion: '1.0',
      storageProtocol: 'fake',
      totalGb: 1_000_000,
      freeGb: 1_000_000 - used,
      thin: false,
    };
  }

  /** What stands for a volume's bytes; null when it is not there. */
  content(name: string): string | null {
    return this.#volumes.get(name)?.content ?? null;
  }

  /** GiB; null when it is not there. */
  size(name: string): number | null {
    return this.#volumes.get(name)?.sizeGb ?? null;
  }

  async write(name: string, content: string): Promise<void> {
    await this.#set(name, { ...this.#get(name), content });
  }

  async create({ name, sizeGb }: VolumeSpec): Promise<void> {
    if (!this.#volumes.has(name)) await this.#set(name, { sizeGb, content: '' });
  }

  createFromSnapshot(volume: VolumeSpec, snapshot: SnapshotSpec): Promise<void> {
    return this.#copy(snapshot.name, volume);
  }

  createFromVolume(volume: VolumeSpec, source: VolumeSpec): Promise<void> {
    return this.#copy(source.name, volume);
  }

  async delete({ name }: VolumeSpec): Promise<void> {
    if (this.#volumes.delete(name)) await this.#save();
  }

  async extend({ name, sizeGb }: VolumeSpec): Promise<void> {
    const volume = this.#get(name);
    if (volume.sizeGb < sizeGb) await this.#set(name, { ...volume, sizeGb });
  }

  createSnapshot(snapshot: SnapshotSpec): Promise<void> {
    return this.#copy(snapshot.volume.name, asVolume(snapshot));
  }

  deleteSnapshot(snapshot: SnapshotSpec): Promise<void> {
    return this.delete(asVolume(snapshot));
  }

  async revertToSnapshot({ name, volume }: SnapshotSpec): Promise<void> {
    await this.#set(volume.name, { content: this.#get(name).content, sizeGb: volume.sizeGb });
  }

  async open({ name }: Pick<VolumeSpec, 'name'>): Promise<LocalVolume> {
    this.#get(name);
    return { path: `fake:${name}`, format: 'raw' };
  }

  openSnapshot({ name }: SnapshotSpec): Promise<LocalVolume> {
    return this.open({ name });
  }

  async list(): Promise<readonly string[]> {
    return [...this.#volumes.keys()];
  }

  async adopt({ name }: VolumeSpec, existing: string): Promise<number> {
    if (!this.#volumes.has(name)) await this.#rename(existing, name);
    return this.#get(name).sizeGb;
  }

  async release({ name }: VolumeSpec): Promise<void> {
    if (this.#volumes.has(name)) await this.#rename(name, releasedName(name));
  }

  #get(name: string): FakeVolume {
    const volume = this.#volumes.get(name);
    if (!volume) throw new MissingInBackend(name, 'the fake back end');
    return volume;
  }

  async #copy(from: string, to: VolumeSpec): Promise<void> {
    if (!this.#volumes.has(to.name)) await this.#set(to.name, { ...this.#get(from), sizeGb: to.sizeGb });
  }

  async #rename(from: string, to: string): Promise<void> {
    const volume = this.#get(from);
    this.#volumes.delete(from);
    await this.#set(to, volume);
  }

  async #set(name: string, volume: FakeVolume): Promise<void> {
    this.#volumes.set(name, volume);
    await this.#save();
  }

  async #save(): Promise<void> {
    const path = this.#stateFile;
    if (path !== null)
      await this.#inTurn(() => writeFileAtomic(path, JSON.stringify([...this.#volumes]), { mode: 0o600 }));
  }
}
