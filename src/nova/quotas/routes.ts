import { Type } from '@sinclair/typebox';
import { badRequest, forbidden } from '#common/api/errors.ts';
import { routesFor, type Call } from '#common/api/route.ts';
import { ApiVersion } from '#common/api/version.ts';
import type { RequestContext } from '#common/auth/context.ts';
import type { Enforcer } from '#common/auth/policy.ts';
import { AnyQuery, Count, Flag, flagValue, IdParams, strict, wrapped } from '../api/schemas.ts';
import type { CheckProject } from '../api/check-project.ts';
import {
  checkLimits,
  checkMinusOne,
  fileResources,
  limitOf,
  networkResources,
  usage,
  type LimitDeps,
} from './change-limits.ts';
import { resourceNames, type Limits, type Resource } from './quotas.ts';
import * as rows from './rows.ts';

export interface QuotaDeps extends LimitDeps {
  readonly enforcer: Enforcer;
  readonly checkProject: CheckProject;
}

const route = routesFor<QuotaDeps>();

/** Which resources a version shows: those of Neutron until 2.35, injected files until 2.56. */
const shown = (version: ApiVersion): Resource[] =>
  resourceNames.filter(
    (name) =>
      !(networkResources.has(name) && version.atLeast('2.36')) && !(fileResources.has(name) && version.atLeast('2.57')),
  );

type Seen = Pick<Call<unknown, unknown, unknown>, 'version' | 'api'>;
const show = (limits: Limits, { version, api }: Seen) =>
  Object.fromEntries(shown(version).map((name) => [name, limitOf(limits, name, api)]));

/** `?user_id=` */
const userOf = (query: Readonly<Record<string, unknown>>): string | undefined =>
  typeof query['user_id'] === 'string' && query['user_id'] !== '' ? query['user_id'] : undefined;

const limitsFor = ({ quotas }: QuotaDeps, projectId: string, userId: string | undefined): Promise<Limits> =>
  userId === undefined ? quotas.limits(projectId) : quotas.userLimits(projectId, userId);

/** Another project's quota is an administrator's to see. @throws ApiError 403 */
function allow(deps: QuotaDeps, ctx: RequestContext, rule: string, projectId: string): void {
  if (!deps.enforcer.allows(rule, ctx, { project_id: projectId, tenant_id: projectId }))
    throw forbidden(`Policy doesn't allow ${rule} to be performed.`);
}

/** A body's changes by the schema of today's API: numbers, and whether to force them. */
function changesOf(given: Readonly<Record<string, unknown>>): { limits: Record<string, number>; force: boolean } {
  const { force = false, tenant_id: _tenant, ...asked } = given as Record<string, string | number>;
  return {
    limits: Object.fromEntries(Object.entries(asked).map(([name, value]) => [name, Number(value)])),
    force: flagValue(force),
  };
}

/** The same by the rules of Icehouse, which looks at each key by itself. @throws ApiError 400 */
function oldChangesOf(given: Readonly<Record<string, unknown>>): { limits: Record<string, number>; force: boolean } {
  const known = new Set<string>([...resourceNames, 'tenant_id', 'id', 'force']);
  const unknown = Object.keys(given).filter((key) => !known.has(key));
  if (unknown.length > 0) throw badRequest(`Bad key(s) ${unknown.join(',')} in quota_set`);
  const limits: Record<string, number> = {};
  for (const [name, value] of Object.entries(given)) {
    if (name === 'tenant_id' || name === 'id' || name === 'force' || value === null || value === '') continue;
    if (!/^\s*[+-]?\d+\s*$/.test(String(value)))
      throw badRequest(`Quota '${String(value)}' for ${name} should be integer.`);
    limits[name] = Number(value);
  }
  return { limits, force: flagValue((given['force'] ?? false) as boolean | string | number) };
}

async function change(
  deps: QuotaDeps,
  call: Call<{ id: string }, unknown, unknown>,
  asked: ReturnType<typeof changesOf>,
) {
  const projectId = call.params.id;
  const userId = userOf(call.query as Record<string, unknown>);
  await deps.checkProject(call.ctx, projectId, call.api);
  await checkLimits(deps, { projectId, userId, ...asked }, call.api);
  await deps.db.transaction((trx) =>
    userId === undefined
      ? rows.setProjectLimits(trx, projectId, asked.limits)
      : rows.setUserLimits(trx, projectId, userId, asked.limits),
  );
  return { quota_set: show(await limitsFor(deps, projectId, userId), call) };
}

const changes = (names: readonly Resource[]) =>
  Object.fromEntries(names.map((name) => [name, Type.Optional(Count(-1))]));

/** What may be changed shrinks with the versions, as what is shown does. */
const changeVersions = [
  { versions: { max: '2.35', apis: ['v2.1'] }, of: '2.1' },
  { versions: { min: '2.36', max: '2.56', apis: ['v2.1'] }, of: '2.36' },
  { versions: { min: '2.57', apis: ['v2.1'] }, of: '2.57' },
] as const;

const quotaSets = [
  route({
    id: 'quota_sets.show',
    summary: "Show a project's limits, or a user's in it",
    method: 'GET',
    path: '/os-quota-sets/:id',
    policy: 'os_compute_api:os-quota-sets:show',
    status: 200,
    params: IdParams,
    query: AnyQuery,
    handle: async (deps, call) => {
      const { id } = call.params;
      allow(deps, call.ctx, 'os_compute_api:os-quota-sets:show', id);
      return { quota_set: { id, ...show(await limitsFor(deps, id, userOf(call.query)), call) } };
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
    handle: async (deps, { ctx, params: { id }, query, version, api }) => {
      allow(deps, ctx, 'os_compute_api:os-quota-sets:detail', id);
      const userId = userOf(query);
      const limits = await limitsFor(deps, id, userId);
      const used = await usage(deps.db, id, userId);
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
  ...changeVersions.map(({ versions, of }) =>
    route({
      id: `quota_sets.update${of === '2.1' ? '' : `_${of.replace('.', '_')}`}`,
      summary: "Change a project's limits, or a user's in it",
      method: 'PUT',
      path: '/os-quota-sets/:id',
      versions,
      policy: 'os_compute_api:os-quota-sets:update',
      status: 200,
      params: IdParams,
      query: AnyQuery,
      body: wrapped(
        'quota_set',
        strict({
          ...changes(shown(ApiVersion.of(of))),
          force: Type.Optional(Flag),
          // Old clients repeat it; Nova has never looked at it.
          ...(of === '2.1' && { tenant_id: Type.Optional(Type.String()) }),
        }),
      ),
      handle: (deps, call) => change(deps, call, changesOf(call.body.quota_set)),
    }),
  ),
  route({
    id: 'quota_sets.update',
    summary: "Change a project's limits, or a user's in it",
    method: 'PUT',
    path: '/os-quota-sets/:id',
    versions: { apis: ['v2'] },
    policy: 'os_compute_api:os-quota-sets:update',
    status: 200,
    params: IdParams,
    query: AnyQuery,
    body: Type.Object({ quota_set: Type.Record(Type.String(), Type.Unknown()) }),
    handle: (deps, call) => change(deps, call, oldChangesOf(call.body.quota_set)),
  }),
  route({
    id: 'quota_sets.delete',
    summary: "Drop a project's own limits with those of its users, or only one user's",
    method: 'DELETE',
    path: '/os-quota-sets/:id',
    policy: 'os_compute_api:os-quota-sets:delete',
    status: 202,
    params: IdParams,
    query: AnyQuery,
    handle: async (deps, { params, query }) => {
      const userId = userOf(query);
      if (userId === undefined) await deps.db.transaction((trx) => rows.deleteProjectLimits(trx, params.id));
      else await rows.deleteUserLimits(deps.db.query, params.id, userId);
      return undefined;
    },
  }),
];

/** Classes show and take no server groups until 2.49, nothing of the network from 2.50 on, and no files from 2.57 on. */
const ofClass = (version: ApiVersion): Resource[] =>
  resourceNames.filter((name) => {
    if (networkResources.has(name)) return !version.atLeast('2.50');
    if (fileResources.has(name)) return !version.atLeast('2.57');
    return version.atLeast('2.50') || !name.startsWith('server_group');
  });
/** What a class says itself counts, also of the network. */
async function showClass({ db, quotas }: QuotaDeps, name: string, { version, api }: Seen) {
  const [own, defaults] = await Promise.all([rows.classLimits(db.query, name), quotas.defaults()]);
  return Object.fromEntries(ofClass(version).map((one) => [one, own[one] ?? limitOf(defaults, one, api)]));
}
const classVersions = [
  { versions: { max: '2.49', apis: ['v2.1'] }, of: '2.1' },
  { versions: { min: '2.50', max: '2.56', apis: ['v2.1'] }, of: '2.50' },
  { versions: { min: '2.57', apis: ['v2.1'] }, of: '2.57' },
] as const;

async function changeClass(
  deps: QuotaDeps,
  call: Call<{ id: string }, unknown, unknown>,
  limits: Record<string, number>,
) {
  const { id } = call.params;
  for (const [name, limit] of Object.entries(limits)) checkMinusOne(name, limit, call.api);
  await deps.db.transaction((trx) => rows.setClassLimits(trx, id, limits));
  return { quota_class_set: await showClass(deps, id, call) };
}

const classSets = [
  route({
    id: 'quota_classes.show',
    summary: "Show a quota class's limits",
    method: 'GET',
    path: '/os-quota-class-sets/:id',
    policy: 'os_compute_api:os-quota-class-sets:show',
    status: 200,
    params: IdParams,
    handle: async (deps, call) => ({
      quota_class_set: { id: call.params.id, ...(await showClass(deps, call.params.id, call)) },
    }),
  }),
  ...classVersions.map(({ versions, of }) =>
    route({
      id: `quota_classes.update${of === '2.1' ? '' : `_${of.replace('.', '_')}`}`,
      summary: "Change a quota class's limits",
      method: 'PUT',
      path: '/os-quota-class-sets/:id',
      versions,
      policy: 'os_compute_api:os-quota-class-sets:update',
      status: 200,
      params: IdParams,
      body: wrapped('quota_class_set', strict(changes(ofClass(ApiVersion.of(of))))),
      handle: (deps, call) => changeClass(deps, call, changesOf(call.body.quota_class_set).limits),
    }),
  ),
  route({
    id: 'quota_classes.update',
    summary: "Change a quota class's limits; what is no resource is ignored",
    method: 'PUT',
    path: '/os-quota-class-sets/:id',
    versions: { apis: ['v2'] },
    policy: 'os_compute_api:os-quota-class-sets:update',
    status: 200,
    params: IdParams,
    body: Type.Object({ quota_class_set: Type.Record(Type.String(), Type.Unknown()) }),
    handle: (deps, call) => {
      const known = Object.entries(call.body.quota_class_set).filter(([name]) =>
        (resourceNames as readonly string[]).includes(name),
      );
      return changeClass(deps, call, oldChangesOf(Object.fromEntries(known)).limits);
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
