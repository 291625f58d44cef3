import { badRequest, conflict } from '#common/api/errors.ts';
import type { RequestContext } from '#common/auth/context.ts';
import type { Enforcer } from '#common/auth/policy.ts';
import { isoMicros, type Clock } from '#common/clock.ts';
import type { Database } from '#common/db/database.ts';
import type { Ids } from '#common/ids.ts';
import type { OperationRunner } from '#common/operations/runner.ts';
import { StoreError } from '../stores/driver.ts';
import type { Stores } from '../stores/stores.ts';
import type { GlanceTables } from '../tables.ts';
import { insertTask } from '../tasks/rows.ts';
import type { TaskType } from '../tasks/task.ts';
import { enforce } from './access.ts';
import type { Image } from './image.ts';
import { importKind, type ImportInput, type ImportMethod } from './import.ts';
import * as rows from './rows.ts';
import type { ImageStatus } from './status.ts';

export interface ImportServiceDeps {
  readonly db: Database<GlanceTables>;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly stores: Stores;
  readonly operations: OperationRunner;
  readonly enforcer: Enforcer;
  readonly methods: readonly ImportMethod[];
}

/** What somebody wants imported. */
export interface ImportRequest {
  readonly method: ImportMethod;
  readonly url?: string | undefined;
  readonly stores: readonly string[];
  readonly allMustSucceed: boolean;
  readonly afterFailure?: 'queued' | 'killed' | undefined;
}

export type ImportService = ReturnType<typeof createImportService>;

const neededStatus: Readonly<Record<ImportMethod, { readonly status: ImageStatus; readonly otherwise: string }>> = {
  'web-download': { status: 'queued', otherwise: "Image needs to be in 'queued' state to use 'web-download' method" },
  'glance-direct': {
    status: 'uploading',
    otherwise: "Image needs to be staged before 'glance-direct' method can be used",
  },
  'copy-image': { status: 'active', otherwise: 'Only images with status active can be targeted for copying' },
};

/** The rules of importing: who may import what into which stores, and that one import runs at a time. */
export function createImportService(deps: ImportServiceDeps) {
  const { db, clock, ids, stores, operations, enforcer, methods } = deps;
  const writable = stores.all.filter(({ writing }) => writing).map(({ name }) => name);

  return {
    methods,

    /** @throws StoreError `refused` for a URL that is not fetched from */
    checkUrl(url: string): void {
      const store = stores.of(url);
      if (store.writing) throw new StoreError('refused', `Images are not fetched from "${url}".`);
      store.check?.(url);
    },

    /**
     * The stores that a request means.
     * @throws ApiError 400 when it names them twice; StoreError `refused` for one that takes no data
     */
    storesOf(asked: {
      readonly header?: string | undefined;
      readonly names?: readonly string[] | undefined;
      readonly all?: boolean | undefined;
    }): readonly string[] {
      if (asked.all && (asked.names || asked.header !== undefined))
        throw badRequest("All_stores parameter can't be used with x-image-meta-store header or stores parameter");
      if (asked.names && asked.header !== undefined)
        throw badRequest("Stores parameter and x-image-meta-store header can't be both specified");
      if (asked.all) return writable;
      const names = asked.names ?? (asked.header === undefined ? [stores.default.name] : [asked.header]);
      return [...new Set(names.map((name) => stores.writable(name).name))];
    },

    /**
     * Begins an import; the image and its task show how it goes.
     * @returns the task's id
     * @throws ApiError 400, 403, 409 in another status or while another import runs; StoreError `refused`
     */
    async start(
      ctx: RequestContext,
      image: Image,
      request: ImportRequest,
      shown: { readonly type: TaskType; readonly input: Readonly<Record<string, unknown>> },
    ): Promise<string> {
      const { method, url } = request;
      enforce(enforcer, method === 'copy-image' ? 'copy_image' : 'modify_image', ctx, image);
      const needed = neededStatus[method];
      if (image.importTask !== null)
        throw conflict(`Image ${image.id} has an active import: task ${image.importTask}.`);
      if (image.status !== needed.status) throw conflict(needed.otherwise);
      if (image.diskFormat === null || image.containerFormat === null)
        throw badRequest('Properties disk_format, container_format must be set prior to importing data.');
      if (method === 'web-download') this.checkUrl(url ?? '');
      const has = (name: string): boolean => image.locations.some(({ store }) => store === name);
      const targets = request.stores.filter((name) => !has(name));
      const taskId = ids.uuid();
      const now = isoMicros(clock.now());
      const input: ImportInput = {
        imageId: image.id,
        taskId,
        method,
        url,
        stores: targets,
        allMustSucceed: request.allMustSucceed,
        afterFailure: request.afterFailure ?? 'queued',
      };
      await db.transaction(async (trx) => {
        if (!(await rows.claimForImport(trx, image.id, taskId, targets)))
          throw conflict(`Image ${image.id} has an active import.`);
        if (method !== 'copy-image' && !(await rows.moveStatus(trx, image.id, [needed.status], 'importing', now)))
          throw conflict(needed.otherwise);
        await insertTask(trx, {
          ...shown,
          id: taskId,
          status: 'processing',
          owner: ctx.projectId ?? image.owner ?? '',
          imageId: image.id,
          requestId: ctx.requestId,
          userId: ctx.userId,
          result: null,
          message: '',
          expiresAt: null,
          createdAt: now,
          updatedAt: now,
        });
        await operations.journal(
          importKind,
          {
            input,
            resourceId: image.id,
            requestId: ctx.requestId,
            projectId: ctx.projectId,
            userId: ctx.userId,
          },
          trx,
        );
      });
      operations.launch();
      return taskId;
    },
  };
}
