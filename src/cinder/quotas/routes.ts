import { Type } from '@sinclair/typebox';
import { badRequest, forbidden } from '#common/api/errors.ts';
import { routesFor } from '#common/api/route.ts';
import type { RequestContext } from '#common/auth/context.ts';
import type { Kit } from '../api/kit.ts';
import { queryFlag } from '../api/paging.ts';
import { AnyQuery, IdParams, Limit } from '../api/schemas.ts';
import * as rows from './rows.ts';

const route = routesFor<Kit>();

/** Another project's quota is an administrator's to see. @throws ApiError 403 */
function allow(kit: Kit, ctx: RequestContext, rule: string, projectId: string): void {
  if (!kit.enforcer.allows(rule, ctx, { project_id: projectId, tenant_id: projectId }))
    throw forbidden(`Policy doesn't allow ${rule} to be performed.`);
}

const Limits = Type.Unsafe<Record<string, number | string>>({
  type: 'object',
  properties: { tenant_id: { type: ['string', 'null'] } },
  additionalProperties: Limit,
});

/** Takes the limits out of a body. @throws ApiError 400 naming resources that do not exist */
async function limitsIn(kit: Kit, asked: Readonly<Record<string, number | string>>): Promise<Record<string, number>> {
  const known = await kit.quotas.defaults();
  const limits: Record<string, number> = {};
  const bad: string[] = [];
  for (const [name, value] of Object.entries(asked)) {
    if (name === 'tenant_id' || name === 'id' || name === 'force') continue;
    if (!(name in known)) bad.push(name);
    limits[name] = Number(value);
  }
  if (bad.length > 0) throw badRequest(`Bad key(s) in quota set: ${bad.join(',')}`);
  return limits;
}

export const quotaRoutes = [
  route({
    id: 'quota_sets.show',
    summary: "Show a project's limits, and with ?usage=true what it has used of them",
    method: 'GET',
    path: '/os-quota-sets/:id',
    policy: 'volume_extension:quotas:show',
    status: 200,
    params: IdParams,
    query: AnyQuery,
    handle: async (kit, { ctx, params: { id }, query }) => {
      allow(kit, ctx, 'volume_extension:quotas:show', id);
      const limits = await kit.quotas.limits(id);
      if (!queryFlag(query, 'usage')) return { quota_set: { ...limits, id } };
      const { inUse, reserved } = await kit.quotas.usage(id);
      const details = Object.entries(limits).map(([name, limit]) => [
        name,
        { limit, in_use: inUse[name] ?? 0, reserved: reserved[name] ?? 0 },
      ]);
      return { quota_set: { ...(Object.fromEntries(details) as object), id } };
    },
  }),
  route({
    id: 'quota_sets.defaults',
    summary: 'Show the limits of a project that has none of its own',
    method: 'GET',
    path: '/os-quota-sets/:id/defaults',
    policy: 'volume_extension:quotas:show',
    status: 200,
    params: IdParams,
    handle: async (kit, { ctx, params: { id } }) => {
      allow(kit, ctx, 'volume_extension:quotas:show', id);
      return { quota_set: { ...(await kit.quotas.defaults()), id } };
    },
  }),
  route({
    id: 'quota_sets.update',
    summary: "Change a project's limits",
    method: 'PUT',
    path: '/os-quota-sets/:id',
    policy: 'volume_extension:quotas:update',
    status: 200,
    params: IdParams,
    query: AnyQuery,
    body: Type.Object({ quota_set: Limits }),
    handle: async (kit, { params: { id }, body, query }) => {
      const limits = await limitsIn(kit, body.quota_set);
      if (query['skip_validation'] !== undefined && !queryFlag(query, 'skip_validation')) {
        const { inUse, reserved } = await kit.quotas.usage(id);
        const low = Object.keys(limits).filter((name) => {
          const limit = limits[name] ?? -1;
          return limit >= 0 && limit < (inUse[name] ?? 0) + (reserved[name] ?? 0);
        });
        if (low.length > 0)
          throw badRequest(`Updating limits of ${low.join(', ')} would be below what is used of them already.`);
      }
      await kit.db.transaction((trx) => rows.setProjectLimits(trx, id, limits));
      return { quota_set: { ...(await kit.quotas.limits(id)) } };
    },
  }),
  route({
    id: 'quota_sets.delete',
    summary: "Drop a project's own limits",
    method: 'DELETE',
    path: '/os-quota-sets/:id',
    policy: 'volume_extension:quotas:delete',
    status: 200,
    params: IdParams,
    handle: async (kit, { params: { id } }) => {
      await rows.deleteProjectLimits(kit.db.query, id);
      return undefined;
    },
  }),
  route({
    id: 'quota_classes.show',
    summary: 'Show the limits of a quota class',
    method: 'GET',
    path: '/os-quota-class-sets/:id',
    policy: 'volume_extension:quota_classes:get',
    status: 200,
    params: IdParams,
    handle: async (kit, { params: { id } }) => ({ quota_class_set: { id, ...(await kit.quotas.defaults(id)) } }),
  }),
  route({
    id: 'quota_classes.update',
    summary: 'Change the limits of a quota class; "default" is that of all projects',
    method: 'PUT',
    path: '/os-quota-class-sets/:id',
    policy: 'volume_extension:quota_classes:update',
    status: 200,
    params: IdParams,
    body: Type.Object({ quota_class_set: Limits }),
    handle: async (kit, { params: { id }, body }) => {
      const limits = await limitsIn(kit, body.quota_class_set);
      await kit.db.transaction((trx) => rows.setClassLimits(trx, id, limits));
      return { quota_class_set: { ...(await kit.quotas.defaults(id)) } };
    },
  }),
  route({
    id: 'limits.show',
    summary: "Show the project's limits and what it has used of them",
    method: 'GET',
    path: '/limits',
    policy: 'limits_extension:used_limits',
    status: 200,
    query: AnyQuery,
    handle: async (kit, { ctx, query, version }) => {
      const other = query['project_id'] ?? query['tenant_id'];
      const projectId =
        ctx.isAdmin && version.atLeast('3.39') && typeof other === 'string' ? other : (ctx.projectId ?? '');
      const limits = await kit.quotas.limits(projectId);
      const { inUse } = await kit.quotas.usage(projectId);
      return {
        limits: {
          rate: [],
          absolute: {
            maxTotalVolumes: limits['volumes'],
            maxTotalSnapshots: limits['snapshots'],
            maxTotalVolumeGigabytes: limits['gigabytes'],
            maxTotalBackups: limits['backups'],
            maxTotalBackupGigabytes: limits['backup_gigabytes'],
            totalVolumesUsed: inUse['volumes'] ?? 0,
            totalGigabytesUsed: inUse['gigabytes'] ?? 0,
            totalSnapshotsUsed: inUse['snapshots'] ?? 0,
            totalBackupsUsed: inUse['backups'] ?? 0,
            totalBackupGigabytesUsed: inUse['backup_gigabytes'] ?? 0,
          },
        },
      };
    },
  }),
];
