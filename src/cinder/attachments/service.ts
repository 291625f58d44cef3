import type { RequestContext } from '#common/auth/context.ts';
import type { ConnectionInfo, Connector } from '#clients/volume.ts';
import { attachmentNotFound, invalidVolume } from '../api/errors.ts';
import type { Kit } from '../api/kit.ts';
import type { PageRequest } from '../api/paging.ts';
import { connect, disconnect, forget } from '../volumes/attaching.ts';
import { updateVolume } from '../volumes/rows.ts';
import type { VolumeService } from '../volumes/service.ts';
import { volumeActions, type VolumeStatus } from '../volumes/states.ts';
import * as rows from './rows.ts';
import type { Attachment, AttachmentFilter } from './rows.ts';

/** Volumes' ties to servers as API 3.27 has them: made, connected, completed (3.44), deleted. */
export class AttachmentService {
  readonly kit: Kit;
  readonly #volumes: VolumeService;

  constructor(volumes: VolumeService) {
    this.kit = volumes.kit;
    this.#volumes = volumes;
  }

  /** @throws ApiError 404 for one of another project, too */
  async find(ctx: RequestContext, id: string): Promise<Attachment> {
    const attachment = await rows.findAttachment(this.kit.db.query, id);
    if (!attachment || !this.kit.sees(ctx, attachment)) throw attachmentNotFound(id);
    return attachment;
  }

  async list(ctx: RequestContext, filter: AttachmentFilter, page: PageRequest): Promise<readonly Attachment[]> {
    const db = this.kit.db.query;
    let marker: Record<string, unknown> | undefined;
    if (page.marker !== undefined) {
      marker = (await rows.findAttachmentMarker(db, page.marker, filter.projectId)) ?? undefined;
      if (!marker) throw attachmentNotFound(page.marker);
    }
    return page.limit === 0 ? [] : rows.listAttachments(db, filter, { ...page, marker });
  }

  /**
   * Reserves the volume for a server; with a connector it is exported at once.
   * @throws ApiError 400 when the volume is not to be had
   */
  async create(
    ctx: RequestContext,
    request: {
      readonly volumeId: string;
      readonly serverId: string | null;
      readonly connector: Connector | null;
      readonly mode: 'rw' | 'ro';
    },
  ): Promise<{ readonly attachment: Attachment; readonly connection: ConnectionInfo | null }> {
    const { kit } = this;
    const { volumeId, serverId, mode } = request;
    const id = kit.ids.uuid();
    await kit.db.transaction(async (trx) => {
      const volume = await this.#volumes.find(ctx, volumeId, trx, true);
      if (mode === 'rw' && volume.readonly)
        throw invalidVolume(`volume ${volumeId} is read-only: attach it with mode "ro"`);
      const others = await rows.attachmentsOfVolume(trx, volumeId);
      // Nova makes the second attachment of a server that moves before it deletes the first.
      const mine = others.length > 0 && others.every((one) => one.serverId !== null && one.serverId === serverId);
      const from: readonly VolumeStatus[] = [...volumeActions.reserve.from, 'downloading'];
      const shared: readonly VolumeStatus[] = ['in-use', 'attaching', 'reserved', 'detaching'];
      const free = from.includes(volume.status) || (shared.includes(volume.status) && (volume.multiattach || mine));
      if (!free)
        throw invalidVolume(
          `Volume ${volumeId} status must be ${volumeActions.reserve.from.join(' or ')} or downloading to reserve, but the current status is ${volume.status}.`,
        );
      if (volume.multiattach && volume.bootable && others.length > 0)
        kit.authorize(ctx, 'volume:multiattach_bootable_volume');
      const now = kit.now();
      await rows.insertAttachment(trx, {
        id,
        volume_id: volumeId,
        project_id: volume.projectId,
        server_id: serverId,
        attached_host: null,
        mountpoint: null,
        attach_status: 'reserved',
        mode,
        connector: null,
        connection_info: null,
        created_at: now,
      });
      if (volume.status !== 'in-use')
        await updateVolume(trx, volumeId, { status: 'reserved', previous_status: volume.status, updated_at: now });
    });
    if (!request.connector) return { attachment: await this.find(ctx, id), connection: null };
    try {
      return await this.connect(ctx, id, request.connector, mode);
    } catch (error) {
      // Nobody learns this attachment's id: it would hold the volume for ever.
      await forget(this.#volumes, ctx, volumeId, id);
      throw error;
    }
  }

  /** Exports the volume to a host. Repeating it with the same connector gives the same connection. */
  async connect(
    ctx: RequestContext,
    id: string,
    connector: Connector,
    mode?: 'rw' | 'ro',
  ): Promise<{ readonly attachment: Attachment; readonly connection: ConnectionInfo }> {
    const { kit } = this;
    const attachment = await this.find(ctx, id);
    const volume = await this.#volumes.find(ctx, attachment.volumeId);
    const connection = await connect(this.#volumes, volume, {
      attachmentId: id,
      connector,
      mode: mode ?? attachment.mode,
    });
    await kit.db.transaction(async (trx) => {
      const now = kit.now();
      const { status } = await this.#volumes.find(ctx, volume.id, trx, true);
      const there = await rows.updateAttachment(trx, id, {
        attached_host: connector.host ?? null,
        mountpoint: connector.mountpoint ?? null,
        ...(mode !== undefined && { mode }),
        ...(attachment.status !== 'attached' && { attach_status: 'attaching' }),
        connector: JSON.stringify(connector),
        connection_info: JSON.stringify(withoutSecrets(connection)),
        updated_at: now,
      });
      if (!there) throw attachmentNotFound(id);
      if (status === 'reserved') await updateVolume(trx, volume.id, { status: 'attaching', updated_at: now });
    });
    return { attachment: await this.find(ctx, id), connection };
  }

  /** The server has it. Idempotent. */
  async complete(ctx: RequestContext, id: string): Promise<void> {
    const { kit } = this;
    const attachment = await this.find(ctx, id);
    const changed = await kit.db.transaction(async (trx) => {
      const volume = await this.#volumes.find(ctx, attachment.volumeId, trx, true);
      if (attachment.status === 'attached' && volume.status === 'in-use') return false;
      const from: readonly VolumeStatus[] = ['attaching', 'reserved', 'in-use', 'detaching', 'available'];
      if (!from.includes(volume.status))
        throw invalidVolume(`Volume ${volume.id} status must be attaching, but current status is: ${volume.status}.`);
      const now = kit.now();
      await rows.updateAttachment(trx, id, { attach_status: 'attached', attached_at: now, updated_at: now });
      await updateVolume(trx, volume.id, {
        status: 'in-use',
        admin_metadata: JSON.stringify({ ...volume.adminMetadata, attached_mode: attachment.mode }),
        updated_at: now,
      });
      return true;
    });
    if (changed) await this.#volumes.tell(ctx, attachment.volumeId, 'attach.end');
  }

  /** Takes the export away; the volume is free when it was the last. @returns the attachments that are left */
  async delete(ctx: RequestContext, id: string): Promise<readonly Attachment[]> {
    const attachment = await this.find(ctx, id);
    const volume = await this.#volumes.find(ctx, attachment.volumeId);
    if (attachment.connector)
      await disconnect(this.#volumes, volume, {
        attachmentId: id,
        connector: attachment.connector,
        force: false,
      });
    return forget(this.#volumes, ctx, volume.id, id);
  }
}

/** What the row may keep: how to reach it, but not the password. */
function withoutSecrets(connection: ConnectionInfo): ConnectionInfo {
  const { auth_password: _password, ...data } = connection.data as Record<string, unknown>;
  return { ...connection, data } as ConnectionInfo;
}
