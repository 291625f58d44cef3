import type { Readable } from 'node:stream';
import { ApiError, badRequest, conflict, forbidden, gone, overLimit, unavailable } from '#common/api/errors.ts';
import type { RequestContext } from '#common/auth/context.ts';
import type { Enforcer } from '#common/auth/policy.ts';
import { isoMicros, type Clock } from '#common/clock.ts';
import type { Database } from '#common/db/database.ts';
import { isDuplicateKey } from '#common/db/errors.ts';
import type { Logger } from '#common/telemetry/log.ts';
import type { DigestFactory } from '../data/digests.ts';
import { receive, type Received } from '../data/receive.ts';
import { refusal } from '../inspect/verdict.ts';
import { StoreError, type ByteRange, type StoreSink } from '../stores/driver.ts';
import type { Staging } from '../stores/staging.ts';
import type { Stores, WritableStore } from '../stores/stores.ts';
import type { GlanceTables } from '../tables.ts';
import { enforce } from './access.ts';
import type { Image, Location } from './image.ts';
import * as rows from './rows.ts';
import type { ImageService } from './service.ts';

export interface DataServiceDeps {
  readonly db: Database<GlanceTables>;
  readonly enforcer: Enforcer;
  readonly clock: Clock;
  readonly log: Logger;
  readonly images: ImageService;
  readonly stores: Stores;
  readonly staging: Staging;
  readonly digests: DigestFactory;
  /** This host: only its own interrupted uploads are undone after a crash. */
  readonly host: string;
  /** Bytes that one image may have. */
  readonly sizeCap: number;
  /** Bytes that a project's images may have together; 0 is no limit. */
  readonly storageQuota: number;
  /** `require_image_format_match` */
  readonly strictFormat: boolean;
}

export interface UploadOptions {
  /** Bytes, when the sender says. */
  readonly expected?: number | undefined;
  /** v1 senders may say these; other data is refused. */
  readonly checksum?: string | undefined;
  readonly store?: string | undefined;
  /** The status after an upload that failed by itself: v1 gives an image up, v2 lets try again. */
  readonly afterFailure: 'queued' | 'killed';
  readonly signal: AbortSignal;
}

/** How an upload ends well: which status it leaves from, and which it makes of it. */
interface Arrival {
  readonly from: 'saving' | 'importing';
  readonly to: 'active' | 'importing';
}

/** The data refuses to become an image: trying again with the same data is pointless. */
class DataRefused extends ApiError {}

export type DataService = ReturnType<typeof createDataService>;

/** The rules of images' data: uploading, quotas, safety, downloading. */
export function createDataService(deps: DataServiceDeps) {
  const { db, enforcer, clock, images, stores, log } = deps;
  const now = (): string => isoMicros(clock.now());

  /** Bytes that this upload may have, and the error when it has more. */
  const limitOf = async (image: Image): Promise<{ limit: number; tooLarge: () => ApiError }> => {
    const used = image.owner === null ? 0 : await rows.usageOf(db.query, image.owner);
    const room = deps.storageQuota > 0 ? deps.storageQuota - used : Infinity;
    const limit = Math.min(deps.sizeCap, room);
    return {
      limit,
      tooLarge: () =>
        room < deps.sizeCap
          ? overLimit(
              `Denying attempt to upload image because it exceeds the quota: The size of the data would exceed the quota of ${deps.storageQuota} bytes, of which ${used} are in use.`,
            )
          : overLimit(
              `Image exceeds the storage quota: it is larger than the cap of ${deps.sizeCap} bytes for one image.`,
            ),
    };
  };

  /** Image, location and usage change together, so that a crash shows either all or nothing. */
  const arrive = async (image: Image, location: Location, got: Received, { from, to }: Arrival): Promise<void> => {
    const { owner } = image;
    if (owner !== null)
      await rows.ensureUsage(db.query, owner).catch((error: unknown) => {
        if (!isDuplicateKey(error)) throw error;
      });
    await db.transaction(async (trx) => {
      const facts: rows.DataFacts = {
        size: got.size,
        virtualSize: got.virtualSize,
        checksum: got.md5,
        hashAlgorithm: 'sha512',
        hashValue: got.sha512,
      };
      if (!(await rows.moveStatus(trx, image.id, [from], to, now(), facts)))
        throw gone(
          `Image ${image.id} could not be found after upload. The image may have been deleted during the upload.`,
        );
      // Again and now for certain: uploads beside this one may have used the room.
      if (owner !== null && !(await rows.addUsage(trx, owner, got.size, deps.storageQuota)))
        throw overLimit('Denying attempt to upload image because it exceeds the quota.');
      await rows.addLocation(trx, image.id, location);
    });
  };

  const transfer = async (
    image: Image,
    source: Readable,
    store: WritableStore,
    options: Omit<UploadOptions, 'afterFailure' | 'store'>,
    arrival: Arrival,
  ): Promise<void> => {
    const { limit, tooLarge } = await limitOf(image);
    if ((options.expected ?? 0) > limit) throw tooLarge();
    let sink: StoreSink | undefined;
    let committed = false;
    try {
      sink = await store.writing.create(image.id, options.expected);
      const got = await receive(source, {
        sink,
        digests: deps.digests,
        limit,
        tooLarge,
        signal: options.signal,
        judge(finding, complete) {
          // A VHD of fixed size shows what it is only at its end.
          if (!complete && finding.format === 'raw' && image.diskFormat === 'vhd') return;
          const why = refusal(finding, image, deps.strictFormat);
          if (why !== undefined) throw new DataRefused(400, why);
        },
      });
      checkAgainstSender(got, options);
      const url = await sink.commit();
      committed = true;
      await arrive(image, { url, store: store.name }, got, arrival);
    } catch (error) {
      await sink?.abort();
      if (committed) await store.writing.discard(image.id);
      throw error;
    }
  };

  const writableStore = (name: string): WritableStore => {
    try {
      return stores.writable(name);
    } catch (error) {
      throw storeFault(error);
    }
  };

  /** The data from the first store that gives it; undefined for an image without data. */
  const open = async (
    image: Image,
    range: ByteRange | undefined,
    signal: AbortSignal,
  ): Promise<Readable | undefined> => {
    let failure: unknown;
    for (const location of image.locations)
      try {
        return await stores.at(location).read(location.url, range, signal);
      } catch (error) {
        failure ??= error;
        if (image.locations.length > 1) log.warn(`The store ${location.store} does not give image ${image.id}`, error);
      }
    if (failure !== undefined) throw storeFault(failure);
    return undefined;
  };

  return {
    /**
     * Takes the data of a queued image. Ends with the image active, or with nothing left behind and the image queued
     * (or killed: data that is refused, and any failure in v1).
     * @throws ApiError 400 refused data, 403, 404, 409 not queued, 410 deleted meanwhile, 413 quota or full, 503
     */
    async upload(ctx: RequestContext, id: string, source: Readable, options: UploadOptions): Promise<Image> {
      const image = await images.visible(ctx, id);
      enforce(enforcer, 'upload_image', ctx, image);
      return this.fill(image, source, options);
    },

    /** `upload` for an image that the caller is known to own. */
    async fill(image: Image, source: Readable, options: UploadOptions): Promise<Image> {
      const store = options.store === undefined ? stores.default : writableStore(options.store);
      for (const [name, value] of [
        ['disk_format', image.diskFormat],
        ['container_format', image.containerFormat],
      ])
        if (value === null) throw badRequest(`Properties ${name} must be set prior to saving data.`);
      const began = await rows.moveStatus(db.query, image.id, ['queued'], 'saving', now(), { receiver: deps.host });
      if (!began) throw conflict(`Image status transition from ${image.status} to saving is not allowed`);
      try {
        await transfer(image, source, store, options, { from: 'saving', to: 'active' });
      } catch (error) {
        const after = error instanceof DataRefused ? 'killed' : options.afterFailure;
        log.warn(`The upload of image ${image.id} failed`, error);
        await rows.moveStatus(db.query, image.id, ['saving'], after, now());
        throw uploadErrorOf(error);
      }
      return (await rows.findImage(db.query, image.id)) as Image;
    },

    /**
     * Takes the data of a queued image into the staging area. Ends with the image `uploading`, or queued again.
     * @throws ApiError 403, 404, 409 not queued, 413 too large or full
     */
    async stage(
      ctx: RequestContext,
      id: string,
      source: Readable,
      options: Pick<UploadOptions, 'expected' | 'signal'>,
    ) {
      const image = await images.visible(ctx, id);
      enforce(enforcer, 'upload_image', ctx, image);
      if (!(await rows.moveStatus(db.query, id, ['queued'], 'uploading', now(), { receiver: deps.host })))
        throw conflict(`Image status transition from ${image.status} to uploading is not allowed`);
      let sink: StoreSink | undefined;
      try {
        const limits = await limitOf(image);
        if ((options.expected ?? 0) > limits.limit) throw limits.tooLarge();
        sink = await deps.staging.create(id, options.expected);
        const { digests } = deps;
        // What it is is judged when it is imported.
        await receive(source, { ...limits, sink, digests, signal: options.signal, judge: () => undefined });
        await sink.commit();
        if (!(await rows.moveStatus(db.query, id, ['uploading'], 'uploading', now())))
          throw gone(`Image ${id} was deleted during the upload.`);
      } catch (error) {
        await sink?.abort();
        await deps.staging.discard(id);
        log.warn(`Staging of image ${id} failed`, error);
        await rows.moveStatus(db.query, id, ['uploading'], 'queued', now());
        throw uploadErrorOf(error);
      }
    },

    /**
     * Puts the data of an image that is being imported into its first store.
     * @param activate whether the image may be used from then on
     * @throws Error why not; nothing is left behind, the image is still `importing`
     */
    async importInto(image: Image, source: Readable, storeName: string, activate: boolean, signal: AbortSignal) {
      const arrival = { from: 'importing', to: activate ? 'active' : 'importing' } as const;
      await transfer(image, source, stores.writable(storeName), { signal }, arrival);
    },

    /** Copies an image's data from a store that has it into one more. @throws Error why not; nothing is left behind */
    async copy(image: Image, storeName: string, signal: AbortSignal): Promise<void> {
      const store = stores.writable(storeName);
      const source = await open(image, undefined, signal);
      if (!source) throw new StoreError('missing', `Image ${image.id} has no data to copy.`);
      let sink: StoreSink | undefined;
      let committed = false;
      try {
        sink = await store.writing.create(image.id, image.size ?? undefined);
        const got = await receive(source, {
          sink,
          digests: deps.digests,
          limit: image.size ?? Infinity,
          tooLarge: () => new StoreError('missing', `The data of image ${image.id} has grown.`),
          signal,
          judge: () => undefined,
        });
        if (got.md5 !== image.checksum)
          throw new StoreError('missing', `The data of image ${image.id} is not what was once uploaded.`);
        const location = { url: await sink.commit(), store: storeName };
        committed = true;
        if (!(await db.transaction((trx) => rows.addCopy(trx, image.id, location, now()))))
          throw gone(`Image ${image.id} was deleted during the copy.`);
      } catch (error) {
        source.destroy();
        await sink?.abort();
        if (committed) await store.writing.discard(image.id);
        throw error;
      }
    },

    /**
     * The image and its data.
     * @returns no data for an image that has none yet
     * @throws ApiError 403 deactivated, 404
     */
    async download(
      ctx: RequestContext,
      id: string,
      rangeOf: (size: number) => ByteRange | undefined,
      signal: AbortSignal,
    ): Promise<{ readonly image: Image; readonly range: ByteRange | undefined; readonly data: Readable | undefined }> {
      const image = await images.visible(ctx, id);
      enforce(enforcer, 'download_image', ctx, image);
      if (image.status === 'deactivated' && !ctx.isAdmin)
        throw forbidden('The requested image has been deactivated. Image data download is forbidden.');
      if (image.locations.length === 0 || image.status === 'importing')
        return { image, range: undefined, data: undefined };
      const range = rangeOf(image.size ?? 0);
      return { image, range, data: await open(image, range, signal) };
    },
  };
}

function checkAgainstSender(got: Received, options: Pick<UploadOptions, 'expected' | 'checksum'>): void {
  if (options.expected !== undefined && got.size !== options.expected)
    throw new DataRefused(
      400,
      `Supplied size (${options.expected}) and size generated from uploaded image (${got.size}) did not match. Setting image status to 'killed'.`,
    );
  if (options.checksum !== undefined && got.md5 !== options.checksum)
    throw new DataRefused(
      400,
      `Supplied checksum (${options.checksum}) and checksum generated from uploaded image (${got.md5}) did not match. Setting image status to 'killed'.`,
    );
}

/** Stores' problems in HTTP's words. */
export function storeFault(error: unknown): unknown {
  if (!(error instanceof StoreError)) return error;
  switch (error.problem) {
    case 'missing':
      return new ApiError(404, error.message, { cause: error });
    case 'full':
      return overLimit(error.message, { cause: error });
    case 'denied':
    case 'unreachable':
      return unavailable(error.message, { cause: error });
    case 'refused':
      return badRequest(error.message, { cause: error });
  }
}

function uploadErrorOf(error: unknown): unknown {
  const code = (error as NodeJS.ErrnoException | null)?.code;
  if (code === 'ECONNRESET' || code === 'ECONNABORTED') return badRequest('The client went away during the upload.');
  return storeFault(error);
}
