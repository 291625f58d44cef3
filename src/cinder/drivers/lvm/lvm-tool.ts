import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { StartupError } from '#common/daemon.ts';
import { isRoot } from '#common/host/privileges.ts';
import type { RunResult } from '#common/host/run.ts';
import type { DriverDeps } from '../deps.ts';
import { COPY_TIMEOUT_MS, MissingInBackend } from '../kit.ts';

export interface LogicalVolume {
  readonly name: string;
  readonly bytes: number;
  /** The volume that it is a snapshot of. */
  readonly origin: string | null;
  /** How full a thin pool is, in percent. */
  readonly dataPercent: number | null;
  /** Where its segments lie. */
  readonly segments: readonly { readonly device: string; readonly firstExtent: number }[];
}

/** The programs of LVM2 for one volume group. */
export class LvmTool {
  readonly group: string;
  readonly #deps: DriverDeps;
  readonly #deviceMapper: boolean;
  readonly #env: Readonly<Record<string, string>>;

  /** @param deviceMapper false: LVM notes where volumes lie, and the kernel is asked for nothing */
  constructor(deps: DriverDeps, deviceMapper: boolean) {
    this.#deps = deps;
    this.#deviceMapper = deviceMapper;
    this.group = deps.conf.volume_group;
    const { lvm_conf_file: conf } = deps.conf;
    this.#env = {
      LC_ALL: 'C',
      LVM_SUPPRESS_FD_WARNINGS: '1',
      ...(existsSync(conf) && { LVM_SYSTEM_DIR: dirname(conf) }),
    };
  }

  /** @throws StartupError when the group cannot be used */
  async check(signal: AbortSignal): Promise<void> {
    if (!isRoot()) throw new StartupError('volume_driver = lvm needs root. Start cinder-volume as root, or use file.');
    await this.room(signal).catch((cause: unknown) => {
      throw new StartupError(
        `The volume group ${this.group} cannot be used: ${(cause as Error).message}. Make it with "pvcreate /dev/sdb; vgcreate ${this.group} /dev/sdb" (apt-get install lvm2), or set volume_group.`,
        { cause },
      );
    });
  }

  async volumes(signal: AbortSignal): Promise<LogicalVolume[]> {
    const rows = await this.#report(
      'lvs',
      'lv',
      ['lv_name', 'lv_size', 'origin', 'data_percent', 'seg_pe_ranges'],
      signal,
    );
    const volumes = new Map<string, LogicalVolume>();
    // One row per segment.
    for (const row of rows) {
      const name = (row['lv_name'] as string).replace(/^_(?=snapshot)/, '');
      const segment = /^(.*):(\d+)-\d+$/.exec(row['seg_pe_ranges'] ?? '');
      volumes.set(name, {
        name,
        bytes: Number(row['lv_size']),
        origin: row['origin'] || null,
        dataPercent: row['data_percent'] ? Number(row['data_percent']) : null,
        segments: [
          ...(volumes.get(name)?.segments ?? []),
          ...(segment ? [{ device: segment[1] as string, firstExtent: Number(segment[2]) }] : []),
        ],
      });
    }
    return [...volumes.values()];
  }

  async find(name: string, signal: AbortSignal): Promise<LogicalVolume | null> {
    return (await this.volumes(signal)).find((one) => one.name === name) ?? null;
  }

  /** @throws MissingInBackend */
  async get(name: string, signal: AbortSignal): Promise<LogicalVolume> {
    const found = await this.find(name, signal);
    if (!found) throw new MissingInBackend(name, `the volume group ${this.group}`);
    return found;
  }

  /** Bytes of the group. */
  async room(signal: AbortSignal): Promise<{ total: number; free: number; extent: number }> {
    const [row] = await this.#report('vgs', 'vg', ['vg_size', 'vg_free', 'vg_extent_size'], signal);
    return { total: Number(row?.['vg_size']), free: Number(row?.['vg_free']), extent: Number(row?.['vg_extent_size']) };
  }

  /** Bytes before a device's first extent. */
  async firstExtentAt(device: string, signal: AbortSignal): Promise<number> {
    const [row] = await this.#report('pvs', 'pv', ['pe_start'], signal, device);
    return Number(row?.['pe_start']);
  }

  /** Changes something. */
  change(argv: readonly [string, ...string[]], signal: AbortSignal): Promise<RunResult> {
    const [program, ...rest] = argv;
    const bare = this.#deviceMapper ? [] : ['--driverloaded', 'n'];
    return this.#deps.run([program, ...bare, ...rest], { env: this.#env, signal, timeoutMs: COPY_TIMEOUT_MS });
  }

  async rename(from: string, to: string, signal: AbortSignal): Promise<void> {
    await this.change(['lvrename', this.group, lvName(from), lvName(to)], signal);
  }

  /** As most commands take it. */
  at(name: string): string {
    return `${this.group}/${lvName(name)}`;
  }

  path(name: string): string {
    return `/dev/${this.at(name)}`;
  }

  async #report(
    program: string,
    table: string,
    columns: readonly string[],
    signal: AbortSignal,
    what = this.group,
  ): Promise<Record<string, string>[]> {
    const argv = [program, '--reportformat', 'json', '--units', 'b', '--nosuffix', '-o', columns.join(','), what];
    const { stdout } = await this.#deps.run(argv, { env: this.#env, signal });
    const { report } = JSON.parse(stdout) as { report: Record<string, Record<string, string>[]>[] };
    return report.flatMap((part) => part[table] ?? []);
  }
}

/** LVM keeps names that begin with "snapshot" for itself; Cinder puts an underscore before them. */
export const lvName = (name: string): string => (name.startsWith('snapshot') ? `_${name}` : name);

/** Names go to LVM as arguments. */
export function checkName(name: string): string {
  if (!/^[A-Za-z0-9+_.][A-Za-z0-9+_.-]*$/.test(name)) throw new Error(`"${name}" is no name of a logical volume.`);
  return name;
}
