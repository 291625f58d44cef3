import { StartupError } from '#common/daemon.ts';
import { CommandError, output, type RunResult } from '#common/host/run.ts';
import type { DriverDeps } from '../deps.ts';
import type { BackendStats, LocalVolume, SnapshotSpec, VolumeDriver, VolumeSpec } from '../driver.ts';
import { COPY_TIMEOUT_MS, GIB, gibOf, MissingInBackend, releasedName } from '../kit.ts';

/** Status with which `rbd` says that there is no such image or snapshot (ENOENT). */
const ABSENT = 2;

/** Volumes as images of a Ceph pool, by the programs `rbd` and `ceph`. Guests reach them without a target. */
export class RbdDriver implements VolumeDriver {
  readonly name = 'rbd';
  readonly #deps: DriverDeps;
  readonly #who: readonly string[];

  constructor(deps: DriverDeps) {
    this.#deps = deps;
    const { rbd_user: user, rbd_ceph_conf: conf } = deps.conf;
    this.#who = [...(user === null ? [] : ['--id', user]), ...(conf === '' ? [] : ['--conf', conf])];
  }

  async check(signal: AbortSignal): Promise<void> {
    try {
      await this.#rbd(['ls', '--pool', this.#pool], signal);
    } catch (error) {
      const missing = error instanceof CommandError && (error.cause as NodeJS.ErrnoException)?.code === 'ENOENT';
      throw new StartupError(
        missing
          ? 'volume_driver = rbd needs the program rbd. Install it: apt-get install ceph-common.'
          : `The Ceph pool "${this.#pool}" cannot be read: ${(error as Error).message}. Look at rbd_pool, rbd_user and rbd_ceph_conf.`,
        { cause: error },
      );
    }
  }

  async stats(): Promise<BackendStats> {
    const text = await output(this.#deps.run, ['ceph', ...this.#who, 'df', '--format', 'json']).catch(() => '{}');
    const { pools = [] } = JSON.parse(text) as {
      pools?: { name: string; stats: { stored?: number; bytes_used: number; max_avail: number } }[];
    };
    const stats = pools.find(({ name }) => name === this.#pool)?.stats;
    return {
      vendorName: 'Open Source',
      driverVersion: '1.2.0',
      storageProtocol: 'ceph',
      totalGb: stats ? gibOf((stats.stored ?? stats.bytes_used) + stats.max_avail) : null,
      freeGb: stats ? gibOf(stats.max_avail) : null,
      thin: true,
    };
  }

  async create({ name, sizeGb }: VolumeSpec, signal: AbortSignal): Promise<void> {
    if ((await this.#bytes(name, signal)) !== null) return;
    const image = ['--pool', this.#pool, '--image-feature', 'layering', name];
    await this.#rbd(['create', '--size', `${sizeGb}G`, ...image], signal);
  }

  async createFromSnapshot(volume: VolumeSpec, snapshot: SnapshotSpec, signal: AbortSignal): Promise<void> {
    if ((await this.#bytes(volume.name, signal)) === null) {
      const from = this.#at(snapshot);
      await this.#rbd(['snap', 'protect', from], signal, [0, 16]); // 16: it is protected already
      await this.#rbd(['clone', from, this.#image(volume.name)], signal);
    }
    if (this.#deps.conf.rbd_flatten_volume_from_snapshot) await this.#flatten(this.#image(volume.name), signal);
    await this.extend(volume, signal);
  }

  /** A whole copy, which depends on nothing; under another name until it is whole. */
  async createFromVolume(volume: VolumeSpec, source: VolumeSpec, signal: AbortSignal): Promise<void> {
    if ((await this.#bytes(volume.name, signal)) === null) {
      const part = `${volume.name}.part`;
      await this.#remove(part, signal);
      await this.#rbd(['cp', this.#image(source.name), this.#image(part)], signal);
      await this.#rbd(['rename', this.#image(part), this.#image(volume.name)], signal);
    }
    await this.extend(volume, signal);
  }

  async delete({ name }: VolumeSpec, signal: AbortSignal): Promise<void> {
    await this.#remove(name, signal);
    await this.#remove(`${name}.part`, signal);
  }

  async extend({ name, sizeGb }: VolumeSpec, signal: AbortSignal): Promise<void> {
    const bytes = await this.#bytes(name, signal);
    if (bytes === null) throw new MissingInBackend(name, `the pool ${this.#pool}`);
    if (bytes < sizeGb * GIB) await this.#rbd(['resize', '--size', `${sizeGb}G`, this.#image(name)], signal);
  }

  async createSnapshot(snapshot: SnapshotSpec, signal: AbortSignal): Promise<void> {
    await this.#rbd(['snap', 'create', this.#at(snapshot)], signal, [0, 17]); // 17: it exists
    await this.#rbd(['snap', 'protect', this.#at(snapshot)], signal, [0, 16]);
  }

  /** Volumes that were cloned of it are made independent first. */
  async deleteSnapshot(snapshot: SnapshotSpec, signal: AbortSignal): Promise<void> {
    const at = this.#at(snapshot);
    const children = await this.#rbd(['children', '--format', 'json', at], signal, [0, ABSENT]);
    if (children.status === ABSENT) return;
    for (const { pool, image } of JSON.parse(children.stdout || '[]') as { pool: string; image: string }[])
      await this.#flatten(`${pool}/${image}`, signal);
    await this.#rbd(['snap', 'unprotect', at], signal, [0, ABSENT, 22]); // 22: it is not protected
    await this.#rbd(['snap', 'rm', at], signal, [0, ABSENT]);
  }

  async revertToSnapshot(snapshot: SnapshotSpec, signal: AbortSignal): Promise<void> {
    await this.#rbd(['snap', 'rollback', this.#at(snapshot)], signal);
    await this.extend(snapshot.volume, signal);
  }

  async open({ name }: VolumeSpec): Promise<LocalVolume> {
    return { path: this.#url(name), format: 'raw' };
  }

  async openSnapshot({ name, volume }: SnapshotSpec): Promise<LocalVolume> {
    return { path: this.#url(`${volume.name}@${name}`), format: 'raw' };
  }

  async list(signal: AbortSignal): Promise<readonly string[]> {
    const { stdout } = await this.#rbd(['ls', '--long', '--format', 'json', '--pool', this.#pool], signal);
    const images = JSON.parse(stdout || '[]') as { image: string; snapshot?: string }[];
    return images.map(({ image, snapshot }) => snapshot ?? image);
  }

  async adopt({ name }: VolumeSpec, existing: string, signal: AbortSignal): Promise<number> {
    if ((await this.#bytes(name, signal)) === null) {
      if (!/^[\w.-]+$/.test(existing) || existing.startsWith('-')) throw new Error(`"${existing}" is no image's name.`);
      await this.#rbd(['rename', this.#image(existing), this.#image(name)], signal);
    }
    const sizeGb = Math.ceil(((await this.#bytes(name, signal)) ?? 0) / GIB);
    await this.extend({ id: '', name, sizeGb }, signal);
    return sizeGb;
  }

  async release({ name }: VolumeSpec, signal: AbortSignal): Promise<void> {
    if ((await this.#bytes(name, signal)) !== null)
      await this.#rbd(['rename', this.#image(name), this.#image(releasedName(name))], signal);
  }

  get #pool(): string {
    return this.#deps.conf.rbd_pool;
  }

  #image(name: string): string {
    return `${this.#pool}/${name}`;
  }

  #at({ name, volume }: SnapshotSpec): string {
    return `${this.#image(volume.name)}@${name}`;
  }

  /** As qemu-img takes it. */
  #url(name: string): string {
    const { rbd_user: user, rbd_ceph_conf: conf } = this.#deps.conf;
    return [`rbd:${this.#image(name)}`, user === null ? '' : `id=${user}`, conf === '' ? '' : `conf=${conf}`]
      .filter((part) => part !== '')
      .join(':');
  }

  /** Null when there is no such image. */
  async #bytes(name: string, signal: AbortSignal): Promise<number | null> {
    const { status, stdout } = await this.#rbd(['info', '--format', 'json', this.#image(name)], signal, [0, ABSENT]);
    return status === ABSENT ? null : (JSON.parse(stdout) as { size: number }).size;
  }

  #flatten(image: string, signal: AbortSignal): Promise<RunResult> {
    return this.#rbd(['flatten', image], signal, [0, 22]); // 22: it has no parent
  }

  async #remove(name: string, signal: AbortSignal): Promise<void> {
    await this.#rbd(['rm', this.#image(name)], signal, [0, ABSENT]);
  }

  #rbd(argv: readonly string[], signal: AbortSignal, ok: readonly number[] = [0]): Promise<RunResult> {
    const quiet = ['cp', 'flatten', 'rm', 'resize'].includes(argv[0] ?? '') ? ['--no-progress'] : [];
    return this.#deps.run(['rbd', ...this.#who, ...argv, ...quiet], { signal, ok, timeoutMs: COPY_TIMEOUT_MS });
  }
}
