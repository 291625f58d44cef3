import { hasProgram } from '#common/host/privileges.ts';
import type { DriverDeps } from '../deps.ts';
import type { BackendStats, LocalVolume, SnapshotSpec, VolumeDriver, VolumeSpec } from '../driver.ts';
import { GIB, gibOf, releasedName } from '../kit.ts';
import { clearDevice, copyDevice } from './bytes.ts';
import { checkName, lvName, LvmTool } from './lvm-tool.ts';

const partOf = (name: string): string => `part-${name}`;
/** A snapshot that lasts as long as a clone is being copied from it. */
const frozenFor = (name: string): string => `tmp-snap-${name}`;

/** Logical volumes as the manual has them: thick ones, or thin ones in the pool `<group>-pool`; snapshots are LVM's own. */
export class MappedLvm implements VolumeDriver {
  readonly name = 'lvm';
  readonly #deps: DriverDeps;
  readonly #tool: LvmTool;
  readonly #thin: boolean;

  constructor(deps: DriverDeps) {
    this.#deps = deps;
    this.#tool = new LvmTool(deps, true);
    const { lvm_type: type } = deps.conf;
    this.#thin = type === 'thin' || (type === 'auto' && hasProgram('thin_check'));
  }

  get #pool(): string {
    return `${this.#tool.group}-pool`;
  }

  async check(signal: AbortSignal): Promise<void> {
    await this.#tool.check(signal);
    if (!this.#thin || (await this.#tool.find(this.#pool, signal))) return;
    await this.#tool.change(['lvcreate', '-y', '-T', '-l', '95%FREE', this.#tool.at(this.#pool)], signal);
  }

  async stats(): Promise<BackendStats> {
    const { signal } = new AbortController();
    const pool = this.#thin ? await this.#tool.find(this.#pool, signal) : null;
    const room = pool
      ? { total: pool.bytes, free: pool.bytes * (1 - (pool.dataPercent ?? 0) / 100) }
      : await this.#tool.room(signal);
    return {
      vendorName: 'Open Source',
      driverVersion: '3.0.0',
      storageProtocol: 'iSCSI',
      totalGb: gibOf(room.total),
      freeGb: gibOf(room.free),
      thin: this.#thin,
    };
  }

  async create({ name, sizeGb }: VolumeSpec, signal: AbortSignal): Promise<void> {
    if (!(await this.#tool.find(name, signal))) await this.#allocate(name, sizeGb, signal);
  }

  async createFromSnapshot(volume: VolumeSpec, snapshot: SnapshotSpec, signal: AbortSignal): Promise<void> {
    if (await this.#tool.find(volume.name, signal)) return;
    await this.#copy(snapshot.name, volume, signal);
  }

  /** Copied from a snapshot of this moment: the source may be in use. */
  async createFromVolume(volume: VolumeSpec, source: VolumeSpec, signal: AbortSignal): Promise<void> {
    const frozen = frozenFor(volume.name);
    if (!(await this.#tool.find(volume.name, signal))) {
      await this.#remove(frozen, signal);
      await this.#freeze(frozen, source, signal);
      await this.#copy(frozen, volume, signal);
    }
    await this.#remove(frozen, signal);
  }

  async delete({ name }: VolumeSpec, signal: AbortSignal): Promise<void> {
    for (const one of [name, partOf(name), frozenFor(name)]) await this.#remove(one, signal);
  }

  async extend({ name, sizeGb }: VolumeSpec, signal: AbortSignal): Promise<void> {
    const volumes = await this.#tool.volumes(signal);
    const { bytes } = await this.#tool.get(name, signal);
    if (bytes >= sizeGb * GIB) return;
    const at = this.#tool.at(name);
    // LVM does not grow the active origin of a thick snapshot.
    const idle = !this.#thin && volumes.some((one) => one.origin === name);
    if (idle) await this.#tool.change(['lvchange', '-y', '-an', at], signal);
    await this.#tool.change(['lvextend', '-y', '-L', `${sizeGb}g`, at], signal);
    if (idle) await this.#tool.change(['lvchange', '-y', '-ay', at], signal);
  }

  async createSnapshot({ name, volume }: SnapshotSpec, signal: AbortSignal): Promise<void> {
    if (!(await this.#tool.find(name, signal))) await this.#freeze(name, volume, signal);
  }

  async deleteSnapshot({ name }: SnapshotSpec, signal: AbortSignal): Promise<void> {
    // Its own blocks hold what the volume had before; LVM gives them to the next one as they are.
    await this.#remove(name, signal);
  }

  /** Merging uses the snapshot up: it is made again. */
  async revertToSnapshot(snapshot: SnapshotSpec, signal: AbortSignal): Promise<void> {
    const at = this.#tool.at(snapshot.volume.name);
    if (await this.#tool.find(snapshot.name, signal)) {
      await this.#tool.change(['lvchange', '-y', '-an', at], signal);
      await this.#tool.change(['lvconvert', '-y', '--merge', this.#tool.at(snapshot.name)], signal);
    }
    await this.#tool.change(['lvchange', '-y', '-ay', at], signal);
    await this.createSnapshot(snapshot, signal);
  }

  async open({ name }: Pick<VolumeSpec, 'name'>, signal: AbortSignal): Promise<LocalVolume> {
    await this.#tool.get(name, signal);
    await this.#tool.change(['lvchange', '-y', '-ay', '-K', this.#tool.at(name)], signal);
    return { path: this.#tool.path(name), format: 'raw' };
  }

  openSnapshot({ name }: SnapshotSpec, signal: AbortSignal): Promise<LocalVolume> {
    return this.open({ name }, signal);
  }

  async list(signal: AbortSignal): Promise<readonly string[]> {
    return (await this.#tool.volumes(signal)).map(({ name }) => name).filter((name) => name !== this.#pool);
  }

  async adopt(volume: VolumeSpec, existing: string, signal: AbortSignal): Promise<number> {
    if (!(await this.#tool.find(volume.name, signal))) {
      await this.#tool.get(checkName(existing), signal);
      await this.#tool.rename(existing, volume.name, signal);
    }
    const sizeGb = Math.ceil((await this.#tool.get(volume.name, signal)).bytes / GIB);
    await this.extend({ ...volume, sizeGb }, signal);
    return sizeGb;
  }

  async release({ name }: VolumeSpec, signal: AbortSignal): Promise<void> {
    if (await this.#tool.find(name, signal)) await this.#tool.rename(name, releasedName(name), signal);
  }

  async #allocate(name: string, sizeGb: number, signal: AbortSignal): Promise<void> {
    const { group } = this.#tool;
    const mirrors = this.#deps.conf.lvm_mirrors;
    const layout = this.#thin
      ? ['-T', this.#tool.at(this.#pool), '-V', `${sizeGb}g`, '-n', lvName(name)]
      : [
          '-Wy',
          '-Zy',
          ...(mirrors > 0 ? ['--type', 'raid1', '-m', String(mirrors)] : []),
          '-L',
          `${sizeGb}g`,
          '-n',
          lvName(name),
          group,
        ];
    await this.#tool.change(['lvcreate', '-y', ...layout], signal);
  }

  async #freeze(name: string, { name: of, sizeGb }: VolumeSpec, signal: AbortSignal): Promise<void> {
    const size = this.#thin ? ['-kn'] : ['-L', `${sizeGb}g`];
    await this.#tool.change(['lvcreate', '-y', '-s', ...size, '-n', lvName(name), this.#tool.at(of)], signal);
  }

  async #copy(from: string, to: VolumeSpec, signal: AbortSignal): Promise<void> {
    const part = partOf(to.name);
    await this.#remove(part, signal);
    await this.#allocate(part, to.sizeGb, signal);
    const [source, target] = [await this.open({ name: from }, signal), await this.open({ name: part }, signal)];
    await copyDevice(this.#deps.run, source.path, target.path, this.#thin, signal);
    await this.#tool.rename(part, to.name, signal);
  }

  async #remove(name: string, signal: AbortSignal): Promise<void> {
    const volume = await this.#tool.find(name, signal);
    if (!volume) return;
    // Blocks of a thin pool are zeroed when they are handed out; those of a snapshot are shared with its origin.
    if (!this.#thin && volume.origin === null) {
      const { path } = await this.open({ name }, signal);
      await clearDevice(this.#deps.run, this.#deps.conf, path, volume.bytes, signal);
    }
    await this.#tool.change(['lvremove', '-y', '-f', this.#tool.at(name)], signal);
  }
}
