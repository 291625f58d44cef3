import type { RequestContext } from '#common/auth/context.ts';
import { v2Time } from '../images/view-v2.ts';
import type { Association, Definition, Namespace, NamespaceSettings } from './namespace.ts';
import type { NamespaceContents, NewAssociation, NewDefinition } from './service.ts';

type Json = Record<string, unknown>;

/** Where a namespace is. */
export const namespaceUrl = (name: string): string => `/v2/metadefs/namespaces/${name}`;

const timesOf = (one: { readonly createdAt: string; readonly updatedAt: string }) => ({
  created_at: v2Time(one.createdAt),
  updated_at: v2Time(one.updatedAt),
});

const links = (namespace: string) => ({
  self: namespaceUrl(namespace),
  schema: '/v2/schemas/metadefs/namespace',
});

/** The namespace itself, without what is in it. */
export const namespaceView = (one: Namespace): Json => ({
  namespace: one.name,
  ...(one.displayName !== null && { display_name: one.displayName }),
  ...(one.description !== null && { description: one.description }),
  visibility: one.visibility,
  protected: one.protected,
  owner: one.owner,
  ...timesOf(one),
  ...links(one.name),
});

export const associationView = (one: Association): Json => ({
  name: one.name,
  ...(one.prefix !== null && { prefix: one.prefix }),
  ...(one.propertiesTarget !== null && { properties_target: one.propertiesTarget }),
  ...timesOf(one),
});

export const objectView = (namespace: string, one: Definition): Json => ({
  name: one.name,
  required: [],
  properties: {},
  ...one.body,
  ...timesOf(one),
  self: `${namespaceUrl(namespace)}/objects/${one.name}`,
  schema: '/v2/schemas/metadefs/object',
});

export const tagView = (one: Definition): Json => ({ name: one.name, ...timesOf(one) });

const prefixed = (properties: Json, prefix: string): Json =>
  Object.fromEntries(Object.entries(properties).map(([name, value]) => [prefix + name, value]));

/**
 * A namespace with all in it.
 * @param prefix stands before the names of properties
 */
export function contentsView(
  contents: {
    readonly namespace: Namespace;
    readonly objects: readonly Definition[];
    readonly properties: readonly Definition[];
    readonly tags: readonly Definition[];
    readonly associations: readonly Association[];
  },
  prefix: string,
): Json {
  const { namespace, objects, properties, tags, associations } = contents;
  return {
    ...namespaceView(namespace),
    ...(properties.length > 0 && {
      properties: prefixed(Object.fromEntries(properties.map(({ name, body }) => [name, body])), prefix),
    }),
    ...(objects.length > 0 && {
      objects: objects.map((one) => {
        const view = objectView(namespace.name, one);
        return {
          ...view,
          required: (view['required'] as string[]).map((name) => prefix + name),
          properties: prefixed(view['properties'] as Json, prefix),
        };
      }),
    }),
    ...(tags.length > 0 && { tags: tags.map(({ name }) => ({ name })) }),
    ...(associations.length > 0 && { resource_type_associations: associations.map(associationView) }),
  };
}

const strings = (body: Json, name: string): string | null => (body[name] as string | null | undefined) ?? null;

/** A validated body as settings: what is not given is as in a new namespace of the caller. */
export const settingsOfNamespace = (body: Json, ctx: Pick<RequestContext, 'projectId'>): NamespaceSettings => ({
  name: body['namespace'] as string,
  displayName: strings(body, 'display_name'),
  description: strings(body, 'description'),
  visibility: (body['visibility'] as 'public' | 'private' | undefined) ?? 'private',
  protected: body['protected'] === true,
  owner: strings(body, 'owner') ?? ctx.projectId ?? '',
});

const serverNames = ['name', 'self', 'schema', 'created_at', 'updated_at'];

/** A validated body as a definition. */
export const definitionOfBody = (body: Json): NewDefinition => ({
  name: body['name'] as string,
  body: Object.fromEntries(Object.entries(body).filter(([name]) => !serverNames.includes(name))),
});

export const associationOfBody = (body: Json): NewAssociation => ({
  name: body['name'] as string,
  prefix: strings(body, 'prefix'),
  propertiesTarget: strings(body, 'properties_target'),
});

/** What a validated body brings along. */
export const contentsOfBody = (body: Json): NamespaceContents => {
  const list = (name: string): Json[] => (body[name] as Json[] | undefined) ?? [];
  return {
    objects: list('objects').map(definitionOfBody),
    properties: Object.entries((body['properties'] as Record<string, Json> | undefined) ?? {}).map(
      ([name, attributes]) => ({ name, body: attributes }),
    ),
    tags: list('tags').map((one) => ({ name: one['name'] as string, body: {} })),
    associations: list('resource_type_associations').map(associationOfBody),
  };
};
