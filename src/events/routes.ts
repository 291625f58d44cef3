import { Type, type Static } from '@sinclair/typebox';
import type { Authenticate } from '#common/api/app.ts';
import { ApiError, badRequest } from '#common/api/errors.ts';
import { routesFor, type Call } from '#common/api/route.ts';
import type { RequestContext } from '#common/auth/context.ts';
import type { Enforcer } from '#common/auth/policy.ts';
import { listenerOf, shownAs, viewFor, type Listener } from './audience.ts';
import { eventsFaults } from './faults.ts';
import { passes } from './filter.ts';
import type { History } from './history.ts';
import type { Streams } from './stream.ts';

/** What the routes work with. */
export interface Events {
  readonly history: History;
  readonly streams: Streams;
  readonly enforcer: Enforcer;
  readonly authenticate: Authenticate;
}

const route = routesFor<Events>();

const filters = {
  resource: Type.Optional(Type.String({ maxLength: 500, description: 'Kinds of things, separated by commas' })),
  type: Type.Optional(Type.String({ maxLength: 255, description: 'The beginning of a type: compute.instance.' })),
  resource_id: Type.Optional(Type.String({ maxLength: 255 })),
  all_projects: Type.Optional(Type.String({ description: '1: of every project, for administrators' })),
};
const CloudEventBody = Type.Object({
  id: Type.String(),
  type: Type.String(),
  time: Type.String(),
  priority: Type.Union([Type.Literal('INFO'), Type.Literal('WARN'), Type.Literal('ERROR')]),
  publisher: Type.Union([Type.String(), Type.Null()]),
  project_id: Type.Union([Type.String(), Type.Null()]),
  request_id: Type.Union([Type.String(), Type.Null()]),
  resource: Type.Union([
    Type.Object({ kind: Type.String(), id: Type.String(), name: Type.Union([Type.String(), Type.Null()]) }),
    Type.Null(),
  ]),
  state: Type.Union([Type.String(), Type.Null()]),
  payload: Type.Union([Type.Record(Type.String(), Type.Unknown()), Type.Null()]),
});

const StreamQuery = Type.Object({ ...filters, after: Type.Optional(Type.String({ maxLength: 64 })) });

/** @throws ApiError 400 for a word that is no yes or no, 403 for one who may not */
function listening({ enforcer }: Events, ctx: RequestContext, asked: string | undefined): Listener {
  if (asked !== undefined && !/^(1|0|true|false)$/i.test(asked))
    throw badRequest(`Invalid all_projects: ${asked}. It is 1 or 0.`);
  const all = /^(1|true)$/i.test(asked ?? '');
  if (all && !enforcer.allows('events:all_projects', ctx)) throw eventsFaults.forbidden('events:all_projects');
  return listenerOf(ctx, all);
}

export const eventRoutes = [
  route({
    id: 'events.stream',
    summary: 'Hear events as they happen, as server-sent events',
    method: 'GET',
    path: '/events/stream',
    policy: 'events:stream',
    status: 200,
    query: StreamQuery,
    handle: (events, call) => openStream(events, call),
  }),
  route({
    id: 'events.list',
    summary: 'List the last events, newest first',
    method: 'GET',
    path: '/events',
    policy: 'events:list',
    status: 200,
    query: Type.Object({
      ...filters,
      limit: Type.Optional(Type.Integer({ minimum: 0, maximum: 1000 })),
      before: Type.Optional(Type.String({ maxLength: 64 })),
    }),
    response: Type.Object({ events: Type.Array(CloudEventBody) }),
    handle: (events, { ctx, query }) => {
      const { limit = 100, before, all_projects: asked } = query;
      const listener = listening(events, ctx, asked);
      const wanted = passes(query);
      const found: Static<typeof CloudEventBody>[] = [];
      // An id of an earlier life of the daemon: nothing older than that is left.
      for (const entry of events.history.newestFirst(before)) {
        if (found.length >= limit) break;
        const view = viewFor(entry.audience, listener);
        if (view !== null && wanted(entry.event)) found.push(shownAs(entry.event, view));
      }
      return { events: found };
    },
  }),
];

function openStream(
  events: Events,
  { ctx, query, headers, reply }: Call<unknown, Static<typeof StreamQuery>, unknown>,
) {
  const listener = listening(events, ctx, query.all_projects);
  const full = events.streams.full(listener);
  if (full !== null) throw new ApiError(429, full, { headers: { 'retry-after': '30' } });
  reply.header('content-type', 'text/event-stream; charset=utf-8');
  reply.header('cache-control', 'no-cache, no-transform');
  // A proxy that gathers an answer before it hands it on would hold every event back.
  reply.header('x-accel-buffering', 'no');
  return events.streams.open({
    listener,
    wanted: passes(query),
    after: headers['last-event-id'] ?? query.after,
    renew: async () => {
      try {
        return listenerOf(await events.authenticate(ctx.token ?? undefined, ctx.requestId), listener.all);
      } catch (error) {
        // Keystone being away for a while ends nobody's stream.
        return error instanceof ApiError && error.status === 401 ? null : listener;
      }
    },
  });
}

/** The version documents, for anybody. */
export const versionRoutes = [
  { id: 'versions.list', path: '/' },
  { id: 'versions.show', path: '/v1' },
].map(({ id, path }) =>
  route({
    id,
    summary: 'List the versions of the API',
    method: 'GET',
    path,
    policy: null,
    status: 200,
    response: Type.Object({ versions: Type.Array(Type.Unknown()) }),
    handle: (_events, { host }) => ({
      versions: [{ id: 'v1.0', status: 'CURRENT', links: [{ rel: 'self', href: `${host}/v1` }] }],
    }),
  }),
);
