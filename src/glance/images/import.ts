import type { RequestContext } from '#common/auth/context.ts';
import { isoMicros, type Clock } from '#common/clock.ts';
import type { Database } from '#common/db/database.ts';
import type { OperationDefinition } from '#common/operations/operation.ts';
import type { OperationRunner } from '#common/operations/runner.ts';
import { StoreError } from '../stores/driver.ts';
import type { Stores } from '../stores/stores.ts';
import type { GlanceTables } from '../tables.ts';
import type { DataService } from './data-service.ts';
import * as rows from './rows.ts';

/** What the journal keeps of an import. */
export interface ImportInput {
  readonly imageId: string;
  readonly url: string;
  readonly store?: string | undefined;
  readonly afterFailure: 'queued' | 'killed';
}

export const importKind = 'image.import';

export interface ImportDeps {
  readonly db: Database<GlanceTables>;
  readonly clock: Clock;
  readonly stores: Stores;
  readonly data: DataService;
}

/** Fetches an image's data from a URL (v1's copy_from, v2's web-download). After a crash it is fetched from the start. */
export function importOperation({ db, clock, stores, data }: ImportDeps): OperationDefinition<ImportInput, never> {
  return {
    kind: importKind,
    action: 'import',
    steps: [
      {
        name: 'image_fetch',
        transient: (error) => error instanceof StoreError && error.problem === 'unreachable',
        patienceMs: 60_000,
        async run({ input, signal }) {
          const image = await rows.findImage(db.query, input.imageId);
          if (image?.status !== 'queued') return undefined; // done before the crash, or deleted meanwhile
          const source = await stores.of(input.url).read(input.url, undefined, signal);
          await data.fill(image, source, { afterFailure: 'queued', store: input.store, signal });
          return undefined;
        },
      },
    ],
    async failed({ input }) {
      if (input.afterFailure === 'killed')
        await rows.moveStatus(db.query, input.imageId, ['queued'], 'killed', isoMicros(clock.now()));
    },
  };
}

/** Begins an import. @throws StoreError `refused` for a URL that is not fetched from */
export async function startImport(
  deps: { readonly stores: Stores; readonly operations: OperationRunner },
  ctx: RequestContext,
  input: ImportInput,
): Promise<void> {
  const store = deps.stores.of(input.url);
  if (store.writing) throw new StoreError('refused', `Images are not fetched from "${input.url}".`);
  await deps.operations.start(importKind, {
    input,
    resourceId: input.imageId,
    requestId: ctx.requestId,
    projectId: ctx.projectId,
    userId: ctx.userId,
  });
}
