import { forbidden } from '#common/api/errors.ts';
import type { RequestContext } from '#common/auth/context.ts';
import type { Enforcer, PolicyTarget } from '#common/auth/policy.ts';
import type { RpcClient } from '#common/bus/bus.ts';
import { isoMicros, type Clock } from '#common/clock.ts';
import type { Database } from '#common/db/database.ts';
import type { Ids } from '#common/ids.ts';
import type { Logger } from '#common/telemetry/log.ts';
import type { ImageClient } from '#clients/image.ts';
import type { CinderConfig } from '../config.ts';
import type { Notify } from '../notifications.ts';
import type { Journal, Owner } from '../operations/journal.ts';
import type { Quotas } from '../quotas/quotas.ts';
import type { schedulerRpc, volumeRpc } from '../rpc.ts';
import type { ServiceDirectory } from '../services/directory.ts';
import type { CinderTables } from '../tables.ts';

export interface CinderDeps {
  readonly db: Database<CinderTables>;
  readonly conf: CinderConfig;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Logger;
  readonly enforcer: Enforcer;
  readonly quotas: Quotas;
  readonly directory: ServiceDirectory;
  readonly journal: Journal;
  readonly notify: Notify;
  readonly volumeDaemon: RpcClient<(typeof volumeRpc)['methods']>;
  readonly schedulerDaemon: RpcClient<(typeof schedulerRpc)['methods']>;
  readonly imageAs: (ctx: RequestContext) => ImageClient;
}

/** What every resource of the API works with. */
export interface Kit extends CinderDeps {
  /** For rows. */
  now(): string;
  /** @throws ApiError 403 */
  authorize(ctx: RequestContext, rule: string, target?: PolicyTarget): void;
  /** Wakes those who are to run what has just been journalled. A deaf broker is no failure: they look for themselves. */
  launch(owners: Owner | readonly Owner[], ctx: RequestContext): Promise<void>;
  /** Whether a resource exists for the caller: its own project's do, and all for administrators. */
  sees(ctx: RequestContext, resource: { readonly projectId: string; readonly deleted?: boolean } | null): boolean;
}

export function createKit(deps: CinderDeps): Kit {
  return {
    ...deps,
    now: () => isoMicros(deps.clock.now()),
    authorize(ctx, rule, target) {
      if (!deps.enforcer.allows(rule, ctx, target)) throw forbidden(`Policy doesn't allow ${rule} to be performed.`);
    },
    async launch(owners, { requestId }) {
      const each = new Map([owners].flat().map((owner) => [`${owner.binary}@${owner.host}`, owner] as const));
      await Promise.all(
        [...each.values()].map((owner) =>
          deps.journal
            .launch(owner, requestId)
            .catch((error: unknown) => deps.log.warn(`${owner.binary} on ${owner.host} was not woken`, error)),
        ),
      );
    },
    sees: (ctx, resource) =>
      resource !== null && resource.deleted !== true && (ctx.isAdmin || resource.projectId === ctx.projectId),
  };
}
