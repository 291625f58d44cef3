import { isoMicros, type Clock } from '#common/clock.ts';
import type { Database } from '#common/db/database.ts';
import type { OperationDefinition, StepContext } from '#common/operations/operation.ts';
import { StoreError } from '../stores/driver.ts';
import type { Staging } from '../stores/staging.ts';
import type { Stores } from '../stores/stores.ts';
import type { GlanceTables } from '../tables.ts';
import { updateTask } from '../tasks/rows.ts';
import type { DataService } from './data-service.ts';
import type { Image } from './image.ts';
import * as rows from './rows.ts';

/** Where the data comes from: a URL, the staging area, a store that has it. */
export const importMethods = ['glance-direct', 'web-download', 'copy-image'] as const;
export type ImportMethod = (typeof importMethods)[number];

/** What the journal keeps of an import. */
export interface ImportInput {
  readonly imageId: string;
  readonly taskId: string;
  readonly method: ImportMethod;
  /** Of a web-download. */
  readonly url?: string | undefined;
  /** Names of stores to fill, without those that had the data before. */
  readonly stores: readonly string[];
  /** Whether one store that fails makes everything fail. */
  readonly allMustSucceed: boolean;
  readonly afterFailure: 'queued' | 'killed';
}

export const importKind = 'image.import';

export interface ImportDeps {
  readonly db: Database<GlanceTables>;
  readonly clock: Clock;
  readonly stores: Stores;
  readonly staging: Staging;
  readonly data: DataService;
  /** Milliseconds that a finished task is shown. */
  readonly taskLifeMs: number;
}

type Op = StepContext<ImportInput, never>;

/**
 * Gives an image data from elsewhere, in one store after another (v1's copy_from, v2's import methods). After a crash it
 * goes on with the stores that do not have it yet. A URL is tried once: who asked sees at once that it is wrong.
 */
export function importOperation(deps: ImportDeps): OperationDefinition<ImportInput, never> {
  const { db, clock, stores, staging, data } = deps;
  const now = (): string => isoMicros(clock.now());
  const expiry = (): string => isoMicros(new Date(clock.now().getTime() + deps.taskLifeMs));

  const sourceOf = ({ imageId, method, url }: ImportInput, signal: AbortSignal) =>
    method === 'web-download' && url !== undefined
      ? stores.of(url).read(url, undefined, signal)
      : staging.read(imageId, signal);

  const fillOne = async (image: Image, store: string, { input, signal }: Op): Promise<void> => {
    if (image.locations.length > 0) return data.copy(image, store, signal);
    const source = await sourceOf(input, signal);
    // Readers that die (the other side hangs up) are an error of the reading, not of the process.
    source.on('error', () => undefined);
    try {
      await data.importInto(image, source, store, !input.allMustSucceed, signal);
    } finally {
      source.destroy();
    }
  };

  const run = async (op: Op): Promise<undefined> => {
    const { input } = op;
    const failed: string[] = [];
    let reason: Error | undefined;
    for (const [index, store] of input.stores.entries()) {
      const image = await rows.findImage(db.query, input.imageId);
      if (image?.importTask !== input.taskId || !['importing', 'active', 'deactivated'].includes(image.status))
        throw new StoreError('missing', `Image ${input.imageId} was deleted during the import.`);
      if (!image.locations.some((one) => one.store === store))
        try {
          await fillOne(image, store, op);
        } catch (error) {
          if (op.signal.aborted || input.allMustSucceed) throw error;
          op.log.warn(`Store ${store} did not take image ${image.id}`, error);
          failed.push(store);
          reason ??= error as Error;
        }
      const left = input.stores.slice(index + 1);
      await rows.noteImport(db.query, input.imageId, input.taskId, { left, failed, task: input.taskId });
    }
    if (reason !== undefined && failed.length === input.stores.length) throw reason;
    await rows.moveStatus(db.query, input.imageId, ['importing'], 'active', now());
    return undefined;
  };

  return {
    kind: importKind,
    action: 'import',
    steps: [{ name: 'image_import', run }],
    async succeeded({ input }) {
      const image = await rows.findImage(db.query, input.imageId);
      if (input.method === 'glance-direct') await staging.discard(input.imageId);
      const failed = image?.failedImport?.split(',').filter((one) => one !== '') ?? [];
      await rows.noteImport(db.query, input.imageId, input.taskId, { left: [], failed, task: null });
      const result = { image_id: input.imageId };
      await updateTask(db.query, input.taskId, { status: 'success', message: '', result, expiresAt: expiry() }, now());
    },
    async failed({ input }, { message }) {
      const image = await rows.findImage(db.query, input.imageId);
      const mine = image?.importTask === input.taskId;
      for (const name of input.stores) {
        const { writing } = stores.writable(name);
        const location = image?.locations.find(({ store }) => store === name);
        if (mine && location && image.status !== 'pending_delete') {
          await rows.removeLocation(db.query, input.imageId, location);
          await writing.remove(location.url);
        } else if (!location) await writing.discard(input.imageId);
      }
      if (mine && image.status === 'importing') {
        const nothing = { size: null, virtualSize: null, checksum: null, hashAlgorithm: null, hashValue: null };
        const freed = image.locations.length > 0 ? (image.size ?? 0) : 0;
        await db.transaction(async (trx) => {
          if (!(await rows.moveStatus(trx, image.id, ['importing'], input.afterFailure, now(), nothing))) return;
          if (image.owner !== null && freed > 0) await rows.addUsage(trx, image.owner, -freed, 0);
        });
      }
      if (input.method === 'glance-direct') await staging.discard(input.imageId);
      await rows.noteImport(db.query, input.imageId, input.taskId, { left: [], failed: input.stores, task: null });
      await updateTask(
        db.query,
        input.taskId,
        { status: 'failure', message, result: null, expiresAt: expiry() },
        now(),
      );
    },
  };
}
