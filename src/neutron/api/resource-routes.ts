import { Type, type TSchema } from '@sinclair/typebox';
import { routesFor, type AnyRoute } from '#common/api/route.ts';
import type { Controller } from './controller.ts';
import { attributesOf, type Attribute, type Resource } from './resource.ts';

/** Documents a body without refusing any: the attribute table does that, in the words that clients know. */
export const documented = (schema: unknown): TSchema => Type.Unsafe({ anyOf: [schema, {}] });

const object = (properties: Readonly<Record<string, unknown>>, required: readonly string[] = []): object => ({
  type: 'object',
  properties,
  ...(required.length > 0 && { required }),
});

function schemaOf(resource: Resource<unknown>, when: (attribute: Attribute<unknown, unknown>) => boolean): object {
  const chosen = Object.entries(attributesOf(resource)).filter(([, attribute]) => when(attribute));
  return object(
    Object.fromEntries(chosen.map(([name, { kind }]) => [name, kind.schema])),
    chosen.filter(([, { required, post }]) => required && post).map(([name]) => name),
  );
}

/** Query parameters of every list; each attribute filters too. */
const listParameters = (resource: Resource<unknown>): TSchema =>
  Type.Unsafe({
    properties: {
      ...Object.fromEntries(
        Object.entries(attributesOf(resource))
          .filter(([, { listed }]) => listed)
          .map(([name]) => [name, { description: 'Only rows with this value; repeatable' }]),
      ),
      fields: { description: 'Attributes to answer; repeatable' },
      limit: { description: 'Rows of a page' },
      marker: { description: 'Id of the last row of the page before' },
      page_reverse: { description: 'The page that ends before the marker' },
      sort_key: { description: 'Attribute to sort by; repeatable' },
      sort_dir: { description: 'asc or desc, per sort_key' },
    },
  });

/** The precondition of openstackclient's --if-match: `If-Match: revision_number=7`. */
export function revisionOf(header: string | undefined): number | undefined {
  const match = /revision_number=(\d+)/.exec(header ?? '');
  return match ? Number(match[1]) : undefined;
}

export type Verb = 'list' | 'show' | 'create' | 'update' | 'delete';

/** The routes that all resources have alike. @param verbs those that this one has; all unless given */
export function resourceRoutes<S, A>(
  resource: Resource<A>,
  controller: (api: S) => Controller<A>,
  verbs: readonly Verb[] = ['list', 'show', 'create', 'update', 'delete'],
): readonly AnyRoute<S>[] {
  const route = routesFor<S>();
  const { singular, plural, path } = resource;
  const param = `${singular}_id`;
  const one = `${path}/:${param}`;
  const view = schemaOf(resource, () => true);
  const response = Type.Unsafe<unknown>(object({ [singular]: view }));
  const idOf = (params: unknown): string => (params as Record<string, string>)[param] as string;
  const all: Readonly<Record<Verb, () => AnyRoute<S>>> = {
    list: () =>
      route({
        id: `${plural}.list`,
        summary: `List ${plural.replaceAll('_', ' ')}`,
        method: 'GET',
        path,
        policy: resource.hidden ? `get_${plural}` : `get_${singular}`,
        status: 200,
        query: listParameters(resource),
        response: Type.Unsafe<unknown>(object({ [plural]: { type: 'array', items: view } })),
        handle: (api, call) =>
          resource.hidden && !call.ctx.isAdmin
            ? { [plural]: [] }
            : controller(api).list(call.ctx, call.query as Record<string, unknown>, call.host + call.url),
      }),
    show: () =>
      route({
        id: `${plural}.show`,
        summary: `Show a ${singular.replaceAll('_', ' ')}`,
        method: 'GET',
        path: one,
        policy: `get_${singular}`,
        status: 200,
        response,
        handle: (api, call) => controller(api).show(call.ctx, idOf(call.params), call.query as Record<string, unknown>),
      }),
    create: () =>
      route({
        id: `${plural}.create`,
        summary: `Create ${resource.bulk ? `one or several ${plural}` : `a ${singular}`}`.replaceAll('_', ' '),
        method: 'POST',
        path,
        policy: `create_${singular}`,
        status: 201,
        body: documented(object({ [singular]: schemaOf(resource, ({ post }) => post) }, [singular])),
        response,
        handle: (api, call) => controller(api).create(call.ctx, call.body),
      }),
    update: () =>
      route({
        id: `${plural}.update`,
        summary: `Update a ${singular.replaceAll('_', ' ')}`,
        method: 'PUT',
        path: one,
        policy: `update_${singular}`,
        status: 200,
        body: documented(
          object({ [singular]: schemaOf({ ...resource, attributes: withoutRequired(resource) }, ({ put }) => put) }, [
            singular,
          ]),
        ),
        response,
        handle: (api, call) =>
          controller(api).update(call.ctx, idOf(call.params), call.body, revisionOf(call.headers['if-match'])),
      }),
    delete: () =>
      route({
        id: `${plural}.delete`,
        summary: `Delete a ${singular.replaceAll('_', ' ')}`,
        method: 'DELETE',
        path: one,
        policy: `delete_${singular}`,
        status: 204,
        handle: async (api, call) => {
          await controller(api).remove(call.ctx, idOf(call.params), revisionOf(call.headers['if-match']));
          return undefined;
        },
      }),
  };
  return verbs.map((verb) => all[verb]());
}

const withoutRequired = (resource: Resource<unknown>): Readonly<Record<string, Attribute<unknown, unknown>>> =>
  Object.fromEntries(
    Object.entries(attributesOf(resource)).map(([name, attribute]) => [name, { ...attribute, required: false }]),
  );
