import { Type } from '@sinclair/typebox';
import { badRequest, forbidden, notFound } from '#common/api/errors.ts';
import { routesFor } from '#common/api/route.ts';
import { isoMicros, type Clock } from '#common/clock.ts';
import type { Enforcer } from '#common/auth/policy.ts';
import type { Database } from '#common/db/database.ts';
import { nextPage } from '../api/links.ts';
import { AnyQuery } from '../api/schemas.ts';
import { limitOf, type ListQuery } from '../servers/filters.ts';
import type { ServerSummary } from '../servers/model.ts';
import { serversDuring } from '../servers/rows.ts';
import type { NovaTables } from '../tables.ts';

export interface UsageDeps {
  readonly db: Database<NovaTables>;
  readonly clock: Clock;
  readonly enforcer: Enforcer;
  readonly maxLimit: number;
}

const route = routesFor<UsageDeps>();
const ProjectParams = Type.Object({ tenant_id: Type.String() });
const hour = 3_600_000;
const time = (text: string): number => Date.parse(`${text}Z`);

/** @throws ApiError 400 for times that are none, or in the wrong order */
function periodOf(query: ListQuery, now: Date): { start: Date; stop: Date } {
  const parse = (name: string, otherwise: Date): Date => {
    const text = query[name];
    if (typeof text !== 'string' || text === '') return otherwise;
    const parsed = new Date(
      /^\d{4}-\d\d-\d\d$/.test(text) ? `${text}T00:00:00Z` : `${text.replace(' ', 'T').replace(/Z$/, '')}Z`,
    );
    if (Number.isNaN(parsed.getTime())) throw badRequest(`Datetime is in invalid format: ${text}`);
    return parsed;
  };
  const stop = parse('end', now);
  const start = parse('start', now);
  if (start > stop) throw badRequest('Invalid start time. The start time cannot occur after the end time.');
  return { start, stop };
}

/** What one server has used in the period. */
function usageOf(server: ServerSummary, { start, stop }: { start: Date; stop: Date }, now: Date) {
  const from = Math.max(time(server.launchedAt as string), start.getTime());
  const until = Math.min(server.terminatedAt === null ? stop.getTime() : time(server.terminatedAt), stop.getTime());
  const alive = server.terminatedAt === null ? now.getTime() : time(server.terminatedAt);
  return {
    instance_id: server.id,
    name: server.name,
    hours: Math.max(0, until - from) / hour,
    flavor: server.flavor.name,
    memory_mb: server.flavor.memoryMb,
    vcpus: server.flavor.vcpus,
    local_gb: server.flavor.rootGb + server.flavor.ephemeralGb,
    tenant_id: server.projectId,
    started_at: server.launchedAt,
    ended_at: server.terminatedAt,
    state: server.terminatedAt === null ? server.vmState : 'terminated',
    uptime: Math.max(0, Math.floor((alive - time(server.launchedAt as string)) / 1000)),
  };
}

function summaryOf(
  tenantId: string,
  servers: readonly ReturnType<typeof usageOf>[],
  { start, stop }: { start: Date; stop: Date },
  detailed: boolean,
) {
  const sum = (value: (one: (typeof servers)[number]) => number): number =>
    servers.reduce((total, one) => total + value(one), 0);
  return {
    tenant_id: tenantId,
    total_local_gb_usage: sum((one) => one.local_gb * one.hours),
    total_vcpus_usage: sum((one) => one.vcpus * one.hours),
    total_memory_mb_usage: sum((one) => one.memory_mb * one.hours),
    total_hours: sum((one) => one.hours),
    start: isoMicros(start),
    stop: isoMicros(stop),
    ...(detailed && { server_usages: servers }),
  };
}

async function during(deps: UsageDeps, query: ListQuery, paged: boolean, projectId?: string) {
  const now = deps.clock.now();
  const period = periodOf(query, now);
  let servers = await serversDuring(deps.db.query, {
    start: isoMicros(period.start),
    stop: isoMicros(period.stop),
    ...(projectId !== undefined && { projectId }),
  });
  if (paged) {
    const marker = query['marker'];
    if (typeof marker === 'string') {
      const at = servers.findIndex((one) => one.id === marker);
      if (at < 0) throw badRequest(`marker [${marker}] not found`);
      servers = servers.slice(at + 1);
    }
    servers = servers.slice(0, limitOf(query['limit'], deps.maxLimit));
  }
  return {
    period,
    lastOf: servers.map((server) => server.id),
    usages: servers.map((server) => usageOf(server, period, now)),
  };
}

export const usageRoutes = [
  route({
    id: 'usage.list',
    summary: 'What every project has used',
    method: 'GET',
    path: '/os-simple-tenant-usage',
    policy: 'os_compute_api:os-simple-tenant-usage:list',
    status: 200,
    query: AnyQuery,
    handle: async (deps, call) => {
      const { query, version } = call;
      // A client that forgot the project must not be told everybody's usage.
      if (call.url.split('?')[0]?.endsWith('/')) throw notFound('The resource could not be found.');
      const paged = version.atLeast('2.40');
      const { period, usages, lastOf } = await during(deps, query, paged);
      const detailed = query['detailed'] === '1';
      const limit = limitOf(query['limit'], deps.maxLimit);
      const links = paged ? nextPage(call, 'os-simple-tenant-usage', call.url, limit, lastOf) : [];
      return {
        tenant_usages: [...Map.groupBy(usages, (one) => one.tenant_id)].map(([tenant, servers]) =>
          summaryOf(tenant, servers, period, detailed),
        ),
        ...(links.length > 0 && { tenant_usages_links: links }),
      };
    },
  }),
  route({
    id: 'usage.show',
    summary: 'What a project has used',
    method: 'GET',
    path: '/os-simple-tenant-usage/:tenant_id',
    policy: 'os_compute_api:os-simple-tenant-usage:show',
    status: 200,
    params: ProjectParams,
    query: AnyQuery,
    handle: async (deps, call) => {
      const { ctx, query, version } = call;
      const { tenant_id: tenant } = call.params;
      const rule = 'os_compute_api:os-simple-tenant-usage:show';
      if (!deps.enforcer.allows(rule, ctx, { project_id: tenant, tenant_id: tenant }))
        throw forbidden(`Policy doesn't allow ${rule} to be performed.`);
      const paged = version.atLeast('2.40');
      const { period, usages, lastOf } = await during(deps, query, paged, tenant);
      const limit = limitOf(query['limit'], deps.maxLimit);
      const links = paged ? nextPage(call, `os-simple-tenant-usage/${tenant}`, call.url, limit, lastOf) : [];
      return {
        tenant_usage: usages.length > 0 ? summaryOf(tenant, usages, period, true) : {},
        ...(links.length > 0 && { tenant_usage_links: links }),
      };
    },
  }),
];
