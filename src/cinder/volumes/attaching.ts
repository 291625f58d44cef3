import { badRequest } from '#common/api/errors.ts';
import type { RequestContext } from '#common/auth/context.ts';
import type { Connector, ConnectionInfo } from '#clients/volume.ts';
import {
  attachmentsOfVolume,
  deleteAttachment,
  insertAttachment,
  updateAttachment,
  type Attachment,
} from '../attachments/rows.ts';
import { fromRemote, invalidVolume } from '../api/errors.ts';
import { backendOf } from '../operations/journal.ts';
import type { Volume } from './model.ts';
import { updateVolume } from './rows.ts';
import type { VolumeService } from './service.ts';
import { restingStatus, volumeActions, type VolumeStatus } from './states.ts';

/** How clients before 3.27 tie volumes to servers: reserve, connect, attach; begin detaching, disconnect, detach. */

export async function reserve(volumes: VolumeService, ctx: RequestContext, id: string): Promise<void> {
  const { multiattach } = await volumes.find(ctx, id);
  const { from, becomes } = volumeActions[multiattach ? 'reserveMore' : 'reserve'];
  await volumes.transit(
    ctx,
    id,
    from,
    becomes,
    ({ status }) => `Volume status must be '${from.join("' or '")}' to reserve, but is '${status}'.`,
  );
}

export async function unreserve(volumes: VolumeService, ctx: RequestContext, id: string): Promise<void> {
  const { kit } = volumes;
  await kit.db.transaction(async (trx) => {
    const volume = await volumes.find(ctx, id, trx, true);
    if (volume.status !== 'attaching') return;
    const status = restingStatus(await attachmentsOfVolume(trx, id));
    await updateVolume(trx, id, { status, updated_at: kit.now() });
  });
}

export async function beginDetaching(volumes: VolumeService, ctx: RequestContext, id: string): Promise<void> {
  await volumes.transit(
    ctx,
    id,
    volumeActions.beginDetaching.from,
    volumeActions.beginDetaching.becomes,
    ({ status }) =>
      `Unable to detach volume. Volume status must be 'in-use' and attach_status must be 'attached' to detach. The status is '${status}'.`,
  );
}

export async function rollDetaching(volumes: VolumeService, ctx: RequestContext, id: string): Promise<void> {
  const { kit } = volumes;
  await volumes.find(ctx, id);
  const { from, becomes } = volumeActions.rollDetaching;
  await updateVolume(kit.db.query, id, { status: becomes, updated_at: kit.now() }, { status: from });
}

export interface AttachRequest {
  readonly serverId: string | null;
  readonly hostName: string | null;
  readonly mountpoint: string;
  readonly mode: 'rw' | 'ro';
}

/** `os-attach`: a server has it. Repeating it changes nothing. */
export async function attach(
  volumes: VolumeService,
  ctx: RequestContext,
  id: string,
  { serverId, hostName, mountpoint, mode }: AttachRequest,
): Promise<void> {
  const { kit } = volumes;
  const changed = await kit.db.transaction(async (trx) => {
    const volume = await volumes.find(ctx, id, trx, true);
    if (mode === 'rw' && volume.readonly) throw invalidVolume(`volume ${id} is read-only: attach it with mode "ro"`);
    const known = await attachmentsOfVolume(trx, id);
    const mine = known.find((one) =>
      serverId === null ? one.attachedHost === hostName && one.serverId === null : one.serverId === serverId,
    );
    const from = volumeActions.attach.from as readonly VolumeStatus[];
    if (mine?.status === 'attached') return false;
    if (!from.includes(volume.status) && !(volume.status === 'in-use' && volume.multiattach))
      throw invalidVolume(
        volume.status === 'in-use'
          ? 'volume is already attached'
          : `Volume status must be available, attaching or reserved to attach, but is ${volume.status}.`,
      );
    const now = kit.now();
    const attached = { attach_status: 'attached', mountpoint, mode, attached_at: now, updated_at: now };
    if (mine) await updateAttachment(trx, mine.id, attached);
    else
      await insertAttachment(trx, {
        ...attached,
        id: kit.ids.uuid(),
        volume_id: id,
        project_id: volume.projectId,
        server_id: serverId,
        attached_host: hostName,
        connector: null,
        connection_info: null,
        created_at: now,
      });
    await updateVolume(trx, id, {
      status: 'in-use',
      admin_metadata: JSON.stringify({ ...volume.adminMetadata, attached_mode: mode }),
      updated_at: now,
    });
    return true;
  });
  if (changed) await volumes.tell(ctx, id, 'attach.end');
}

/** Takes one attachment's row away; the volume is free when it was the last. */
export async function forget(
  volumes: VolumeService,
  ctx: RequestContext,
  volumeId: string,
  attachmentId: string | null,
): Promise<readonly Attachment[]> {
  const { kit } = volumes;
  const left = await kit.db.transaction(async (trx) => {
    const volume = await volumes.find(ctx, volumeId, trx, true);
    if (attachmentId !== null) await deleteAttachment(trx, attachmentId);
    const left = await attachmentsOfVolume(trx, volumeId);
    const held: readonly VolumeStatus[] = ['in-use', 'detaching', 'attaching', 'reserved', 'error'];
    const { attached_mode: _mode, ...adminMetadata } = volume.adminMetadata;
    if (held.includes(volume.status))
      await updateVolume(trx, volumeId, {
        // An error that has nothing to do with the attachment stays one.
        status: volume.status === 'error' && attachmentId === null ? 'error' : restingStatus(left),
        ...(left.length === 0 && { admin_metadata: JSON.stringify(adminMetadata) }),
        updated_at: kit.now(),
      });
    return left;
  });
  await volumes.tell(ctx, volumeId, 'detach.end');
  return left;
}

/** `os-detach`. @throws ApiError 400 when several servers have it and none is named */
export async function detach(
  volumes: VolumeService,
  ctx: RequestContext,
  id: string,
  attachmentId: string | null,
): Promise<void> {
  const volume = await volumes.find(ctx, id);
  volumes.refuseMaintenance(volume, 'detach');
  const known = await attachmentsOfVolume(volumes.kit.db.query, id);
  const named = attachmentId === null ? undefined : known.find((one) => one.id === attachmentId);
  // One that is not there any more: detaching is done.
  if (attachmentId !== null && !named) return;
  if (attachmentId === null && known.length > 1)
    throw invalidVolume(`Detach volume failed: More than one attachment, but no attachment_id provided.`);
  await forget(volumes, ctx, id, named?.id ?? known[0]?.id ?? null);
}

/** `os-force_detach`: also from a host that does not answer. */
export async function forceDetach(
  volumes: VolumeService,
  ctx: RequestContext,
  id: string,
  { attachmentId, connector }: { readonly attachmentId: string | null; readonly connector: Connector | null },
): Promise<void> {
  const volume = await volumes.find(ctx, id);
  const known = await attachmentsOfVolume(volumes.kit.db.query, id);
  if (attachmentId !== null && !known.some((one) => one.id === attachmentId))
    throw badRequest(`Volume ${id} has no attachment ${attachmentId}.`);
  await disconnect(volumes, volume, { attachmentId, connector, force: true });
  await forget(volumes, ctx, id, attachmentId ?? known[0]?.id ?? null);
}

/** Exports the volume to a host. @throws ApiError 400, 503 */
export async function connect(
  volumes: VolumeService,
  volume: Volume,
  { attachmentId, connector, mode }: { attachmentId: string | null; connector: Connector; mode: 'rw' | 'ro' },
): Promise<ConnectionInfo> {
  if (volume.host === null) throw invalidVolume(`volume ${volume.id} is in no back end yet.`);
  const { connection } = await volumes.kit.volumeDaemon
    .call(
      'initializeConnection',
      { volumeId: volume.id, attachmentId, connector, mode: volume.readonly ? 'ro' : mode },
      { host: backendOf(volume.host).host },
    )
    .catch((error: unknown) => {
      throw fromRemote(error);
    });
  return connection;
}

export async function disconnect(
  volumes: VolumeService,
  volume: Volume,
  args: { readonly attachmentId: string | null; readonly connector: Connector | null; readonly force: boolean },
): Promise<void> {
  if (volume.host === null) return;
  await volumes.kit.volumeDaemon
    .call('terminateConnection', { volumeId: volume.id, ...args }, { host: backendOf(volume.host).host })
    .catch((error: unknown) => {
      throw fromRemote(error);
    });
}
