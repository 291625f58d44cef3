import { Type } from '@sinclair/typebox';
import { notFound } from '#common/api/errors.ts';
import { routesFor } from '#common/api/route.ts';
import type { RequestContext } from '#common/auth/context.ts';
import type { Database } from '#common/db/database.ts';
import { strict } from '../api/schemas.ts';
import type { NetworkRefresher } from '../networks/refresh.ts';
import type { ServerService } from '../servers/service.ts';
import { hostsOfServers, markPlugged, unmarkPlugged } from '../servers/rows.ts';
import type { NovaTables } from '../tables.ts';

export interface EventDeps {
  readonly db: Database<NovaTables>;
  readonly refresher: NetworkRefresher;
  readonly servers: ServerService;
}

const route = routesFor<EventDeps>();
const Event = strict({
  server_uuid: Type.String({ format: 'uuid' }),
  name: Type.Unsafe<EventName>({
    type: 'string',
    enum: [
      ...['network-changed', 'network-vif-plugged', 'network-vif-unplugged', 'network-vif-deleted'],
      'volume-extended',
    ],
  }),
  status: Type.Optional(Type.Unsafe<string>({ type: 'string', enum: ['failed', 'completed', 'in-progress'] })),
  tag: Type.Optional(Type.Union([Type.String({ maxLength: 255 }), Type.Null()])),
});
type EventName =
  'network-changed' | 'network-vif-plugged' | 'network-vif-unplugged' | 'network-vif-deleted' | 'volume-extended';

async function apply(
  { db, refresher, servers }: EventDeps,
  ctx: RequestContext,
  serverId: string,
  name: EventName,
  tag: string | null,
): Promise<void> {
  if (name === 'volume-extended') {
    if (tag !== null) await servers.operate(ctx, serverId, 'server.extend_volume', { volumeId: tag });
    return;
  }
  if (tag !== null && name === 'network-vif-plugged') await markPlugged(db.query, serverId, tag);
  if (tag !== null && (name === 'network-vif-unplugged' || name === 'network-vif-deleted'))
    await unmarkPlugged(db.query, tag);
  if (name !== 'network-vif-plugged') await refresher.changed(serverId);
}

/** What other services tell us of servers; Neutron of their ports, Cinder of their volumes. */
export const eventRoutes = [
  route({
    id: 'external_events.create',
    summary: 'Tell Nova what happened to servers outside of it',
    method: 'POST',
    path: '/os-server-external-events',
    policy: 'os_compute_api:os-server-external-events:create',
    status: 200,
    body: strict({ events: Type.Array(Event, { minItems: 1 }) }),
    handle: async (deps, { body, ctx, reply }) => {
      const hosts = await hostsOfServers(
        deps.db.query,
        body.events.map((event) => event.server_uuid),
      );
      const events = [];
      for (const { server_uuid: id, name, status = 'completed', tag } of body.events) {
        const shown = { name, server_uuid: id, status, ...(tag !== undefined && { tag }) };
        if (!hosts.has(id)) events.push({ ...shown, status: 'failed', code: 404 });
        else {
          await apply(deps, ctx, id, name, tag ?? null);
          events.push({ ...shown, code: 200 });
        }
      }
      if (events.every((event) => event.code === 404)) throw notFound('No instances found for any event');
      if (events.some((event) => event.code !== 200)) reply.status(207);
      return { events };
    },
  }),
];
