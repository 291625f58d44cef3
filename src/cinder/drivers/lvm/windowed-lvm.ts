import type { DriverDeps } from '../deps.ts';
import type { BackendStats, LocalVolume, SnapshotSpec, VolumeDriver, VolumeSpec } from '../driver.ts';
import { asVolume, GIB, gibOf, MissingInBackend, releasedName } from '../kit.ts';
import { clearDevice, copyDevice, zeroDevice } from './bytes.ts';
import { LoopWindows, type Extent } from './loop-windows.ts';
import { checkName, lvName, LvmTool, type LogicalVolume } from './lvm-tool.ts';

/** Bytes at the beginning of a new volume that are zeroed, so that it shows no file system of a predecessor. */
const WIPED = 1024 ** 2;

const partOf = (name: string): string => `part-${name}`;
const grownOf = (name: string): string => `grown-${name}`;

/**
 * LVM on a machine whose kernel has no device-mapper. Groups and volumes are LVM's own and another machine can use them;
 * LVM only notes where a volume lies, and its block device is a loop device over these blocks. So a volume lies in one piece,
 * and snapshots are copies.
 */
export class WindowedLvm implements VolumeDriver {
  readonly name = 'lvm';
  readonly #deps: DriverDeps;
  readonly #tool: LvmTool;
  readonly #windows: LoopWindows;

  constructor(deps: DriverDeps) {
    this.#deps = deps;
    this.#tool = new LvmTool(deps, false);
    this.#windows = new LoopWindows(deps.run);
  }

  check(signal: AbortSignal): Promise<void> {
    return this.#tool.check(signal);
  }

  async stats(): Promise<BackendStats> {
    const { total, free } = await this.#tool.room(new AbortController().signal);
    return {
      vendorName: 'Open Source',
      driverVersion: '3.0.0',
      storageProtocol: 'iSCSI',
      totalGb: gibOf(total),
      freeGb: gibOf(free),
      thin: false,
    };
  }

  async create({ name, sizeGb }: VolumeSpec, signal: AbortSignal): Promise<void> {
    if (await this.#tool.find(name, signal)) return;
    const part = partOf(name);
    await this.#remove(part, signal);
    await zeroDevice(this.#deps.run, await this.#allocate(part, sizeGb, signal), WIPED, signal);
    await this.#settle(part, name, signal);
  }

  createFromSnapshot(volume: VolumeSpec, snapshot: SnapshotSpec, signal: AbortSignal): Promise<void> {
    return this.#copy(snapshot.name, volume, signal);
  }

  createFromVolume(volume: VolumeSpec, source: VolumeSpec, signal: AbortSignal): Promise<void> {
    return this.#copy(source.name, volume, signal);
  }

  async delete({ name }: VolumeSpec, signal: AbortSignal): Promise<void> {
    for (const one of [name, partOf(name), grownOf(name)]) await this.#remove(one, signal);
  }

  /** Where the blocks behind it are taken, it moves. */
  async extend({ name, sizeGb }: VolumeSpec, signal: AbortSignal): Promise<void> {
    const volumes = await this.#tool.volumes(signal);
    const [volume, grown] = [name, grownOf(name)].map((wanted) => volumes.find((one) => one.name === wanted));
    // The old one was removed, so the copy was whole.
    if (!volume && grown) return this.#settle(grown.name, name, signal);
    if (!volume) throw new MissingInBackend(name, `the volume group ${this.#tool.group}`);
    if (grown) await this.#remove(grown.name, signal);
    if (volume.bytes >= sizeGb * GIB) return;
    const argv = ['--alloc', 'contiguous', '-y', '-L', `${sizeGb}g`, this.#tool.at(name)];
    const inPlace = await this.#tool.change(['lvextend', ...argv], signal).then(
      () => true,
      () => false,
    );
    if (inPlace) {
      // Its old window ends where it ended before.
      const { extent } = await this.#window(name, signal);
      await zeroTail(this.#deps, this.#tool.path(name), volume.bytes, extent.bytes, signal);
      return;
    }
    await this.#copyTo(name, grownOf(name), sizeGb, signal);
    await this.#remove(name, signal);
    await this.#settle(grownOf(name), name, signal);
  }

  createSnapshot(snapshot: SnapshotSpec, signal: AbortSignal): Promise<void> {
    return this.#copy(snapshot.volume.name, asVolume(snapshot), signal);
  }

  deleteSnapshot(snapshot: SnapshotSpec, signal: AbortSignal): Promise<void> {
    return this.delete(asVolume(snapshot), signal);
  }

  async revertToSnapshot({ name, volume }: SnapshotSpec, signal: AbortSignal): Promise<void> {
    const { path } = await this.#window(name, signal);
    const target = await this.#window(volume.name, signal);
    await zeroDevice(this.#deps.run, target.path, target.extent.bytes, signal);
    await copyDevice(this.#deps.run, path, target.path, true, signal);
  }

  async open({ name }: Pick<VolumeSpec, 'name'>, signal: AbortSignal): Promise<LocalVolume> {
    return { path: (await this.#window(name, signal)).path, format: 'raw' };
  }

  openSnapshot({ name }: SnapshotSpec, signal: AbortSignal): Promise<LocalVolume> {
    return this.open({ name }, signal);
  }

  async list(signal: AbortSignal): Promise<readonly string[]> {
    return (await this.#tool.volumes(signal)).map(({ name }) => name);
  }

  async adopt({ name }: VolumeSpec, existing: string, signal: AbortSignal): Promise<number> {
    if (!(await this.#tool.find(name, signal))) {
      pieceOf(await this.#tool.get(checkName(existing), signal));
      await this.#tool.rename(existing, name, signal);
    }
    return Math.ceil((await this.#tool.get(name, signal)).bytes / GIB);
  }

  async release({ name }: VolumeSpec, signal: AbortSignal): Promise<void> {
    const volume = await this.#tool.find(name, signal);
    if (!volume) return;
    await this.#windows.close(this.#tool.path(name), await this.#extent(volume, signal));
    await this.#tool.rename(name, releasedName(name), signal);
  }

  async #copy(from: string, to: VolumeSpec, signal: AbortSignal): Promise<void> {
    if (await this.#tool.find(to.name, signal)) return;
    await this.#copyTo(from, partOf(to.name), to.sizeGb, signal);
    await this.#settle(partOf(to.name), to.name, signal);
  }

  async #copyTo(from: string, to: string, sizeGb: number, signal: AbortSignal): Promise<void> {
    const source = await this.#window(from, signal);
    await this.#remove(to, signal);
    const target = await this.#allocate(to, sizeGb, signal);
    await zeroDevice(this.#deps.run, target, sizeGb * GIB, signal);
    await copyDevice(this.#deps.run, source.path, target, true, signal);
  }

  /** @returns its block device */
  async #allocate(name: string, sizeGb: number, signal: AbortSignal): Promise<string> {
    const layout = ['-an', '-Zn', '-Wn', '--alloc', 'contiguous', '-y'];
    await this.#tool.change(['lvcreate', ...layout, '-L', `${sizeGb}g`, '-n', lvName(name), this.#tool.group], signal);
    return (await this.#window(name, signal)).path;
  }

  /** Gives it its final name: now it is whole. */
  async #settle(part: string, name: string, signal: AbortSignal): Promise<void> {
    const volume = await this.#tool.get(part, signal);
    await this.#windows.close(this.#tool.path(part), await this.#extent(volume, signal));
    await this.#tool.rename(part, name, signal);
  }

  async #remove(name: string, signal: AbortSignal): Promise<void> {
    const volume = await this.#tool.find(name, signal);
    if (!volume) return;
    const { path, extent } = await this.#window(name, signal);
    await clearDevice(this.#deps.run, this.#deps.conf, path, extent.bytes, signal);
    await this.#windows.close(path, extent);
    await this.#tool.change(['lvremove', '-y', '-f', this.#tool.at(name)], signal);
  }

  async #window(name: string, signal: AbortSignal): Promise<{ path: string; extent: Extent }> {
    const extent = await this.#extent(await this.#tool.get(name, signal), signal);
    const path = this.#tool.path(name);
    await this.#windows.open(path, extent, signal);
    return { path, extent };
  }

  async #extent(volume: LogicalVolume, signal: AbortSignal): Promise<Extent> {
    const { device, firstExtent } = pieceOf(volume);
    const { extent } = await this.#tool.room(signal);
    const offset = (await this.#tool.firstExtentAt(device, signal)) + firstExtent * extent;
    return { device, offset, bytes: volume.bytes };
  }
}

function pieceOf({ name, segments }: LogicalVolume): LogicalVolume['segments'][number] {
  const [segment, ...more] = segments;
  if (segment && more.length === 0) return segment;
  throw new Error(
    `The logical volume ${name} lies in ${segments.length} pieces, and this kernel has no device-mapper to join them. Use it on a machine that has.`,
  );
}

/** What a volume has grown by held the data of others. */
async function zeroTail(
  { run }: DriverDeps,
  path: string,
  from: number,
  to: number,
  signal: AbortSignal,
): Promise<void> {
  await run(['blkdiscard', '-f', '-z', '-o', String(from), '-l', String(to - from), path], { signal });
}
