import { conflict, forbidden, notFound, badRequest } from '#common/api/errors.ts';
import type { RequestContext } from '#common/auth/context.ts';
import { isoMicros, type Clock } from '#common/clock.ts';
import type { Database, Queryable } from '#common/db/database.ts';
import { isDuplicateKey } from '#common/db/errors.ts';
import type { GlanceTables } from '../tables.ts';
import type {
  Association,
  Definition,
  DefinitionKind,
  Namespace,
  NamespaceQuery,
  NamespaceSettings,
} from './namespace.ts';
import * as rows from './rows.ts';

/** What a definition is when it comes. */
export type NewDefinition = Pick<Definition, 'name' | 'body'>;
export type NewAssociation = Pick<Association, 'name' | 'prefix' | 'propertiesTarget'>;

/** A namespace with all in it. */
export interface NamespaceContents {
  readonly objects: readonly NewDefinition[];
  readonly properties: readonly NewDefinition[];
  readonly tags: readonly NewDefinition[];
  readonly associations: readonly NewAssociation[];
}

export interface MetadefServiceDeps {
  readonly db: Database<GlanceTables>;
  readonly clock: Clock;
}

export type MetadefService = ReturnType<typeof createMetadefService>;

const contentKinds = [
  ['object', 'objects'],
  ['property', 'properties'],
  ['tag', 'tags'],
] as const;

/** The rules of the catalogue of metadata definitions. Who may write at all is the policies' matter. */
export function createMetadefService({ db, clock }: MetadefServiceDeps) {
  const now = (): string => isoMicros(clock.now());

  const visible = async (ctx: RequestContext, name: string): Promise<Namespace> => {
    const found = await rows.findNamespace(db.query, name);
    if (!found || !(ctx.isAdmin || found.visibility === 'public' || found.owner === ctx.projectId))
      throw notFound(`Metadata definition namespace=${name} was not found.`);
    return found;
  };

  /** The namespace, to be changed by the caller. */
  const changeable = async (ctx: RequestContext, name: string): Promise<Namespace> => {
    const found = await visible(ctx, name);
    if (!ctx.isAdmin && found.owner !== ctx.projectId)
      throw forbidden('You are not authorized to complete this action.');
    return found;
  };

  const definition = async (namespace: Namespace, kind: DefinitionKind, name: string): Promise<Definition> => {
    const found = await rows.findDefinition(db.query, namespace.id, kind, name);
    if (!found)
      throw notFound(`The metadata definition ${kind} with name=${name} was not found in namespace=${namespace.name}.`);
    return found;
  };

  const fill = async (trx: Queryable<GlanceTables>, id: number, contents: NamespaceContents): Promise<void> => {
    for (const [kind, list] of contentKinds)
      for (const one of contents[list]) await rows.insertDefinition(trx, id, kind, one, now());
    for (const one of contents.associations) await rows.insertAssociation(trx, id, one, now());
  };

  return {
    visible,

    /** One page with the associations of each. @throws ApiError 404 for a marker that the caller cannot see */
    async list(query: NamespaceQuery) {
      const page = await rows.listNamespaces(db.query, query);
      if (!page) throw notFound(`Metadata definition namespace=${query.marker} was not found.`);
      const associations = await rows.listAssociations(
        db.query,
        page.map(({ id }) => id),
      );
      return page.map((namespace) => ({ namespace, associations: associations.get(namespace.id) ?? [] }));
    },

    /** A namespace and all in it. @throws ApiError 404 */
    async contents(ctx: RequestContext, name: string) {
      const namespace = await visible(ctx, name);
      const of = async (kind: DefinitionKind) => (await rows.listDefinitions(db.query, namespace.id, kind)) ?? [];
      return {
        namespace,
        objects: await of('object'),
        properties: await of('property'),
        tags: await of('tag'),
        associations: (await rows.listAssociations(db.query, [namespace.id])).get(namespace.id) ?? [],
      };
    },

    /** Makes a namespace with what is in it, all or nothing. @throws ApiError 403, 409 for a name that there is */
    async create(ctx: RequestContext, settings: NamespaceSettings, contents: NamespaceContents): Promise<void> {
      if (!ctx.isAdmin && settings.owner !== ctx.projectId)
        throw forbidden(`You are not permitted to create namespace owned by '${settings.owner}'`);
      for (const [kind, list] of contentKinds) {
        const names = contents[list].map(({ name }) => name);
        const twice = names.find((name, index) => names.indexOf(name) !== index);
        if (twice !== undefined) throw conflict(duplicate(kind, twice, settings.name));
      }
      await db
        .transaction(async (trx) => fill(trx, await rows.insertNamespace(trx, settings, now()), contents))
        .catch((cause: unknown) => {
          if (!isDuplicateKey(cause)) throw cause;
          throw conflict(`The metadata definition namespace=${settings.name} already exists.`, { cause });
        });
    },

    /** @throws ApiError 403, 404, 409 for a new name that there is */
    async update(ctx: RequestContext, name: string, settings: NamespaceSettings): Promise<void> {
      const before = await changeable(ctx, name);
      if (!ctx.isAdmin && settings.owner !== before.owner)
        throw forbidden("You are not permitted to modify 'owner' on this namespace.");
      await rows.updateNamespace(db.query, before.id, settings, now()).catch((cause: unknown) => {
        if (!isDuplicateKey(cause)) throw cause;
        throw conflict(`The metadata definition namespace=${settings.name} already exists.`, { cause });
      });
    },

    /** Deletes a namespace and all in it. @throws ApiError 403 protected, 404 */
    async remove(ctx: RequestContext, name: string): Promise<void> {
      const namespace = await changeable(ctx, name);
      if (namespace.protected)
        throw forbidden(`Metadata definition namespace ${name} is protected and cannot be deleted.`);
      await db.transaction((trx) => rows.deleteNamespace(trx, namespace.id));
    },

    /** @throws ApiError 404 for the namespace or the marker */
    async definitions(
      ctx: RequestContext,
      name: string,
      kind: DefinitionKind,
      page: rows.DefinitionPage = {},
    ): Promise<readonly Definition[]> {
      const namespace = await visible(ctx, name);
      const found = await rows.listDefinitions(db.query, namespace.id, kind, page);
      if (!found)
        throw notFound(`The metadata definition ${kind} with name=${page.marker} was not found in namespace=${name}.`);
      return found;
    },

    /** @throws ApiError 404 */
    async definition(ctx: RequestContext, name: string, kind: DefinitionKind, which: string): Promise<Definition> {
      return definition(await visible(ctx, name), kind, which);
    },

    /** @throws ApiError 404, 409 for a name that there is */
    async define(ctx: RequestContext, name: string, kind: DefinitionKind, one: NewDefinition): Promise<Definition> {
      const namespace = await changeable(ctx, name);
      await rows.insertDefinition(db.query, namespace.id, kind, one, now()).catch((cause: unknown) => {
        throw isDuplicateKey(cause) ? conflict(duplicate(kind, one.name, name), { cause }) : cause;
      });
      return definition(namespace, kind, one.name);
    },

    /** @throws ApiError 404, 409 for a new name that there is */
    async redefine(
      ctx: RequestContext,
      name: string,
      kind: DefinitionKind,
      which: string,
      one: NewDefinition,
    ): Promise<Definition> {
      const namespace = await changeable(ctx, name);
      await definition(namespace, kind, which);
      await rows.updateDefinition(db.query, namespace.id, kind, which, one, now()).catch((cause: unknown) => {
        throw isDuplicateKey(cause) ? conflict(duplicate(kind, one.name, name), { cause }) : cause;
      });
      return definition(namespace, kind, one.name);
    },

    /** Replaces all tags, or adds to them. @throws ApiError 404, 409 for a name given twice or, when adding, there */
    async setTags(ctx: RequestContext, name: string, tags: readonly string[], append: boolean): Promise<void> {
      const namespace = await changeable(ctx, name);
      const twice = tags.find((tag, index) => tags.indexOf(tag) !== index);
      if (twice !== undefined) throw conflict(duplicate('tag', twice, name));
      await db
        .transaction(async (trx) => {
          if (!append) await rows.deleteDefinitions(trx, namespace.id, 'tag');
          for (const tag of tags) await rows.insertDefinition(trx, namespace.id, 'tag', { name: tag, body: {} }, now());
        })
        .catch((cause: unknown) => {
          throw isDuplicateKey(cause) ? conflict(duplicate('tag', tags.join(', '), name), { cause }) : cause;
        });
    },

    /** One of a kind, or without `which` all of it. @throws ApiError 403 in a protected namespace, 404 */
    async undefine(ctx: RequestContext, name: string, kind: DefinitionKind, which?: string): Promise<void> {
      const namespace = await changeable(ctx, name);
      if (which !== undefined) await definition(namespace, kind, which);
      if (namespace.protected)
        throw forbidden(
          which === undefined
            ? `Metadata definition namespace ${name} is protected and cannot be deleted.`
            : `Metadata definition ${kind} ${which} is protected and cannot be deleted.`,
        );
      await rows.deleteDefinitions(db.query, namespace.id, kind, which);
    },

    resourceTypes: () => rows.listResourceTypes(db.query),

    /** @throws ApiError 404 */
    async associations(ctx: RequestContext, name: string): Promise<readonly Association[]> {
      const { id } = await visible(ctx, name);
      return (await rows.listAssociations(db.query, [id])).get(id) ?? [];
    },

    /** A type that is not known yet becomes known. @throws ApiError 404, 409 */
    async associate(ctx: RequestContext, name: string, one: NewAssociation): Promise<Association> {
      const namespace = await changeable(ctx, name);
      await db
        .transaction((trx) => rows.insertAssociation(trx, namespace.id, one, now()))
        .catch((cause: unknown) => {
          if (!isDuplicateKey(cause)) throw cause;
          throw conflict(
            `The metadata definition resource-type association of resource-type=${one.name} to namespace=${name} already exists.`,
            { cause },
          );
        });
      const all = (await rows.listAssociations(db.query, [namespace.id])).get(namespace.id) ?? [];
      return all.find((each) => each.name === one.name) as Association;
    },

    /** @throws ApiError 403 in a protected namespace, 404 */
    async dissociate(ctx: RequestContext, name: string, resourceType: string): Promise<void> {
      const namespace = await changeable(ctx, name);
      if (namespace.protected)
        throw forbidden(
          `Metadata definition resource-type-association ${resourceType} is protected and cannot be deleted.`,
        );
      if (!(await rows.deleteAssociation(db.query, namespace.id, resourceType)))
        throw notFound(
          `The metadata definition resource-type association of resource-type=${resourceType} to namespace=${name}, was not found.`,
        );
    },

    /**
     * The property's own name: without the prefix that it has on resources of a type.
     * @throws ApiError 404 when the namespace does not describe that type, 400 when the name lacks the prefix
     */
    async ownName(ctx: RequestContext, name: string, property: string, resourceType: string): Promise<string> {
      const association = (await this.associations(ctx, name)).find((one) => one.name === resourceType);
      if (!association)
        throw notFound(
          `The metadata definition resource-type association of resource-type=${resourceType} to namespace=${name}, was not found.`,
        );
      const { prefix } = association;
      if (prefix === null) return property;
      if (!property.startsWith(prefix))
        throw badRequest(
          `Property ${property} does not start with the expected resource type association prefix of '${prefix}'.`,
        );
      return property.slice(prefix.length);
    },
  };
}

const duplicate = (kind: DefinitionKind, name: string, namespace: string): string =>
  kind === 'tag'
    ? `A metadata tag with name=${name} already exists in namespace=${namespace}. (Please note that metadata tag names are case insensitive).`
    : `A metadata definition ${kind} with name=${name} already exists in namespace=${namespace}.`;
