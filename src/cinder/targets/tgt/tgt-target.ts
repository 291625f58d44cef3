import { readFile, realpath, rm, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { ConnectionInfo, Connector } from '#clients/volume.ts';
import { StartupError } from '#common/daemon.ts';
import { ensureFolder, readIfExists, writeFileIfChanged } from '#common/host/files.ts';
import { TgtError, type TgtClient, type TgtState } from '#common/host/tgt-client.ts';
import type { Logger } from '#common/telemetry/log.ts';
import type { BackendConfig } from '../../config.ts';
import type { LocalVolume, VolumeSpec } from '../../drivers/driver.ts';
import { createQueue } from '../../drivers/kit.ts';
import { formatChap, newChapSecret, parseChap, type ChapSecret } from '../chap.ts';
import { iscsiConnection, iscsiLocation } from '../iscsi-connection.ts';
import type { Export, VolumeTarget } from '../target.ts';

export interface TgtTargetDeps {
  readonly client: TgtClient;
  readonly conf: BackendConfig;
  readonly log: Logger;
}

const LUN = 1;

/**
 * Volumes as targets of tgtd, one each with one logical unit. They are made in the running tgtd, and written into
 * `volumes_dir` in tgt-admin's form, which the machine's tgtd reads when it starts (`include /etc/cinder/volumes/*`).
 */
export class TgtTarget implements VolumeTarget {
  readonly name = 'tgt';
  readonly #deps: TgtTargetDeps;
  /** Numbers of targets are given out by us: one after the other. */
  readonly #inTurn = createQueue();

  constructor(deps: TgtTargetDeps) {
    this.#deps = deps;
  }

  async check(): Promise<void> {
    const { client, conf } = this.#deps;
    try {
      await ensureFolder(conf.volumes_dir, 0o750);
      await client.check();
    } catch (cause) {
      throw new StartupError(
        `Volumes cannot be exported by tgtd: ${(cause as Error).message}. Start it (apt-get install tgt; service tgtd start), or set iscsi_helper = local where all servers run on this host.`,
        { cause },
      );
    }
  }

  async ensure(volume: VolumeSpec, local: LocalVolume, known: Export | null): Promise<Export> {
    const { conf } = this.#deps;
    if (local.format !== 'raw')
      throw new Error(`tgtd exports raw volumes only, and ${volume.name} is ${local.format}.`);
    const iqn = this.#iqn(volume);
    // A location of another kind was another target's, before this one was set.
    const chap = this.#secret(known?.location.includes(` ${iqn} `) ? known : null);
    await this.#inTurn(async () => {
      await this.#bring(iqn, local.path, chap);
      // After the target itself: what a crash leaves behind is then always seen in the running tgtd.
      const definition = this.#definition(iqn, local.path, chap);
      await writeFileIfChanged(this.#file(volume), definition, { mode: 0o600, fsync: true });
    });
    return {
      location: iscsiLocation(`${conf.iscsi_ip_address}:${conf.iscsi_port}`, iqn),
      auth: chap && formatChap(chap),
    };
  }

  async remove(volume: VolumeSpec): Promise<void> {
    const { client } = this.#deps;
    await this.#inTurn(async () => {
      const file = this.#file(volume);
      const written = (await readIfExists(file))?.match(/^\s*incominguser (\S+)/m)?.[1];
      await rm(file, { force: true });
      const live = (await client.targets()).find(({ iqn }) => iqn === this.#iqn(volume));
      if (live) await client.deleteTarget(live.tid);
      await this.#forget([...(live?.accounts ?? []), ...(written === undefined ? [] : [written])]);
    });
  }

  connection(
    volume: VolumeSpec,
    _local: LocalVolume,
    made: Export,
    _connector: Connector,
    mode: 'rw' | 'ro',
  ): ConnectionInfo {
    return iscsiConnection(volume, made, mode);
  }

  async list(): Promise<readonly string[]> {
    const { client, conf } = this.#deps;
    return (await client.targets())
      .filter(({ iqn }) => iqn.startsWith(conf.iscsi_target_prefix))
      .map(({ iqn }) => iqn.slice(conf.iscsi_target_prefix.length));
  }

  #iqn({ name }: VolumeSpec): string {
    return this.#deps.conf.iscsi_target_prefix + name;
  }

  #file({ name }: VolumeSpec): string {
    return join(this.#deps.conf.volumes_dir, name);
  }

  #secret(known: Export | null): ChapSecret | null {
    const { conf } = this.#deps;
    if (known) return parseChap(known.auth);
    if (!conf.use_chap_auth) return null;
    const made = newChapSecret();
    return { user: conf.chap_username ?? made.user, password: conf.chap_password ?? made.password };
  }

  #definition(iqn: string, path: string, chap: ChapSecret | null): string {
    return [
      `<target ${iqn}>`,
      `    backing-store ${path}`,
      '    driver iscsi',
      ...(chap ? [`    incominguser ${chap.user} ${chap.password}`] : []),
      `    write-cache ${this.#deps.conf.iscsi_write_cache}`,
      '</target>',
      '',
    ].join('\n');
  }

  /** Nobody gets in before everything is in its place: opening it to all addresses comes last. */
  async #bring(iqn: string, path: string, chap: ChapSecret | null): Promise<void> {
    const { client, conf } = this.#deps;
    let target = await this.#find(iqn);
    const accounts = chap ? [chap.user] : [];
    if (target && target.accounts.some((user) => !accounts.includes(user))) {
      await client.deleteTarget(target.tid);
      await this.#forget(target.accounts);
      target = undefined;
    }
    const tid = target?.tid ?? (await this.#create(iqn));
    await this.#offer(target, tid, path, conf.iscsi_write_cache === 'on');
    if (chap && !target?.accounts.includes(chap.user)) {
      await client.createAccount(chap.user, chap.password).catch(unless('the account exists already'));
      await client.bindAccount(tid, chap.user);
    }
    if (!target?.allowed.includes('ALL')) await client.allowAll(tid);
  }

  /** Accounts are of one volume, unless everybody is told the same. */
  async #forget(users: readonly string[]): Promise<void> {
    for (const user of new Set(users))
      if (user !== this.#deps.conf.chap_username)
        await this.#deps.client.deleteAccount(user).catch(unless('no such account'));
  }

  async #offer(target: TgtState | undefined, tid: number, path: string, writeCache: boolean): Promise<void> {
    const { client, log } = this.#deps;
    const unit = target?.units.find(({ lun }) => lun === LUN);
    if (unit) {
      if (unit.path === path && unit.megabytes === Math.round((await bytesOf(path)) / 1_000_000)) return;
      if (target && target.initiators > 0) {
        log.warn(`${target.iqn} is in use and keeps its size; the new one is seen when it is attached again`);
        return;
      }
      await client.deleteUnit(tid, LUN);
    }
    await client.createUnit(tid, LUN, path, writeCache);
  }

  async #find(iqn: string): Promise<TgtState | undefined> {
    return (await this.#deps.client.targets()).find((one) => one.iqn === iqn);
  }

  /** The next free number; others may take one at the same moment. */
  async #create(iqn: string): Promise<number> {
    const { client } = this.#deps;
    for (let tries = 0; ; tries++) {
      const tid = Math.max(0, ...(await client.targets()).map((one) => one.tid)) + 1 + tries;
      try {
        await client.createTarget(tid, iqn);
        return tid;
      } catch (error) {
        if (tries === 9 || !(error instanceof TgtError && error.reason === 'the target exists already')) throw error;
      }
    }
  }
}

const unless =
  (reason: string) =>
  (error: unknown): void => {
    if (!(error instanceof TgtError && error.reason === reason)) throw error;
  };

/** Of a file or a block device. */
async function bytesOf(path: string): Promise<number> {
  const found = await stat(path);
  if (!found.isBlockDevice()) return found.size;
  const sectors = await readFile(`/sys/class/block/${basename(await realpath(path))}/size`, 'utf8');
  return Number(sectors) * 512;
}
