import { exceeded, overQuota, type Asked } from '../quotas/quotas.ts';
import type { Server } from './model.ts';
import type { ServerService, Within } from './service.ts';

/**
 * A transaction that holds the quota of a server's project.
 * @param asked what the server takes in addition
 * @throws ApiError 403 (413 in v2) when that does not fit
 */
export const withQuota =
  (servers: ServerService, server: Server, asked: Asked, api: string): Within =>
  (work) =>
    servers.deps.quotas.transaction(
      server.projectId,
      async (trx, used, limits) => {
        const over = exceeded(asked, used, limits);
        if (over.length > 0) throw overQuota(over, asked, used, limits, api);
        return work(trx);
      },
      server.projectId,
      server.userId,
    );
