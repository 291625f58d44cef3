import { createHash } from 'node:crypto';
import { ApiError, badRequest, notFound } from '#common/api/errors.ts';
import { routesFor, type AnyRoute, type Call } from '#common/api/route.ts';
import type { RequestContext } from '#common/auth/context.ts';
import { IdParams, KeyParams, Metadata, strict } from './schemas.ts';

type Map = Readonly<Record<string, string>>;

/** A resource that carries metadata. */
export interface MetadataOwner {
  metadata(ctx: RequestContext, id: string): Promise<Map>;
  /** In a transaction, so that two changes at once lose nothing. @returns the new metadata */
  changeMetadata(ctx: RequestContext, id: string, change: (known: Map) => Map): Promise<Map>;
}

const hash = (metadata: Map): string => createHash('md5').update(JSON.stringify({ metadata })).digest('hex');

/** From 3.15 on, who sends what it has read (If-Match) changes nothing else. @throws ApiError 412 */
function checkMatch({ version, headers }: Call<unknown, unknown, unknown>, known: Map): void {
  const expected = headers['if-match']?.replaceAll('"', '');
  if (version.atLeast('3.15') && expected !== undefined && expected !== hash(known))
    throw new ApiError(412, 'Precondition failed: the metadata has been changed meanwhile. Read it again.');
}

const missing = (key: string): ApiError => notFound(`Metadata item ${key} was not found.`);

/** The six routes of `/<path>/{id}/metadata`. @param policy the rules' names for reading, changing and deleting */
export function metadataRoutes<S extends MetadataOwner>(
  path: string,
  resource: string,
  policy: { readonly get: string; readonly create: string; readonly update: string; readonly delete: string },
): AnyRoute<S>[] {
  const route = routesFor<S>();
  const all = `${path}/:id/metadata`;
  const item = `${all}/:key`;
  const tagged = (call: Call<unknown, unknown, unknown>, metadata: Map) => {
    if (call.version.atLeast('3.15')) call.reply.header('etag', `"${hash(metadata)}"`);
    return { metadata };
  };
  return [
    route({
      id: `${resource}_metadata.list`,
      summary: `Show a ${resource}'s metadata`,
      method: 'GET',
      path: all,
      policy: policy.get,
      status: 200,
      params: IdParams,
      handle: async (owner, call) => tagged(call, await owner.metadata(call.ctx, call.params.id)),
    }),
    route({
      id: `${resource}_metadata.create`,
      summary: `Add to a ${resource}'s metadata`,
      method: 'POST',
      path: all,
      policy: policy.create,
      status: 200,
      params: IdParams,
      body: strict({ metadata: Metadata }),
      handle: async (owner, { ctx, params, body }) => ({
        metadata: await owner.changeMetadata(ctx, params.id, (known) => ({ ...known, ...body.metadata })),
      }),
    }),
    route({
      id: `${resource}_metadata.replace`,
      summary: `Replace a ${resource}'s metadata`,
      method: 'PUT',
      path: all,
      policy: policy.update,
      status: 200,
      params: IdParams,
      body: strict({ metadata: Metadata }),
      handle: async (owner, call) =>
        tagged(
          call,
          await owner.changeMetadata(call.ctx, call.params.id, (known) => {
            checkMatch(call, known);
            return call.body.metadata;
          }),
        ),
    }),
    route({
      id: `${resource}_metadata.show`,
      summary: `Show one item of a ${resource}'s metadata`,
      method: 'GET',
      path: item,
      policy: policy.get,
      status: 200,
      params: KeyParams,
      handle: async (owner, { ctx, params: { id, key } }) => {
        const metadata = await owner.metadata(ctx, id);
        if (!Object.hasOwn(metadata, key)) throw missing(key);
        return { meta: { [key]: metadata[key] } };
      },
    }),
    route({
      id: `${resource}_metadata.update`,
      summary: `Change one item of a ${resource}'s metadata`,
      method: 'PUT',
      path: item,
      policy: policy.update,
      status: 200,
      params: KeyParams,
      body: strict({ meta: Metadata }),
      handle: async (owner, call) => {
        const { key, id } = call.params;
        const { meta } = call.body;
        if (!Object.hasOwn(meta, key)) throw badRequest('Request body and URI mismatch.');
        if (Object.keys(meta).length > 1) throw badRequest('Request body contains too many items.');
        await owner.changeMetadata(call.ctx, id, (known) => {
          checkMatch(call, known);
          return { ...known, ...meta };
        });
        return { meta };
      },
    }),
    route({
      id: `${resource}_metadata.delete`,
      summary: `Delete one item of a ${resource}'s metadata`,
      method: 'DELETE',
      path: item,
      policy: policy.delete,
      status: 200,
      params: KeyParams,
      handle: async (owner, { ctx, params: { id, key } }) => {
        await owner.changeMetadata(ctx, id, ({ [key]: gone, ...rest }) => {
          if (gone === undefined) throw missing(key);
          return rest;
        });
        return undefined;
      },
    }),
  ];
}
