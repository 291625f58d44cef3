import { Type, type TSchema } from '@sinclair/typebox';
import { badRequest, forbidden, notFound } from '../api/errors.ts';
import { routesFor, type AnyRoute, type Call } from '../api/route.ts';
import type { RequestContext } from '../auth/context.ts';
import type { Enforcer } from '../auth/policy.ts';
import { isoMicros } from '../clock.ts';
import type { Database } from '../db/database.ts';
import type { OperationStatus } from './operation.ts';
import { findOperation, listOperations, type ListedOperation, type OperationFilter } from './query.ts';
import type { OperationTables } from './tables.ts';
import { createOperationView, type OperationWords } from './view.ts';

export interface OperationRouteDeps {
  readonly db: Database<OperationTables>;
  readonly enforcer: Enforcer;
  /** The most that one page gives. */
  readonly maxLimit: number;
  readonly words: OperationWords;
  /** Names of what the operations are about, by id, deleted things too: a bounded number of queries. */
  readonly namesOf: (operations: readonly ListedOperation[]) => Promise<ReadonlyMap<string, string>>;
}

const statuses = ['pending', 'running', 'undoing', 'succeeded', 'failed'] as const;
const active: readonly OperationStatus[] = ['pending', 'running', 'undoing'];

const orNull = <S extends TSchema>(schema: S) => Type.Union([schema, Type.Null()]);
const Time = Type.String();
const brief = {
  id: Type.String(),
  kind: Type.String(),
  action: Type.String(),
  resource_id: Type.String(),
  resource_type: Type.String(),
  resource_name: orNull(Type.String()),
  project_id: orNull(Type.String()),
  user_id: orNull(Type.String()),
  request_id: Type.String(),
  status: Type.Union(statuses.map((status) => Type.Literal(status))),
  step: orNull(Type.String()),
  progress: Type.Object({ done: Type.Integer(), total: orNull(Type.Integer()) }),
  started_at: Time,
  finished_at: orNull(Time),
  failure: orNull(
    Type.Object({
      step: Type.String(),
      code: Type.Integer(),
      message: Type.String(),
      /** Of a host that was not found: every filter's verdict. */
      details: Type.Unknown(),
    }),
  ),
};
const Operation = Type.Object(brief);
const Detailed = Type.Object({
  ...brief,
  steps: Type.Array(
    Type.Object({
      name: Type.String(),
      status: Type.Union(['running', 'succeeded', 'failed', 'undone'].map((status) => Type.Literal(status))),
      started_at: Time,
      finished_at: orNull(Time),
      message: orNull(Type.String()),
    }),
  ),
});
const Link = Type.Object({ rel: Type.String(), href: Type.String() });

const ListQuery = Type.Object(
  {
    status: Type.Optional(Type.Union([...statuses, 'active'].map((status) => Type.Literal(status)))),
    resource_id: Type.Optional(Type.String()),
    kind: Type.Optional(Type.String()),
    since: Type.Optional(Type.String()),
    all_projects: Type.Optional(Type.String({ pattern: '^(?:[01]|[Tt]rue|[Ff]alse|)$' })),
    limit: Type.Optional(Type.Integer({ minimum: 0 })),
    marker: Type.Optional(Type.String()),
  },
  { additionalProperties: true },
);
interface Asked {
  readonly status?: OperationStatus | 'active';
  readonly resource_id?: string;
  readonly kind?: string;
  readonly since?: string;
  readonly all_projects?: string;
  readonly limit?: number;
  readonly marker?: string;
}

/** @throws ApiError 400 for what is no time */
function timeOf(text: string): string {
  const zoned = /([zZ]|[+-]\d\d:?\d\d)$/.test(text) ? text : `${text}Z`;
  const time = new Date(zoned.replace(' ', 'T'));
  if (!/^\d{4}-\d\d-\d\d[T ]\d\d:\d\d/.test(text) || Number.isNaN(time.getTime()))
    throw badRequest(`"since" must be a time such as 2014-10-19T06:50:29Z, not "${text}".`);
  return isoMicros(time);
}

const filterOf = (asked: Asked, projectId: string | null): OperationFilter => ({
  projectId,
  ...(asked.status !== undefined && { statuses: asked.status === 'active' ? active : [asked.status] }),
  ...(asked.resource_id !== undefined && { resourceId: asked.resource_id }),
  ...(asked.kind !== undefined && { kind: asked.kind }),
  ...(asked.since !== undefined && { since: timeOf(asked.since) }),
});

/** The link to the following page: the request's own query with another marker. */
function nextLink({ host, url }: Call<unknown, unknown, unknown>, marker: string) {
  const [path = '', search = ''] = url.split('?');
  const query = new URLSearchParams(search);
  query.set('marker', marker);
  return { rel: 'next', href: `${host}${path}?${query}` };
}

/**
 * The journal of operations as an API: an addition of Igloo, the same in every service that has one.
 * @param policy prefix of its rules: `…:list`, `…:show`, `…:all_projects`, `…:hosts`
 */
export function operationRoutes(policy: string): readonly AnyRoute<OperationRouteDeps>[] {
  const route = routesFor<OperationRouteDeps>();
  const viewFor = async (deps: OperationRouteDeps, ctx: RequestContext, operations: readonly ListedOperation[]) =>
    createOperationView(deps.words, deps.enforcer.allows(`${policy}:hosts`, ctx), await deps.namesOf(operations));
  return [
    route({
      id: 'operations.list',
      summary: 'List what is, and was, being done, newest first (an addition of Igloo)',
      method: 'GET',
      path: '/os-operations',
      policy: `${policy}:list`,
      status: 200,
      query: ListQuery,
      response: Type.Object({
        operations: Type.Array(Operation),
        operations_links: Type.Optional(Type.Array(Link)),
      }),
      handle: async (deps, call) => {
        const { ctx } = call;
        const asked = call.query as Asked;
        const everybody = /^(?:1|true|)$/i.test(asked.all_projects ?? '0');
        if (everybody && !deps.enforcer.allows(`${policy}:all_projects`, ctx))
          throw forbidden(`Policy doesn't allow ${policy}:all_projects to be performed.`);
        const limit = Math.min(asked.limit ?? deps.maxLimit, deps.maxLimit);
        const filter = filterOf(asked, everybody ? null : (ctx.projectId ?? ''));
        // One more than asked for tells whether there is a next page.
        const found = await listOperations(deps.db.query, filter, { marker: asked.marker, limit: limit + 1 });
        if (!found) throw badRequest(`marker [${asked.marker}] not found`);
        const page = found.slice(0, limit);
        const view = await viewFor(deps, ctx, page);
        const last = page.at(-1);
        return {
          operations: page.map(view.brief),
          ...(last && found.length > limit && { operations_links: [nextLink(call, last.id)] }),
        };
      },
    }),
    route({
      id: 'operations.show',
      summary: 'Show an operation, step by step (an addition of Igloo)',
      method: 'GET',
      path: '/os-operations/:id',
      policy: `${policy}:show`,
      status: 200,
      params: Type.Object({ id: Type.String() }),
      response: Type.Object({ operation: Detailed }),
      handle: async (deps, { ctx, params: { id } }) => {
        const everybody = deps.enforcer.allows(`${policy}:all_projects`, ctx);
        const found = await findOperation(deps.db.query, id, everybody ? null : (ctx.projectId ?? ''));
        if (!found) throw notFound(`Operation ${id} could not be found. Those that ended long ago are removed.`);
        return { operation: (await viewFor(deps, ctx, [found])).full(found) };
      },
    }),
  ];
}
