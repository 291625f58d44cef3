import type { ConnectionInfo } from '#clients/volume.ts';
import { findVolume } from '../volumes/rows.ts';
import { volumeSpec } from './backend.ts';
import type { VolumeDeps } from './deps.ts';

/** The receiving side of a volume's move between back ends. */

/** @throws Error when the volume is here already: both back ends use one store, and removing the old would remove the new */
export async function checkReceive(deps: VolumeDeps, volumeId: string, signal: AbortSignal): Promise<void> {
  const volume = await findVolume(deps.db.query, volumeId);
  if (!volume || volume.deleted) throw new Error(`Volume ${volumeId} is deleted.`);
  const { name } = volumeSpec(deps.backend, volume);
  if ((await deps.backend.driver.list(signal)).includes(name))
    throw new Error(
      `${name} is in ${deps.backend.host} already: it seems to keep its volumes where ${volume.host} does. There is nothing to move.`,
    );
}

export const receive = (
  deps: VolumeDeps,
  { volumeId, connection }: { volumeId: string; connection: ConnectionInfo },
  signal: AbortSignal,
): Promise<void> =>
  deps.backend.locks.run([volumeId], async () => {
    const volume = await findVolume(deps.db.query, volumeId);
    if (!volume || volume.deleted) throw new Error(`Volume ${volumeId} is deleted.`);
    const spec = volumeSpec(deps.backend, volume);
    await deps.backend.driver.create(spec, signal);
    await deps.copier.copy(connection, await deps.backend.driver.open(spec, signal), signal);
  });

/** Removes the copy, unless the volume has become it. */
export const discard = (deps: VolumeDeps, volumeId: string, signal: AbortSignal): Promise<void> =>
  deps.backend.locks.run([volumeId], async () => {
    const volume = await findVolume(deps.db.query, volumeId);
    if (!volume || volume.host?.split('#')[0] === deps.backend.host) return;
    await deps.backend.driver.delete(volumeSpec(deps.backend, volume), signal);
  });
