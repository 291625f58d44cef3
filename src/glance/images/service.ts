import { conflict, forbidden, notFound, overLimit } from '#common/api/errors.ts';
import type { RequestContext } from '#common/auth/context.ts';
import type { Enforcer } from '#common/auth/policy.ts';
import { isoMicros, type Clock } from '#common/clock.ts';
import type { Database } from '#common/db/database.ts';
import { isDuplicateKey } from '#common/db/errors.ts';
import type { Ids } from '#common/ids.ts';
import type { Logger } from '#common/telemetry/log.ts';
import type { Staging } from '../stores/staging.ts';
import { isMemberOf } from '../members/rows.ts';
import type { Stores } from '../stores/stores.ts';
import type { GlanceTables } from '../tables.ts';
import { enforce, isVisible, noImage, targetOf } from './access.ts';
import { defaultSettings, type Image, type ImageSettings, type Location } from './image.ts';
import type { ImageQuery } from './query.ts';
import * as rows from './rows.ts';
import type { ImageStatus } from './status.ts';

/** Most of each that one image may have; -1 is no limit. */
export interface ImageQuotas {
  readonly properties: number;
  readonly tags: number;
}

export interface ImageServiceDeps {
  readonly db: Database<GlanceTables>;
  readonly enforcer: Enforcer;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly quotas: ImageQuotas;
  readonly log: Logger;
  /** Where deleted images' data is removed from; none in the registry, which has no data. */
  readonly stores?: Stores;
  /** Where data waits to be imported; none in the registry. */
  readonly staging?: Staging;
}

export type ImageService = ReturnType<typeof createImageService>;

/** The rules of images' metadata: who sees, makes, changes and deletes what. */
export function createImageService(deps: ImageServiceDeps) {
  const { db, enforcer, clock, ids, quotas, log } = deps;
  const now = (): string => isoMicros(clock.now());

  const visible = async (ctx: RequestContext, id: string, message?: string): Promise<Image> => {
    const image = await rows.findImage(db.query, id);
    const member = image !== undefined && ctx.projectId !== null && (await isMemberOf(db.query, id, ctx.projectId));
    if (!image || !isVisible(image, ctx, member)) throw message === undefined ? noImage(id) : notFound(message);
    return image;
  };

  const checkSettings = (ctx: RequestContext, settings: Partial<ImageSettings>, before: ImageSettings): void => {
    const after = { ...before, ...settings };
    if (after.visibility !== before.visibility) {
      if (after.visibility === 'public') enforce(enforcer, 'publicize_image', ctx, after);
      if (after.visibility === 'community') enforce(enforcer, 'communitize_image', ctx, after);
    }
    const over = (what: string, attempted: number, most: number): void => {
      if (most >= 0 && attempted > most)
        throw overLimit(
          `The limit has been exceeded on the number of allowed image ${what}. Attempted: ${attempted}, Maximum: ${most}`,
        );
    };
    if (settings.properties) over('properties', Object.keys(settings.properties).length, quotas.properties);
    if (settings.tags) over('tags', new Set(settings.tags).size, quotas.tags);
  };

  /** Removes the data, then the image. Repeated by `recover` when it was interrupted. */
  const finishDelete = async (image: Image): Promise<void> => {
    let bytes = 0;
    for (const location of image.locations) {
      const { url } = location;
      const writing = deps.stores?.at(location).writing;
      await writing?.remove(url);
      if (writing) bytes = image.size ?? 0; // data at a URL of somebody else takes no room here
    }
    await db.transaction(async (trx) => {
      const time = now();
      if (!(await rows.moveStatus(trx, image.id, ['pending_delete'], 'deleted', time, { deletedAt: time }))) return;
      if (image.owner !== null && bytes > 0) await rows.addUsage(trx, image.owner, -bytes, 0);
      await rows.removeDetails(trx, image.id);
    });
  };

  return {
    visible,

    /** @throws ApiError 409 when the id was used before, 403, 413 */
    async create(ctx: RequestContext, given: Partial<ImageSettings>, id: string = ids.uuid()): Promise<Image> {
      const settings: ImageSettings = { ...defaultSettings, owner: ctx.projectId, ...given };
      if (settings.owner === null && !ctx.isAdmin) throw forbidden('You are not permitted to create images.');
      if (settings.owner !== ctx.projectId && !ctx.isAdmin)
        throw forbidden(`You are not permitted to create images owned by '${settings.owner}'.`);
      enforce(enforcer, 'add_image', ctx, settings);
      checkSettings(ctx, settings, defaultSettings);
      try {
        await db.transaction((trx) => rows.insertImage(trx, id, settings, now()));
      } catch (error) {
        if (isDuplicateKey(error)) throw conflict(`Image ID ${id} already exists!`, { cause: error });
        throw error;
      }
      return (await rows.findImage(db.query, id)) as Image;
    },

    /** One page. @throws ApiError 400 for a marker that the caller cannot see */
    async list(query: ImageQuery): Promise<readonly Image[] | undefined> {
      return rows.listImages(db.query, query);
    },

    /** @throws ApiError 403, 404, 413 */
    async update(ctx: RequestContext, id: string, change: Partial<ImageSettings>): Promise<Image> {
      const image = await visible(ctx, id);
      enforce(enforcer, 'modify_image', ctx, image, 'You are not permitted to modify this image.');
      if (change.owner !== undefined && change.owner !== image.owner && !ctx.isAdmin)
        throw forbidden("You are not permitted to modify 'owner' on this image.");
      checkSettings(ctx, change, image);
      await db.transaction((trx) => rows.updateSettings(trx, id, change, now()));
      return (await rows.findImage(db.query, id)) as Image;
    },

    /** Deletes image and data. @throws ApiError 403 protected or not the owner's, 404 */
    async remove(ctx: RequestContext, id: string): Promise<Image> {
      const image = await visible(ctx, id, `Failed to find image ${id} to delete`);
      enforce(enforcer, 'delete_image', ctx, image, 'You are not permitted to delete this image.');
      if (image.protected) throw forbidden(`Image ${id} is protected and cannot be deleted.`);
      const time = now();
      const withData: ImageStatus[] = ['active', 'deactivated'];
      const withoutData: ImageStatus[] = ['queued', 'saving', 'uploading', 'killed'];
      // An import into several stores may have filled some of them.
      (image.locations.length > 0 ? withData : withoutData).push('importing');
      const moved = await db.transaction(async (trx) => {
        if (await rows.moveStatus(trx, id, withData, 'pending_delete', time)) return 'pending_delete';
        // An upload that is under way finds its image gone when it ends, and removes what it wrote.
        if (!(await rows.moveStatus(trx, id, withoutData, 'deleted', time, { deletedAt: time }))) return undefined;
        await rows.removeDetails(trx, id);
        return 'deleted';
      });
      if (moved === undefined) throw notFound(`Failed to find image ${id} to delete`);
      if (image.status === 'uploading') await deps.staging?.discard(id);
      const gone = (await rows.findImage(db.query, id)) as Image;
      if (moved === 'deleted') return gone;
      await finishDelete(gone).catch((error: unknown) =>
        log.error(`The data of the deleted image ${id} stays until the next start`, error),
      );
      return (await rows.findImage(db.query, id)) as Image;
    },

    /** Removes the image's data from one of several stores. @throws ApiError 403 the only one, protected, 404 */
    async removeFromStore(ctx: RequestContext, id: string, storeName: string): Promise<void> {
      const image = await visible(ctx, id);
      enforce(enforcer, 'delete_image_location', ctx, image);
      const here = image.locations.filter(({ store }) => store === storeName);
      if (here.length === 0) throw notFound(`Image ${id} is not stored on store ${storeName}.`);
      if (image.protected) throw forbidden(`Image ${id} is protected and cannot be deleted.`);
      if (image.locations.length === here.length)
        throw forbidden(
          'Cannot delete image data from the only store containing it. Consider deleting the image instead.',
        );
      for (const location of here) {
        await rows.removeLocation(db.query, id, location);
        await deps.stores?.at(location).writing?.remove(location.url);
      }
    },

    /** Forbids or allows downloads. Doing it twice is no error. @throws ApiError 403 in another status */
    async setDownloads(ctx: RequestContext, id: string, allowed: boolean): Promise<void> {
      const image = await visible(ctx, id);
      enforce(enforcer, allowed ? 'reactivate' : 'deactivate', ctx, image);
      const [from, to] = allowed ? (['deactivated', 'active'] as const) : (['active', 'deactivated'] as const);
      if (image.status === to) return;
      if (image.status !== from || !(await rows.moveStatus(db.query, id, [from], to, now())))
        throw forbidden(`Not allowed to ${allowed ? 'reactivate' : 'deactivate'} image in status '${image.status}'`);
    },

    /** Registers data that stays where it is. */
    async activateAt(id: string, location: Location, size: number | undefined): Promise<boolean> {
      return db.transaction(async (trx) => {
        if (!(await rows.moveStatus(trx, id, ['queued'], 'active', now(), { size: size ?? 0 }))) return false;
        await rows.addLocation(trx, id, location);
        return true;
      });
    },

    /**
     * For the registry, whose callers keep the data themselves: sets facts and status as told, within the table of
     * statuses. @throws ApiError 403 unless an administrator
     */
    async writeFacts(
      ctx: RequestContext,
      id: string,
      facts: rows.DataFacts & { status?: ImageStatus | undefined; location?: Location | undefined },
    ): Promise<void> {
      const image = await visible(ctx, id);
      if (!enforcer.allows('registry_write', ctx, targetOf(image))) throw forbidden('Only glance-api may write these.');
      const status = facts.status ?? image.status;
      await db.transaction(async (trx) => {
        if (status !== image.status && !(await rows.moveStatus(trx, id, [image.status], status, now(), facts)))
          throw conflict(`Image ${id} is no longer ${image.status}.`);
        if (facts.location) await rows.addLocation(trx, id, facts.location);
      });
    },

    /** Marks an image deleted without touching data: the registry's delete. */
    async markDeleted(ctx: RequestContext, id: string): Promise<Image> {
      const image = await visible(ctx, id, `Failed to find image ${id} to delete`);
      enforce(enforcer, 'delete_image', ctx, image, 'You are not permitted to delete this image.');
      if (image.protected) throw forbidden('Image is protected');
      const time = now();
      await db.transaction(async (trx) => {
        const all: readonly ImageStatus[] = [
          'queued',
          'saving',
          'uploading',
          'importing',
          'active',
          'deactivated',
          'killed',
        ];
        if (await rows.moveStatus(trx, id, all, 'deleted', time, { deletedAt: time }))
          await rows.removeDetails(trx, id);
      });
      return (await rows.findImage(db.query, id)) as Image;
    },

    /**
     * After a crash: images that `host` was receiving go back to `queued`, their partial data is removed, and deletes are
     * finished. Says how many of each.
     */
    async recover(host: string): Promise<{ readonly requeued: number; readonly deleted: number }> {
      const { saving, staging, deleting } = await rows.interrupted(db.query, host);
      const writings = deps.stores?.all.flatMap(({ writing }) => writing ?? []) ?? [];
      for (const id of saving) {
        for (const writing of writings) await writing.discard(id);
        await rows.moveStatus(db.query, id, ['saving'], 'queued', now());
      }
      for (const id of staging) {
        await deps.staging?.discard(id);
        await rows.moveStatus(db.query, id, ['uploading'], 'queued', now());
      }
      for (const writing of writings) await writing.sweep();
      for (const id of deleting) {
        const image = await rows.findImage(db.query, id);
        if (image) await finishDelete(image);
      }
      return { requeued: saving.length + staging.length, deleted: deleting.length };
    },
  };
}
