import { Type } from '@sinclair/typebox';
import { badRequest } from '#common/api/errors.ts';
import { routesFor } from '#common/api/route.ts';
import type { ApiVersion } from '#common/api/version.ts';
import type { RequestContext } from '#common/auth/context.ts';
import type { Enforcer } from '#common/auth/policy.ts';
import { nextPage, type Place } from '../api/links.ts';
import { AnyQuery, Count, Flag, flagValue, IdParams, Name, nullable, strict, wrapped } from '../api/schemas.ts';
import { flagOf, limitOf, type ListQuery } from '../servers/filters.ts';
import { checkExtraSpec } from './extra-spec-check.ts';
import { flavorSortKeys, type FlavorListQuery, type FlavorService } from './service.ts';
import { briefFlavor, showFlavor } from './view.ts';

/** @param enforcer for rules that decide what an answer shows */
export function flavorRoutes(enforcer: Enforcer) {
  const route = routesFor<FlavorService>();
  const specsFor = (ctx: RequestContext): boolean => enforcer.allows('os_compute_api:os-flavor-extra-specs:index', ctx);
  const KeyParams = Type.Object({ id: Type.String(), key: Type.String() });
  const ExtraSpecs = Type.Record(
    Type.String({ pattern: '^[a-zA-Z0-9-_:. ]{1,255}$' }),
    Type.Union([Type.String({ maxLength: 255 }), Type.Number()]),
    { additionalProperties: false },
  );
  const texts = (specs: Record<string, string | number>): Record<string, string> =>
    Object.fromEntries(Object.entries(specs).map(([key, value]) => [key, String(value)]));
  const page = async <T>(
    flavors: FlavorService,
    ctx: RequestContext,
    call: Place & { readonly query: ListQuery; readonly url: string },
    path: string,
    show: (flavor: Awaited<ReturnType<FlavorService['show']>>) => T,
  ) => {
    const query = listQuery(call.query, flavors.maxLimit);
    const list = await flavors.list(ctx, query);
    const links = nextPage(
      call,
      path,
      call.url,
      query.limit,
      list.map((one) => one.id),
    );
    return withFloats({ flavors: list.map(show), ...(links.length > 0 && { flavors_links: links }) });
  };
  const AccessBody = Type.Union([
    wrapped('addTenantAccess', strict({ tenant: Type.String({ minLength: 1, maxLength: 255 }) })),
    wrapped('removeTenantAccess', strict({ tenant: Type.String({ minLength: 1, maxLength: 255 }) })),
  ]);

  const newFlavor = {
    name: Name,
    id: Type.Optional(
      nullable(
        Type.Union([
          Type.Integer({ minimum: 0 }),
          Type.String({ maxLength: 255, pattern: '^(?! )[a-zA-Z0-9. _-]*(?<! )$' }),
        ]),
      ),
    ),
    ram: Count(1),
    vcpus: Count(1),
    disk: Count(0),
    'OS-FLV-EXT-DATA:ephemeral': Type.Optional(Count(0)),
    swap: Type.Optional(Count(0)),
    rxtx_factor: Type.Optional(
      Type.Union([Type.Number({ exclusiveMinimum: 0 }), Type.String({ pattern: '^[0-9]+(\\.[0-9]+)?$' })]),
    ),
    'os-flavor-access:is_public': Type.Optional(Flag),
  };
  const Description = nullable(Type.String({ maxLength: 65_535 }));
  const create = (min: '2.1' | '2.55') =>
    route({
      id: min === '2.1' ? 'flavors.create' : 'flavors.create_2_55',
      summary: 'Make a flavor',
      method: 'POST',
      path: '/flavors',
      versions: min === '2.1' ? { max: '2.54' } : { min },
      policy: 'os_compute_api:os-flavor-manage:create',
      status: 200,
      body: wrapped('flavor', min === '2.1' ? (strict(newFlavor) as unknown as typeof Described) : Described),
      handle: async (flavors, { ctx, body, version, host, prefix }) => {
        const { flavor } = body;
        const rxtxFactor = Number(flavor.rxtx_factor ?? 1);
        if (!(rxtxFactor > 0)) throw badRequest('Invalid input for field/attribute rxtx_factor.');
        const id = flavor.id === undefined || flavor.id === null || flavor.id === 'auto' ? null : String(flavor.id);
        const made = await flavors.create({
          id: id === '' ? null : id,
          name: flavor.name,
          memoryMb: Number(flavor.ram),
          vcpus: Number(flavor.vcpus),
          rootGb: Number(flavor.disk),
          ephemeralGb: Number(flavor['OS-FLV-EXT-DATA:ephemeral'] ?? 0),
          swapMb: Number(flavor.swap ?? 0),
          rxtxFactor,
          isPublic: flagValue(flavor['os-flavor-access:is_public'] ?? true),
          description: flavor.description ?? null,
        });
        return withFloats({ flavor: showFlavor({ host, prefix }, made, version, specsFor(ctx)) });
      },
    });
  const Described = strict({ ...newFlavor, description: Type.Optional(Description) });

  return [
    route({
      id: 'flavors.list',
      summary: 'List flavors',
      method: 'GET',
      path: '/flavors',
      policy: 'os_compute_api:flavors:index',
      status: 200,
      query: AnyQuery,
      handle: (flavors, call) =>
        page(flavors, call.ctx, call, 'flavors', (one) => briefFlavor(call, one, call.version)),
    }),
    route({
      id: 'flavors.detail',
      summary: 'List flavors in full',
      method: 'GET',
      path: '/flavors/detail',
      policy: 'os_compute_api:flavors:index',
      status: 200,
      query: AnyQuery,
      handle: (flavors, call) => {
        const specs = specsFor(call.ctx);
        return page(flavors, call.ctx, call, 'flavors/detail', (one) => showFlavor(call, one, call.version, specs));
      },
    }),
    route({
      id: 'flavors.show',
      summary: 'Show a flavor',
      method: 'GET',
      path: '/flavors/:id',
      policy: 'os_compute_api:flavors:show',
      status: 200,
      params: IdParams,
      handle: async (flavors, call) =>
        withFloats({
          flavor: showFlavor(call, await flavors.show(call.ctx, call.params.id), call.version, specsFor(call.ctx)),
        }),
    }),
    create('2.1'),
    create('2.55'),
    route({
      id: 'flavors.update',
      summary: "Change a flavor's description",
      method: 'PUT',
      path: '/flavors/:id',
      versions: { min: '2.55', apis: ['v2.1'] },
      policy: 'os_compute_api:os-flavor-manage:update',
      status: 200,
      params: IdParams,
      body: wrapped('flavor', strict({ description: Description })),
      handle: async (flavors, call) =>
        withFloats({
          flavor: showFlavor(
            call,
            await flavors.describe(call.params.id, call.body.flavor.description),
            call.version,
            specsFor(call.ctx),
          ),
        }),
    }),
    route({
      id: 'flavors.delete',
      summary: 'Delete a flavor',
      method: 'DELETE',
      path: '/flavors/:id',
      policy: 'os_compute_api:os-flavor-manage:delete',
      status: 202,
      params: IdParams,
      handle: async (flavors, { params }) => {
        await flavors.delete(params.id);
        return undefined;
      },
    }),

    route({
      id: 'flavors.extra_specs',
      summary: "List a flavor's extra specs",
      method: 'GET',
      path: '/flavors/:id/os-extra_specs',
      policy: 'os_compute_api:os-flavor-extra-specs:index',
      status: 200,
      params: IdParams,
      handle: async (flavors, { ctx, params }) => ({ extra_specs: (await flavors.show(ctx, params.id)).extraSpecs }),
    }),
    route({
      id: 'flavors.extra_specs.create',
      summary: 'Set extra specs',
      method: 'POST',
      path: '/flavors/:id/os-extra_specs',
      policy: 'os_compute_api:os-flavor-extra-specs:create',
      status: 200,
      params: IdParams,
      body: wrapped('extra_specs', ExtraSpecs),
      handle: async (flavors, { params, body, version }) => {
        const specs = checked(texts(body.extra_specs), version);
        await flavors.setExtraSpecs(params.id, specs);
        return { extra_specs: texts(body.extra_specs) };
      },
    }),
    route({
      id: 'flavors.extra_specs.show',
      summary: 'Show one extra spec',
      method: 'GET',
      path: '/flavors/:id/os-extra_specs/:key',
      policy: 'os_compute_api:os-flavor-extra-specs:show',
      status: 200,
      params: KeyParams,
      handle: async (flavors, { ctx, params }) => ({
        [params.key]: await flavors.extraSpec(ctx, params.id, params.key),
      }),
    }),
    route({
      id: 'flavors.extra_specs.update',
      summary: 'Change one extra spec',
      method: 'PUT',
      path: '/flavors/:id/os-extra_specs/:key',
      policy: 'os_compute_api:os-flavor-extra-specs:update',
      status: 200,
      params: KeyParams,
      body: ExtraSpecs,
      handle: async (flavors, { params, body, version }) => {
        if (!(params.key in body) || Object.keys(body).length !== 1) throw badRequest('Request body and URI mismatch');
        await flavors.setExtraSpecs(params.id, checked(texts(body), version));
        return texts(body);
      },
    }),
    route({
      id: 'flavors.extra_specs.delete',
      summary: 'Remove one extra spec',
      method: 'DELETE',
      path: '/flavors/:id/os-extra_specs/:key',
      policy: 'os_compute_api:os-flavor-extra-specs:delete',
      status: 200,
      params: KeyParams,
      handle: async (flavors, { ctx, params }) => {
        await flavors.deleteExtraSpec(ctx, params.id, params.key);
        return undefined;
      },
    }),

    route({
      id: 'flavors.access',
      summary: 'List the projects that may use a private flavor',
      method: 'GET',
      path: '/flavors/:id/os-flavor-access',
      policy: 'os_compute_api:os-flavor-access:list',
      status: 200,
      params: IdParams,
      handle: async (flavors, { params }) => accessList(params.id, await flavors.access(params.id)),
    }),
    route({
      id: 'flavors.action',
      summary: "Give or take a project's access to a private flavor",
      method: 'POST',
      path: '/flavors/:id/action',
      policy: 'os_compute_api:os-flavor-access:add_tenant_access',
      status: 200,
      params: IdParams,
      body: AccessBody,
      handle: async (flavors, { ctx, api, params: { id }, body }) => {
        const adds = 'addTenantAccess' in body;
        const { tenant } = adds ? body.addTenantAccess : body.removeTenantAccess;
        await flavors.checkProject(ctx, tenant, api);
        return accessList(id, await (adds ? flavors.addAccess(id, tenant) : flavors.removeAccess(id, tenant)));
      },
    }),
  ];
}

/** From 2.86 on specs that Nova knows must make sense. @throws ApiError 400 */
function checked(specs: Record<string, string>, version: ApiVersion): Record<string, string> {
  if (version.atLeast('2.86')) for (const [name, value] of Object.entries(specs)) checkExtraSpec(name, value);
  return specs;
}

/** Clients print `rxtx_factor` as they get it: 1.0, which JavaScript writes as 1. */
const withFloats = (body: unknown): string =>
  JSON.stringify(body).replace(/"rxtx_factor":(\d+)(?=[,}])/g, '"rxtx_factor":$1.0');

const accessList = (id: string, projects: readonly string[]) => ({
  flavor_access: projects.map((project) => ({ flavor_id: id, tenant_id: project })),
});

/** @throws ApiError 400 */
function listQuery(query: ListQuery, maxLimit: number): FlavorListQuery {
  const one = (name: string): string | undefined => [query[name]].flat().at(-1);
  const number = (name: string, label: string): number => {
    const text = one(name);
    if (text === undefined || text === '') return 0;
    if (!/^\d+$/.test(text)) throw badRequest(`Invalid ${label} filter [${text}]`);
    return Number(text);
  };
  const sortKey = one('sort_key') ?? 'flavorid';
  if (!flavorSortKeys.includes(sortKey))
    throw badRequest(
      `Invalid input for query parameters sort_key. Value: ${sortKey}. '${sortKey}' is not a valid sort key.`,
    );
  const isPublic = one('is_public');
  return {
    isPublic: isPublic === undefined ? true : /^none$/i.test(isPublic) ? null : flagOf('is_public', isPublic),
    minDisk: number('minDisk', 'minDisk'),
    minRam: number('minRam', 'minRam'),
    sortKey,
    sortDir: one('sort_dir') === 'desc' ? 'desc' : 'asc',
    marker: one('marker') || undefined,
    limit: limitOf(query['limit'], maxLimit),
  };
}
