import type { ConnectionInfo, Connector } from '#clients/volume.ts';
import { attachmentsOfVolume, type Attachment } from '../attachments/rows.ts';
import type { LocalVolume, VolumeSpec } from '../drivers/driver.ts';
import type { Export } from '../targets/target.ts';
import type { Volume } from '../volumes/model.ts';
import { findVolume, updateVolume } from '../volumes/rows.ts';
import { snapshotSpec, volumeSpec } from './backend.ts';
import { NoLongerWanted, nowOf, type VolumeDeps } from './deps.ts';

/** A volume's export as its row knows it; null when it has none. */
export const exportOf = ({ providerLocation, providerAuth }: Volume): Export | null =>
  providerLocation === null ? null : { location: providerLocation, auth: providerAuth };

/** A volume that this back end has. @throws Error for one that is elsewhere or gone */
async function ownVolume(deps: VolumeDeps, id: string): Promise<Volume> {
  const volume = await findVolume(deps.db.query, id);
  if (!volume || volume.deleted || volume.status === 'deleting')
    throw new NoLongerWanted(`Volume ${id} is deleted, or is being deleted.`);
  if (volume.host?.split('#')[0] !== deps.backend.host)
    throw new Error(`Volume ${id} is in ${volume.host ?? 'no back end'}, not in ${deps.backend.host}.`);
  return volume;
}

/** Makes a volume's export, or makes it again as it was, and writes down what is new of it. */
export async function bringExport(deps: VolumeDeps, volume: Volume, signal: AbortSignal) {
  const { driver, target } = deps.backend;
  const spec = volumeSpec(deps.backend, volume);
  const local = await driver.open(spec, signal);
  const known = exportOf(volume);
  const made = await target.ensure(spec, local, known, signal);
  if (made.location !== known?.location || made.auth !== known.auth)
    await updateVolume(deps.db.query, volume.id, {
      provider_location: made.location,
      provider_auth: made.auth,
      updated_at: nowOf(deps),
    });
  return { spec, local, made };
}

/** Takes it away, and forgets its secret. */
export async function dropExport(deps: VolumeDeps, volume: Volume, signal: AbortSignal): Promise<void> {
  await deps.backend.target.remove(volumeSpec(deps.backend, volume), signal);
  if (exportOf(volume) !== null)
    await updateVolume(deps.db.query, volume.id, {
      provider_location: null,
      provider_auth: null,
      updated_at: nowOf(deps),
    });
}

export const initializeConnection = (
  deps: VolumeDeps,
  { volumeId, connector, mode }: { volumeId: string; connector: Connector; mode: 'rw' | 'ro' },
  signal: AbortSignal,
): Promise<ConnectionInfo> =>
  deps.backend.locks.run([volumeId], async () => {
    const { spec, local, made } = await bringExport(deps, await ownVolume(deps, volumeId), signal);
    return deps.backend.target.connection(spec, local, made, connector, mode);
  });

/** The last host that leaves takes the export along. */
export const terminateConnection = (
  deps: VolumeDeps,
  { volumeId, attachmentId, connector }: { volumeId: string; attachmentId: string | null; connector: Connector | null },
  signal: AbortSignal,
): Promise<void> =>
  deps.backend.locks.run([volumeId], async () => {
    const volume = await findVolume(deps.db.query, volumeId);
    if (!volume || volume.deleted) return;
    const attachments = await attachmentsOfVolume(deps.db.query, volumeId);
    if (!isStillConnected(attachments, attachmentId, connector)) await dropExport(deps, volume, signal);
  });

/**
 * Whether somebody else has the volume. Attachments of API 3.27 have their host's connector. Those that `os-attach` made
 * have none, and the one that leaves now is still among them.
 */
export function isStillConnected(
  attachments: readonly Attachment[],
  leaving: string | null,
  connector: Connector | null,
): boolean {
  const others = attachments.filter((one) => one.id !== leaving);
  const connected = others.filter((one) => one.connector !== null);
  const old = others.filter(
    (one) => one.connector === null && (one.status === 'attached' || one.status === 'detaching'),
  );
  if (leaving !== null) return connected.length + old.length > 0;
  return connected.some((one) => one.connector?.host !== connector?.host) || old.length > 1;
}

/** Under which a volume is offered besides its servers' export: for one backup or copy. */
const asideSpec = (purpose: string, sizeGb: number): VolumeSpec => ({ id: purpose, name: `aside-${purpose}`, sizeGb });

/** On the same host the path does; elsewhere an export of its own. */
async function offerAside(
  deps: VolumeDeps,
  { purpose, sizeGb, volumeId }: { purpose: string; sizeGb: number; volumeId: string },
  local: LocalVolume,
  connector: Connector,
  mode: 'rw' | 'ro',
  signal: AbortSignal,
): Promise<ConnectionInfo> {
  if (connector.host === deps.host && !local.path.startsWith('rbd:')) {
    const data = { device_path: local.path, format: local.format, volume_id: volumeId, access_mode: mode };
    return { driver_volume_type: 'local', data: { ...data, encrypted: false, qos_specs: null } };
  }
  const spec = asideSpec(purpose, sizeGb);
  const made = await deps.backend.target.ensure(spec, local, null, signal);
  return deps.backend.target.connection(spec, local, made, connector, mode);
}

/** Lets a host read a volume or a snapshot. One that is in use is read as it was at this moment, from a snapshot of ours. */
export const expose = (
  deps: VolumeDeps,
  args: { volumeId: string; snapshotId: string | null; purpose: string; connector: Connector },
  signal: AbortSignal,
): Promise<ConnectionInfo> =>
  deps.backend.locks.run([args.volumeId], async () => {
    const { driver } = deps.backend;
    const volume = await ownVolume(deps, args.volumeId);
    const inUse = exportOf(volume) !== null || (await attachmentsOfVolume(deps.db.query, volume.id)).length > 0;
    const snapshotId = args.snapshotId ?? (inUse ? args.purpose : null);
    const snapshot = snapshotId === null ? null : snapshotSpec(deps.backend, snapshotId, volume);
    if (snapshot && args.snapshotId === null) await driver.createSnapshot(snapshot, signal);
    const local = snapshot
      ? await driver.openSnapshot(snapshot, signal)
      : await driver.open(volumeSpec(deps.backend, volume), signal);
    const what = { purpose: args.purpose, sizeGb: volume.sizeGb, volumeId: volume.id };
    return offerAside(deps, what, local, args.connector, 'ro', signal);
  });

/** For a restore: nobody else has the volume. */
export const exposeForWriting = (
  deps: VolumeDeps,
  { volumeId, purpose, connector }: { volumeId: string; purpose: string; connector: Connector },
  signal: AbortSignal,
): Promise<ConnectionInfo> =>
  deps.backend.locks.run([volumeId], async () => {
    const volume = await ownVolume(deps, volumeId);
    const local = await deps.backend.driver.open(volumeSpec(deps.backend, volume), signal);
    return offerAside(deps, { purpose, sizeGb: volume.sizeGb, volumeId }, local, connector, 'rw', signal);
  });

/** Ends what `expose` began. */
export const unexpose = (
  deps: VolumeDeps,
  { volumeId, purpose }: { volumeId: string; purpose: string },
  signal: AbortSignal,
): Promise<void> =>
  deps.backend.locks.run([volumeId], async () => {
    const volume = await findVolume(deps.db.query, volumeId);
    await deps.backend.target.remove(asideSpec(purpose, volume?.sizeGb ?? 0), signal);
    if (volume) await deps.backend.driver.deleteSnapshot(snapshotSpec(deps.backend, purpose, volume), signal);
  });
