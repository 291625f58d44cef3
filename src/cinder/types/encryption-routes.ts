import { Type } from '@sinclair/typebox';
import { badRequest, notFound } from '#common/api/errors.ts';
import { routesFor } from '#common/api/route.ts';
import { IdParams, KeyParams, Text } from '../api/schemas.ts';
import type { TypeEncryption } from './rows.ts';
import type { TypeService } from './service.ts';

const route = routesFor<TypeService>();

const Location = Type.Unsafe<'front-end' | 'back-end'>({ type: 'string', enum: ['front-end', 'back-end'] });
const KeySize = Type.Unsafe<number | null>({ type: ['integer', 'null'], minimum: 0, maximum: 2_147_483_647 });
const Provider = Type.String({ minLength: 1, maxLength: 255 });

const created = (typeId: string, encryption: TypeEncryption) => ({
  volume_type_id: typeId,
  provider: encryption.provider,
  cipher: encryption.cipher,
  key_size: encryption.keySize,
  control_location: encryption.controlLocation,
  encryption_id: encryption.id,
});
const shown = (typeId: string, encryption: TypeEncryption) => ({
  ...created(typeId, encryption),
  created_at: encryption.createdAt,
  updated_at: encryption.updatedAt,
  deleted: false,
  deleted_at: null,
});
const missing = (id: string) => notFound(`Volume type encryption for type ${id} does not exist.`);

/** How volumes of a type are encrypted. */
export const typeEncryptionRoutes = [
  route({
    id: 'types.encryption.show',
    summary: "Show a volume type's encryption; {} without",
    method: 'GET',
    path: '/types/:id/encryption',
    policy: 'volume_extension:volume_type_encryption:get',
    status: 200,
    params: IdParams,
    handle: async (types, { ctx, params }) => {
      const { encryption } = await types.find(ctx, params.id);
      return encryption ? shown(params.id, encryption) : {};
    },
  }),
  route({
    id: 'types.encryption.item',
    summary: "Show one item of a volume type's encryption",
    method: 'GET',
    path: '/types/:id/encryption/:key',
    policy: 'volume_extension:volume_type_encryption:get',
    status: 200,
    params: KeyParams,
    handle: async (types, { ctx, params: { id, key } }) => {
      const { encryption } = await types.find(ctx, id);
      const all: Readonly<Record<string, unknown>> = encryption ? shown(id, encryption) : {};
      if (!Object.hasOwn(all, key)) throw missing(id);
      return { [key]: all[key] };
    },
  }),
  route({
    id: 'types.encryption.create',
    summary: "Set a volume type's encryption",
    method: 'POST',
    path: '/types/:id/encryption',
    policy: 'volume_extension:volume_type_encryption:create',
    status: 200,
    params: IdParams,
    body: Type.Object({
      encryption: Type.Object({
        provider: Provider,
        control_location: Type.Optional(Location),
        key_size: Type.Optional(KeySize),
        cipher: Type.Optional(Text),
      }),
    }),
    handle: async (types, { ctx, params: { id }, body: { encryption: asked } }) => {
      const { encryption: known } = await types.find(ctx, id);
      if (known) throw badRequest(`Volume type encryption for type ${id} already exists.`);
      const encryption: TypeEncryption = {
        id: types.kit.ids.uuid(),
        provider: asked.provider,
        controlLocation: asked.control_location ?? 'front-end',
        cipher: asked.cipher ?? null,
        keySize: asked.key_size ?? null,
        createdAt: types.kit.now(),
        updatedAt: null,
      };
      await types.setEncryption(ctx, id, encryption);
      return { encryption: created(id, encryption) };
    },
  }),
  route({
    id: 'types.encryption.update',
    summary: "Change a volume type's encryption",
    method: 'PUT',
    path: '/types/:id/encryption/:key',
    policy: 'volume_extension:volume_type_encryption:update',
    status: 200,
    params: KeyParams,
    body: Type.Object({
      encryption: Type.Object({
        provider: Type.Optional(Provider),
        control_location: Type.Optional(Location),
        key_size: Type.Optional(KeySize),
        cipher: Type.Optional(Text),
      }),
    }),
    handle: async (types, { ctx, params: { id, key }, body: { encryption: asked } }) => {
      const { encryption: known } = await types.find(ctx, id);
      if (!known || (known.id !== key && key !== 'provider')) throw missing(id);
      await types.setEncryption(ctx, id, {
        ...known,
        provider: asked.provider ?? known.provider,
        controlLocation: asked.control_location ?? known.controlLocation,
        cipher: asked.cipher === undefined ? known.cipher : asked.cipher,
        keySize: asked.key_size === undefined ? known.keySize : asked.key_size,
        updatedAt: types.kit.now(),
      });
      return { encryption: asked };
    },
  }),
  route({
    id: 'types.encryption.delete',
    summary: "Delete a volume type's encryption",
    method: 'DELETE',
    path: '/types/:id/encryption/:key',
    policy: 'volume_extension:volume_type_encryption:delete',
    status: 202,
    params: KeyParams,
    handle: async (types, { ctx, params: { id } }) => {
      const { encryption } = await types.find(ctx, id);
      if (!encryption) throw missing(id);
      await types.setEncryption(ctx, id, null);
      return undefined;
    },
  }),
];
