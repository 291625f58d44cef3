import { Type } from '@sinclair/typebox';
import { badRequest, notFound } from '#common/api/errors.ts';
import { routesFor, type Call } from '#common/api/route.ts';
import { actionRoute, actionsFor } from '../api/actions.ts';
import { nextPage } from '../api/links.ts';
import { one, parseDict, parsePage } from '../api/paging.ts';
import { placeOf } from '../api/place.ts';
import { AnyQuery, Flag, flagValue, IdParams, Specs, strict, Text } from '../api/schemas.ts';
import { typeAccess, type TypeFilter } from './rows.ts';
import type { TypeService } from './service.ts';
import { typeView, type TypeSight } from './view.ts';

const route = routesFor<TypeService>();
const action = actionsFor<TypeService>();
type AnyCall = Call<unknown, unknown, unknown>;

const sightOf = ({ kit: { enforcer } }: TypeService, { ctx, api }: AnyCall): TypeSight => ({
  api,
  isAdmin: ctx.isAdmin,
  seesSpecs: enforcer.allows('volume_extension:access_types_extra_specs', ctx),
  seesQos: enforcer.allows('volume_extension:access_types_qos_specs_id', ctx),
});

/** Administrators see public types unless they ask for private ones (`is_public=false`) or all (`None`). */
function filterOf(
  types: TypeService,
  { ctx, query, version }: Call<unknown, Record<string, string | string[]>, unknown>,
): TypeFilter {
  const said = one(query['is_public']);
  const specs = one(query['extra_specs']);
  const name = one(query['name']);
  const nameContains = version.atLeast('3.34') ? one(query['name~']) : undefined;
  const common = {
    ...(name !== undefined && { equal: { name } }),
    ...(nameContains !== undefined && { nameContains }),
    ...(specs !== undefined && version.atLeast('3.52') && { extraSpecs: parseDict('extra_specs', specs) }),
  };
  if (!ctx.isAdmin) return { ...common, visibleTo: ctx.projectId ?? '' };
  if (said === undefined || said === '') return { ...common, isPublic: true };
  if (/^none$/i.test(said)) return common;
  if (!/^(true|false|1|0|yes|no|on|off|t|f|y|n)$/i.test(said)) throw badRequest(`Invalid is_public filter [${said}]`);
  return { ...common, isPublic: flagValue(said) };
}

export const typeRoutes = [
  route({
    id: 'types.list',
    summary: 'List volume types',
    method: 'GET',
    path: '/types',
    policy: 'volume_extension:type_get_all',
    status: 200,
    query: AnyQuery,
    handle: async (types, call) => {
      const { kit } = types;
      const page = parsePage(
        call.query,
        {
          created_at: { column: 'created_at' },
          id: { column: 'id' },
          name: { column: 'name' },
          is_public: { column: 'is_public' },
          description: { column: 'description', nullable: true },
        },
        kit.conf.DEFAULT.osapi_max_limit,
      );
      const found = await types.list(filterOf(types, call), page);
      const sight = sightOf(types, call);
      const ids = found.map(({ id }) => id);
      return {
        volume_types: found.map((type) => typeView(type, sight)),
        ...(call.api === 'v1' ? {} : nextPage(placeOf(kit, call), 'volume_type', call.url, page.limit, ids)),
      };
    },
  }),
  route({
    id: 'types.create',
    summary: 'Make a volume type',
    method: 'POST',
    path: '/types',
    policy: 'volume_extension:type_create',
    status: 200,
    body: Type.Object({
      volume_type: Type.Object({
        name: Type.String({ minLength: 1, maxLength: 255, pattern: '\\S' }),
        description: Type.Optional(Text),
        extra_specs: Type.Optional(Type.Union([Specs, Type.Null()])),
        'os-volume-type-access:is_public': Type.Optional(Flag),
      }),
    }),
    handle: async (types, call) => {
      const asked = call.body.volume_type;
      const isPublic = asked['os-volume-type-access:is_public'];
      const made = await types.create({
        name: asked.name.trim(),
        description: asked.description ?? null,
        isPublic: isPublic === undefined || flagValue(isPublic),
        extraSpecs: textOnly(asked.extra_specs ?? {}),
      });
      return { volume_type: typeView(made, sightOf(types, call), 'created') };
    },
  }),
  route({
    id: 'types.default',
    summary: 'Show the type of volumes whose request names none',
    method: 'GET',
    path: '/types/default',
    policy: 'volume_extension:type_get',
    status: 200,
    handle: async (types, call) => ({
      volume_type: typeView(await types.default(call.ctx), sightOf(types, call), 'default'),
    }),
  }),
  route({
    id: 'types.show',
    summary: 'Show a volume type',
    method: 'GET',
    path: '/types/:id',
    policy: 'volume_extension:type_get',
    status: 200,
    params: IdParams,
    handle: async (types, call) => ({
      volume_type: typeView(await types.find(call.ctx, call.params.id), sightOf(types, call)),
    }),
  }),
  route({
    id: 'types.update',
    summary: "Change a volume type's name, description or visibility",
    method: 'PUT',
    path: '/types/:id',
    versions: { apis: ['v2', 'v3'] },
    policy: 'volume_extension:type_update',
    status: 200,
    params: IdParams,
    body: Type.Object({
      volume_type: Type.Object({
        name: Type.Optional(Text),
        description: Type.Optional(Text),
        is_public: Type.Optional(Flag),
      }),
    }),
    handle: async (types, call) => {
      const { name, description, is_public: isPublic } = call.body.volume_type;
      const changed = await types.update(call.ctx, call.params.id, {
        name: name ?? undefined,
        description,
        isPublic: isPublic === undefined ? undefined : flagValue(isPublic),
      });
      return { volume_type: typeView(changed, sightOf(types, call), 'updated') };
    },
  }),
  route({
    id: 'types.delete',
    summary: 'Delete a volume type that no volume has',
    method: 'DELETE',
    path: '/types/:id',
    policy: 'volume_extension:type_delete',
    status: 202,
    params: IdParams,
    handle: async (types, { ctx, params }) => {
      await types.delete(ctx, params.id);
      return undefined;
    },
  }),
  route({
    id: 'types.access',
    summary: 'List projects that may use a private type',
    method: 'GET',
    path: '/types/:id/os-volume-type-access',
    policy: 'volume_extension:volume_type_access:get_all_for_type',
    status: 200,
    params: IdParams,
    handle: async (types, { ctx, params }) => {
      const type = await types.find(ctx, params.id);
      if (type.isPublic) throw notFound('Access list not available for public volume types.');
      const projects = await typeAccess(types.kit.db.query, type.id);
      return {
        volume_type_access: projects.map((project) => ({ volume_type_id: type.id, project_id: project })),
      };
    },
  }),
  actionRoute<TypeService>({
    id: 'types.action',
    summary: 'Do something to a volume type',
    path: '/types/:id/action',
    kitOf: ({ kit }) => kit,
    actions: [
      ...(
        [
          ['addProjectAccess', true],
          ['removeProjectAccess', false],
        ] as const
      ).map(([name, allowed]) =>
        action({
          name,
          policy: `volume_extension:volume_type_access:${name}`,
          input: strict({ project: Type.String({ minLength: 1, maxLength: 255 }) }),
          run: async (types, { ctx, params }, { project }) => {
            await types.changeAccess(ctx, params.id, project, allowed);
            return undefined;
          },
        }),
      ),
    ],
  }),
];

const textOnly = (specs: Readonly<Record<string, string | null>>): Record<string, string> =>
  Object.fromEntries(Object.entries(specs).flatMap(([name, value]) => (value === null ? [] : [[name, value]])));
