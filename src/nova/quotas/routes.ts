import { Type } from '@sinclair/typebox';
import { badRequest, forbidden } from '#common/api/errors.ts';
import { routesFor, type Call } from '#common/api/route.ts';
import type { ApiVersion } from '#common/api/version.ts';
import type { RequestContext } from '#common/auth/context.ts';
import type { Enforcer } from '#common/auth/policy.ts';
import type { Database } from '#common/db/database.ts';
import { AnyQuery, Count, Flag, flagValue, IdParams, strict, wrapped } from '../api/schemas.ts';
import { countGroups } from '../server-groups/rows.ts';
import type { NovaTables } from '../tables.ts';
import { resourceNames, type Limits, type Quotas, type Resource } from './quotas.ts';
import * as rows from './rows.ts';

export interface QuotaDeps {
  readonly db: Database<NovaTables>;
  readonly quotas: Quotas;
  readonly enforcer: Enforcer;
}

const route = routesFor<QuotaDeps>();
const network = new Set<Resource>(['floating_ips', 'fixed_ips', 'security_groups', 'security_group_rules']);
const files = new Set<Resource>(['injected_files', 'injected_file_content_bytes', 'injected_file_path_bytes']);

/** Which resources a version shows: those of Neutron until 2.35, injected files until 2.56. */
const shown = (version: ApiVersion): Resource[] =>
  resourceNames.filter(
    (name) => !(network.has(name) && version.atLeast('2.36')) && !(files.has(name) && version.atLeast('2.57')),
  );

/** In today's API Nova limits nothing of the network: Neutron does. */
const limitOf = (limits: Limits, name: Resource, api: string): number =>
  network.has(name) && api !== 'v2' ? -1 : limits[name];

type Seen = Pick<Call<unknown, unknown, unknown>, 'version' | 'api'>;
const show = (limits: Limits, { version, api }: Seen) =>
  Object.fromEntries(shown(version).map((name) => [name, limitOf(limits, name, api)]));

async function usage(db: Database<NovaTables>, projectId: string): Promise<Partial<Record<Resource, number>>> {
  return {
    ...(await rows.serversInUse(db.query, projectId)),
    server_groups: await countGroups(db.query, projectId),
  };
}

/** Another project's quota is an administrator's to see. @throws ApiError 403 */
function allow(deps: QuotaDeps, ctx: RequestContext, rule: string, projectId: string): void {
  if (!deps.enforcer.allows(rule, ctx, { project_id: projectId, tenant_id: projectId }))
    throw forbidden(`Policy doesn't allow ${rule} to be performed.`);
}

const changes = (names: readonly Resource[]) =>
  Object.fromEntries(names.map((name) => [name, Type.Optional(Count(-1))]));
const Changed = strict({
  ...changes(resourceNames),
  force: Type.Optional(Flag),
  tenant_id: Type.Optional(Type.String()),
});

const quotaSets = [
  route({
    id: 'quota_sets.show',
    summary: "Show a project's limits",
    method: 'GET',
    path: '/os-quota-sets/:id',
    policy: 'os_compute_api:os-quota-sets:show',
    status: 200,
    params: IdParams,
    query: AnyQuery,
    handle: async (deps, call) => {
      allow(deps, call.ctx, 'os_compute_api:os-quota-sets:show', call.params.id);
      return { quota_set: { id: call.params.id, ...show(await deps.quotas.limits(call.params.id), call) } };
    },
  }),
  route({
    id: 'quota_sets.detail',
    summary: "Show a project's limits and what it has used of them",
    method: 'GET',
    path: '/os-quota-sets/:id/detail',
    policy: 'os_compute_api:os-quota-sets:detail',
    status: 200,
    params: IdParams,
    query: AnyQuery,
    handle: async (deps, { ctx, params: { id }, version, api }) => {
      allow(deps, ctx, 'os_compute_api:os-quota-sets:detail', id);
      const limits = await deps.quotas.limits(id);
      const used = await usage(deps.db, id);
      const details = shown(version).map((name) => [
        name,
        { limit: limitOf(limits, name, api), in_use: used[name] ?? 0, reserved: 0 },
      ]);
      return { quota_set: { id, ...(Object.fromEntries(details) as object) } };
    },
  }),
  route({
    id: 'quota_sets.defaults',
    summary: 'Show the limits of a project that has none of its own',
    method: 'GET',
    path: '/os-quota-sets/:id/defaults',
    policy: 'os_compute_api:os-quota-sets:defaults',
    status: 200,
    params: IdParams,
    handle: async (deps, call) => ({
      quota_set: { id: call.params.id, ...show(await deps.quotas.defaults(), call) },
    }),
  }),
  route({
    id: 'quota_sets.update',
    summary: "Change a project's limits",
    method: 'PUT',
    path: '/os-quota-sets/:id',
    policy: 'os_compute_api:os-quota-sets:update',
    status: 200,
    params: IdParams,
    query: AnyQuery,
    body: wrapped('quota_set', Changed),
    handle: async (deps, call) => {
      const { id } = call.params;
      const { force = false, tenant_id: _tenant, ...asked } = call.body.quota_set as Record<string, string | number>;
      const allowed = new Set<string>(shown(call.version));
      const limits: Record<string, number> = {};
      for (const [name, value] of Object.entries(asked)) {
        if (!allowed.has(name))
          throw badRequest(
            `Invalid input for field/attribute quota_set. Value: ${name}. Additional properties are not allowed ('${name}' was unexpected)`,
          );
        limits[name] = Number(value);
      }
      if (!flagValue(force)) {
        const used = await usage(deps.db, id);
        for (const [name, limit] of Object.entries(limits)) {
          const minimum = used[name as Resource] ?? 0;
          if (limit >= 0 && limit < minimum)
            throw badRequest(
              `Quota limit ${limit} for ${name} must be greater than or equal to already used and reserved ${minimum}.`,
            );
        }
      }
      await deps.db.transaction((trx) => rows.setProjectLimits(trx, id, limits));
      return { quota_set: show(await deps.quotas.limits(id), call) };
    },
  }),
  route({
    id: 'quota_sets.delete',
    summary: "Drop a project's own limits",
    method: 'DELETE',
    path: '/os-quota-sets/:id',
    policy: 'os_compute_api:os-quota-sets:delete',
    status: 202,
    params: IdParams,
    query: AnyQuery,
    handle: async (deps, { params }) => {
      await rows.deleteProjectLimits(deps.db.query, params.id);
      return undefined;
    },
  }),
];

const classSets = [
  route({
    id: 'quota_classes.show',
    summary: "Show a quota class's limits",
    method: 'GET',
    path: '/os-quota-class-sets/:id',
    policy: 'os_compute_api:os-quota-class-sets:show',
    status: 200,
    params: IdParams,
    handle: async (deps, call) => {
      const own = await rows.classLimits(deps.db.query, call.params.id);
      return {
        quota_class_set: { id: call.params.id, ...show({ ...(await deps.quotas.defaults()), ...own }, call) },
      };
    },
  }),
  route({
    id: 'quota_classes.update',
    summary: "Change a quota class's limits",
    method: 'PUT',
    path: '/os-quota-class-sets/:id',
    policy: 'os_compute_api:os-quota-class-sets:update',
    status: 200,
    params: IdParams,
    body: wrapped('quota_class_set', strict(changes(resourceNames))),
    handle: async (deps, call) => {
      const { id } = call.params;
      const asked = call.body.quota_class_set as Record<string, string | number>;
      const limits = Object.fromEntries(Object.entries(asked).map(([name, value]) => [name, Number(value)]));
      await deps.db.transaction((trx) => rows.setClassLimits(trx, id, limits));
      const own = await rows.classLimits(deps.db.query, id);
      return { quota_class_set: show({ ...(await deps.quotas.defaults()), ...own }, call) };
    },
  }),
];

const limits = route({
  id: 'limits.show',
  summary: "The caller's limits and what is used of them",
  method: 'GET',
  path: '/limits',
  policy: 'os_compute_api:limits',
  status: 200,
  query: AnyQuery,
  handle: async (deps, { ctx, version, api, query }) => {
    const asked = query['tenant_id'];
    const projectId = typeof asked === 'string' && asked !== '' ? asked : (ctx.projectId ?? '');
    if (projectId !== ctx.projectId) allow(deps, ctx, 'os_compute_api:limits:other_project', projectId);
    const allowed = await deps.quotas.limits(projectId);
    const used = await usage(deps.db, projectId);
    const limit = (name: Resource): number => limitOf(allowed, name, api);
    const [proxies, images, personality] = ['2.36', '2.39', '2.57'].map((max) => !version.atLeast(max));
    return {
      limits: {
        rate: [],
        absolute: {
          maxTotalInstances: limit('instances'),
          maxTotalCores: limit('cores'),
          maxTotalRAMSize: limit('ram'),
          maxServerMeta: limit('metadata_items'),
          ...(images && { maxImageMeta: limit('metadata_items') }),
          ...(personality && {
            maxPersonality: limit('injected_files'),
            maxPersonalitySize: limit('injected_file_content_bytes'),
          }),
          maxTotalKeypairs: limit('key_pairs'),
          maxServerGroups: limit('server_groups'),
          maxServerGroupMembers: limit('server_group_members'),
          ...(proxies && {
            maxTotalFloatingIps: limit('floating_ips'),
            maxSecurityGroups: limit('security_groups'),
            maxSecurityGroupRules: limit('security_group_rules'),
          }),
          totalRAMUsed: used.ram ?? 0,
          totalCoresUsed: used.cores ?? 0,
          totalInstancesUsed: used.instances ?? 0,
          ...(proxies && { totalFloatingIpsUsed: 0, totalSecurityGroupsUsed: 0 }),
          totalServerGroupsUsed: used.server_groups ?? 0,
        },
      },
    };
  },
});

export const quotaRoutes = [...quotaSets, ...classSets, limits];
