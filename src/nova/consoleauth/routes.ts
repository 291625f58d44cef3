import { Type } from '@sinclair/typebox';
import { notFound, unauthorized } from '#common/api/errors.ts';
import { routesFor } from '#common/api/route.ts';
import type { Clock } from '#common/clock.ts';
import type { Database } from '#common/db/database.ts';
import type { NovaTables } from '../tables.ts';
import { findToken } from './rows.ts';

export interface ConsoleTokenDeps {
  readonly db: Database<NovaTables>;
  readonly clock: Clock;
}

const route = routesFor<ConsoleTokenDeps>();

/** Where a console token leads: for proxies that are none of ours. */
export const consoleTokenRoutes = [
  route({
    id: 'console_auth_tokens.show',
    summary: 'Show where a console token leads',
    method: 'GET',
    path: '/os-console-auth-tokens/:token',
    versions: { apis: ['v2.1'] },
    policy: 'os_compute_api:os-console-auth-tokens',
    status: 200,
    params: Type.Object({ token: Type.String() }),
    handle: async ({ db, clock }, { params, version }) => {
      const grant = await findToken(db.query, params.token);
      if (!grant || grant.expiresAt <= clock.now().getTime()) throw notFound('Token not found');
      // Until 2.30 only RDP's consoles may be asked for, and there are none.
      if (!version.atLeast('2.31')) throw unauthorized('The requested console type details are not accessible');
      return {
        console: {
          instance_uuid: grant.serverId,
          host: grant.host,
          port: grant.port,
          internal_access_path: null,
        },
      };
    },
  }),
];
