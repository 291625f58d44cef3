import { attachmentsOfVolumes } from '../attachments/rows.ts';
import { busyResources } from '../operations/rows.ts';
import { snapshotsOnHost, updateSnapshot } from '../snapshots/rows.ts';
import type { Volume } from '../volumes/model.ts';
import { findVolume, updateVolume, volumesOnHost } from '../volumes/rows.ts';
import { restingStatus, volumeActions, type VolumeStatus } from '../volumes/states.ts';
import { idIn, snapshotSpec, volumeSpec } from './backend.ts';
import { nowOf, type VolumeDeps } from './deps.ts';
import { bringExport, exportOf } from './exports.ts';
import { snapshotsByIds, volumesByIds } from './reconcile-rows.ts';

/** Milliseconds that somebody who attaches or detaches in several requests may take between two of them. */
const HANDSHAKE_MS = 15 * 60_000;
/** Milliseconds for a request between its row and its journal. */
const GRACE_MS = 60_000;

/** Where a volume ends that is being worked on, by nobody: as if the work had failed. */
const abandoned: Readonly<Partial<Record<VolumeStatus, VolumeStatus | 'previous'>>> = {
  creating: volumeActions.create.failed,
  downloading: volumeActions.download.failed,
  deleting: volumeActions.delete.failed,
  extending: volumeActions.extend.failed,
  uploading: volumeActions.upload.failed,
  retyping: volumeActions.retype.failed,
  reverting: volumeActions.revert.failed,
  managing: volumeActions.manage.failed,
  unmanaging: volumeActions.unmanage.failed,
  'backing-up': volumeActions.backup.failed,
  'restoring-backup': volumeActions.restore.failed,
};

/** Compares what a back end has with what the database says, and makes it so. Foreign things are left alone. */
export class Reconciler {
  readonly #deps: VolumeDeps;

  constructor(deps: VolumeDeps) {
    this.#deps = deps;
  }

  /** @param thorough looks at every export, also those that seem to be there: after a start */
  async run(thorough: boolean, signal: AbortSignal): Promise<void> {
    await this.#exports(thorough, signal);
    await this.#strayExports(signal);
    await this.#remains(signal);
    await this.#abandoned();
  }

  /** What was exported is exported: after a restart of the target program, or of the machine. */
  async #exports(thorough: boolean, signal: AbortSignal): Promise<void> {
    const { db, backend, log } = this.#deps;
    const wanted = (await volumesOnHost(db.query, backend.host)).filter((volume) => exportOf(volume) !== null);
    const there = new Set(thorough ? [] : await backend.target.list(signal));
    // A target that offers paths has nothing that could be missing.
    for (const { id } of wanted.filter((volume) => !there.has(volumeSpec(backend, volume).name)))
      await backend.locks
        .run([id], async () => {
          const volume = await findVolume(db.query, id);
          if (volume && !volume.deleted && volume.status !== 'deleting' && exportOf(volume))
            await bringExport(this.#deps, volume, signal);
        })
        .catch((error: unknown) => log.error(`Volume ${id} cannot be exported again`, error));
  }

  /** Exports of our volumes that nobody has asked for: left by a crash. */
  async #strayExports(signal: AbortSignal): Promise<void> {
    const { db, backend, log } = this.#deps;
    const ids = idsIn(await backend.target.list(signal), backend.conf.volume_name_template);
    for (const { id } of (await volumesByIds(db.query, ids)).filter((volume) => this.#isStray(volume)))
      await backend.locks.run([id], async () => {
        const volume = await findVolume(db.query, id);
        if (!volume || !this.#isStray(volume)) return;
        log.warn(`The export of volume ${id} is of no use to anybody: it is removed`);
        await backend.target.remove(volumeSpec(backend, volume), signal);
      });
  }

  #isStray(volume: Volume): boolean {
    return volume.host?.split('#')[0] === this.#deps.backend.host && (volume.deleted || exportOf(volume) === null);
  }

  /** Bytes of volumes and snapshots of ours that are deleted. What the database has never heard of is left. */
  async #remains(signal: AbortSignal): Promise<void> {
    const { db, backend, log } = this.#deps;
    const names = await backend.driver.list(signal);
    const here = ({ host }: Volume): boolean => host?.split('#')[0] === backend.host;
    const snapshotIds = idsIn(names, backend.conf.snapshot_name_template);
    const snapshots = (await snapshotsByIds(db.query, snapshotIds)).filter(({ deleted }) => deleted);
    const owners = new Map(
      (await volumesByIds(db.query, [...new Set(snapshots.map(({ volumeId }) => volumeId))])).map((one) => [
        one.id,
        one,
      ]),
    );
    const busy = await busyResources(db.query, [...owners.keys()]);
    for (const { id, volumeId } of snapshots) {
      const volume = owners.get(volumeId);
      if (!volume || !here(volume) || busy.has(volumeId)) continue;
      log.warn(`Snapshot ${id} is deleted, and its bytes are still there: they are removed`);
      await backend.locks.run([volumeId], () =>
        backend.driver.deleteSnapshot(snapshotSpec(backend, id, volume), signal),
      );
    }
    const volumeIds = idsIn(names, backend.conf.volume_name_template);
    const deleted = (await volumesByIds(db.query, volumeIds)).filter((volume) => volume.deleted && here(volume));
    const busyVolumes = await busyResources(
      db.query,
      deleted.map(({ id }) => id),
    );
    for (const volume of deleted.filter(({ id }) => !busyVolumes.has(id))) {
      log.warn(`Volume ${volume.id} is deleted, and its bytes are still there: they are removed`);
      await backend.locks.run([volume.id], () => backend.driver.delete(volumeSpec(backend, volume), signal));
    }
  }

  /** Volumes that seem to be worked on while no operation says so: nobody would ever end that. */
  async #abandoned(): Promise<void> {
    const { db, backend, clock, log } = this.#deps;
    const now = clock.now().getTime();
    const quietFor = (row: { createdAt: string; updatedAt: string | null }): number =>
      now - Date.parse(`${row.updatedAt ?? row.createdAt}Z`);
    const volumes = (await volumesOnHost(db.query, backend.host)).filter(
      (one) => unsettled.has(one.status) && quietFor(one) > GRACE_MS,
    );
    const snapshots = (await snapshotsOnHost(db.query, backend.host)).filter(
      (one) => (one.status === 'creating' || one.status === 'deleting') && quietFor(one) > GRACE_MS,
    );
    const ids = [...volumes.map(({ id }) => id), ...snapshots.map(({ volumeId }) => volumeId)];
    const busy = await busyResources(db.query, [...new Set(ids)]);
    const attachments = await attachmentsOfVolumes(
      db.query,
      volumes.map(({ id }) => id),
    );
    const fault = 'What was being done to it was given up: no operation of it is left.';
    for (const volume of volumes) {
      if (busy.has(volume.id)) continue;
      const mine = attachments.filter((one) => one.volumeId === volume.id);
      const handshake = volume.status === 'attaching' || volume.status === 'detaching';
      // Somebody has the volume, and goes on with it.
      if (handshake && (mine.length > 0 || quietFor(volume) < HANDSHAKE_MS)) continue;
      const end = handshake ? 'previous' : abandoned[volume.status];
      const status = end === 'previous' || end === undefined ? restingStatus(mine) : end;
      log.warn(`Volume ${volume.id} is ${volume.status}, and nothing is done to it: it becomes ${status}`);
      const change = { status, ...(!handshake && { fault }), updated_at: nowOf(this.#deps) };
      await updateVolume(db.query, volume.id, change, { status: [volume.status] });
    }
    for (const { id, volumeId, status } of snapshots) {
      if (busy.has(volumeId)) continue;
      const end = status === 'creating' ? 'error' : 'error_deleting';
      log.warn(`Snapshot ${id} is ${status}, and nothing is done to it: it becomes ${end}`);
      await updateSnapshot(db.query, id, { status: end, fault, updated_at: nowOf(this.#deps) }, { status: [status] });
    }
  }
}

const idsIn = (names: readonly string[], template: string): string[] => [
  ...new Set(names.flatMap((name) => idIn(template, name) ?? [])),
];

const unsettled: ReadonlySet<string> = new Set([...Object.keys(abandoned), 'attaching', 'detaching']);
