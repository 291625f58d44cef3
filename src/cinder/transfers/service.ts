import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { badRequest, notFound } from '#common/api/errors.ts';
import type { RequestContext } from '#common/auth/context.ts';
import { giveAttachments } from '../attachments/rows.ts';
import { invalidSnapshot, invalidVolume } from '../api/errors.ts';
import type { Kit } from '../api/kit.ts';
import type { PageRequest } from '../api/paging.ts';
import { snapshotsOfVolume } from '../snapshots/rows.ts';
import { findType, hasTypeAccess } from '../types/rows.ts';
import { findVolume, updateVolume } from '../volumes/rows.ts';
import type { VolumeService } from '../volumes/service.ts';
import { volumeActions } from '../volumes/states.ts';
import * as rows from './rows.ts';
import type { Transfer } from './rows.ts';

const hashOf = (salt: string, key: string): string => createHmac('sha256', salt).update(key).digest('hex');
const missing = (id: string) => notFound(`Transfer ${id} could not be found.`);

/** Volumes that change hands: the giver gets a key, whoever has it takes the volume. */
export class TransferService {
  readonly kit: Kit;
  readonly #volumes: VolumeService;

  constructor(volumes: VolumeService) {
    this.kit = volumes.kit;
    this.#volumes = volumes;
  }

  /** The giver's. @throws ApiError 404 */
  async find(ctx: RequestContext, id: string): Promise<Transfer> {
    const transfer = await rows.findTransfer(this.kit.db.query, id);
    if (!transfer || !this.kit.sees(ctx, transfer)) throw missing(id);
    return transfer;
  }

  async list(
    filter: { readonly projectId?: string; readonly equal: Readonly<Record<string, string>> },
    page: PageRequest,
  ): Promise<readonly Transfer[]> {
    const db = this.kit.db.query;
    let marker: Record<string, unknown> | undefined;
    if (page.marker !== undefined) {
      marker = (await rows.findTransferMarker(db, page.marker, filter.projectId)) ?? undefined;
      if (!marker) throw missing(page.marker);
    }
    return page.limit === 0 ? [] : rows.listTransfers(db, filter, { ...page, marker });
  }

  /** @returns the transfer, and the key, which is not shown again */
  async create(
    ctx: RequestContext,
    {
      volumeId,
      name,
      noSnapshots,
    }: { readonly volumeId: string; readonly name: string | null; readonly noSnapshots: boolean },
  ): Promise<{ readonly transfer: Transfer; readonly key: string }> {
    const { kit } = this;
    const { volume_transfer_key_length: length, volume_transfer_salt_length: saltBytes } = kit.conf.DEFAULT;
    const key = randomBytes(Math.ceil(length / 2))
      .toString('hex')
      .slice(0, length);
    const salt = randomBytes(saltBytes).toString('hex');
    const id = kit.ids.uuid();
    await kit.db.transaction(async (trx) => {
      const volume = await this.#volumes.find(ctx, volumeId, trx, true);
      if (!(volumeActions.transfer.from as readonly string[]).includes(volume.status))
        throw invalidVolume('status must be available');
      if (volume.groupId !== null) throw invalidVolume(`volume ${volumeId} belongs to a group`);
      if (!noSnapshots) {
        const busy = (await snapshotsOfVolume(trx, volumeId)).find(({ status }) => status !== 'available');
        if (busy) throw invalidSnapshot(`snapshot: ${busy.id} status must be available`);
      }
      const now = kit.now();
      await updateVolume(trx, volumeId, { status: 'awaiting-transfer', previous_status: 'available', updated_at: now });
      await rows.insertTransfer(trx, {
        id,
        volume_id: volumeId,
        source_project_id: volume.projectId,
        destination_project_id: null,
        name,
        salt,
        key_hash: hashOf(salt, key),
        no_snapshots: noSnapshots ? 1 : 0,
        accepted: 0,
        created_at: now,
      });
    });
    await this.#volumes.tell(ctx, volumeId, 'transfer.create.end');
    return { transfer: await this.find(ctx, id), key };
  }

  async delete(ctx: RequestContext, id: string): Promise<void> {
    const { kit } = this;
    const { volumeId } = await this.find(ctx, id);
    await kit.db.transaction(async (trx) => {
      await rows.deleteTransfer(trx, id);
      await updateVolume(
        trx,
        volumeId,
        { status: 'available', previous_status: null, updated_at: kit.now() },
        { status: ['awaiting-transfer'] },
      );
    });
    await this.#volumes.tell(ctx, volumeId, 'transfer.delete.end');
  }

  /** Anybody may who has id and key. @throws ApiError 400 for a wrong key, 404, 413 */
  async accept(ctx: RequestContext, id: string, key: string): Promise<Transfer> {
    const { kit } = this;
    const transfer = await rows.findTransfer(kit.db.query, id);
    if (!transfer) throw missing(id);
    const given = Buffer.from(hashOf(transfer.salt, key));
    if (!timingSafeEqual(given, Buffer.from(transfer.keyHash)))
      throw badRequest(`Invalid auth key: Attempt to transfer ${id} with invalid auth key.`);
    const projectId = ctx.projectId ?? '';
    await kit.quotas.transaction(projectId, async (trx, claim) => {
      const volume = await findVolume(trx, transfer.volumeId, true);
      if (!volume || volume.deleted) throw missing(id);
      if (volume.status !== 'awaiting-transfer')
        throw invalidVolume(`Transfer ${id}: Volume id ${volume.id} expected in state awaiting-transfer`);
      const type = volume.typeId === null ? null : await findType(trx, volume.typeId);
      if (type && !type.isPublic && !(await hasTypeAccess(trx, type.id, projectId)))
        throw badRequest(`Volume type ${type.id} is private, and project ${projectId} has no access to it.`);
      const snapshots = transfer.noSnapshots ? [] : await snapshotsOfVolume(trx, volume.id);
      if (volume.projectId !== projectId) {
        const asked: Record<string, number> = {};
        for (const part of [
          kit.quotas.ofVolume(volume.sizeGb, type?.name ?? null),
          ...snapshots.map((snapshot) => kit.quotas.ofSnapshot(snapshot.sizeGb, type?.name ?? null)),
        ])
          for (const [name, amount] of Object.entries(part)) asked[name] = (asked[name] ?? 0) + amount;
        await claim(asked);
      }
      if (!(await rows.deleteTransfer(trx, id))) throw missing(id);
      await rows.giveVolume(trx, volume.id, {
        projectId,
        userId: ctx.userId ?? '',
        snapshots: snapshots.length > 0,
        now: kit.now(),
      });
      await giveAttachments(trx, volume.id, projectId);
    });
    await this.#volumes.tell(ctx, transfer.volumeId, 'transfer.accept.end');
    return { ...transfer, destinationProjectId: projectId, accepted: true };
  }
}
