import { Type } from '@sinclair/typebox';
import { badRequest, forbidden } from '#common/api/errors.ts';
import { routesFor } from '#common/api/route.ts';
import type { ApiVersion } from '#common/api/version.ts';
import type { RequestContext } from '#common/auth/context.ts';
import { nextPage } from '../api/links.ts';
import { AnyQuery, nullable, strict, wrapped } from '../api/schemas.ts';
import { limitOf } from '../servers/filters.ts';
import type { Keypair } from './rows.ts';
import type { KeypairService } from './service.ts';

const route = routesFor<KeypairService>();
const NameParams = Type.Object({ name: Type.String() });

/** Whose keys: the caller's own, or (administrators, 2.10) those of `?user_id=`. @throws ApiError 403 */
function userOf(ctx: RequestContext, version: ApiVersion, asked: unknown): string {
  const own = ctx.userId ?? '';
  if (!version.atLeast('2.10') || typeof asked !== 'string' || asked === own) return own;
  if (!ctx.isAdmin) throw forbidden("Policy doesn't allow os_compute_api:os-keypairs:index to be performed.");
  return asked;
}

const brief = (key: Keypair, version: ApiVersion) => ({
  name: key.name,
  public_key: key.publicKey,
  fingerprint: key.fingerprint,
  ...(version.atLeast('2.2') && { type: key.type }),
});

const KeyName = Type.String({ minLength: 1, maxLength: 255 });
const PublicKey = Type.String({ minLength: 1 });
const Kind = Type.Optional(Type.Union([Type.Literal('ssh'), Type.Literal('x509')]));
const userId = { user_id: Type.Optional(Type.String()) };
const Created = strict({ name: KeyName, public_key: Type.Optional(nullable(PublicKey)), type: Kind, ...userId });
const narrower = (properties: Parameters<typeof strict>[0]) => strict(properties) as unknown as typeof Created;

const create = (
  versions: { readonly min?: string; readonly max?: string },
  status: number,
  schema: typeof Created,
  allowed: RegExp,
) =>
  route({
    id: `keypairs.create${versions.min ? `_${versions.min.replace('.', '_')}` : ''}`,
    summary: 'Import a public key, or make a pair',
    method: 'POST',
    path: '/os-keypairs',
    versions,
    policy: 'os_compute_api:os-keypairs:create',
    status,
    body: wrapped('keypair', schema),
    handle: async (keypairs, { ctx, body, version, api }) => {
      const { name, public_key: publicKey = null, type = 'ssh', user_id: user } = body.keypair;
      if (!allowed.test(name) || name.trim() !== name)
        throw badRequest('Keypair data is invalid: Keypair name contains unsafe characters');
      const made = await keypairs.create({
        userId: userOf(ctx, version, user),
        projectId: ctx.projectId ?? '',
        name,
        type,
        publicKey,
        api,
      });
      return {
        keypair: {
          ...brief(made, version),
          user_id: made.userId,
          ...(made.privateKey !== undefined && { private_key: made.privateKey }),
        },
      };
    },
  });
const safe = /^[\w -]+$/;
const remove = (versions: { readonly min?: string; readonly max?: string }, status: number) =>
  route({
    id: `keypairs.delete${versions.min ? `_${versions.min.replace('.', '_')}` : ''}`,
    summary: 'Delete a key pair',
    method: 'DELETE',
    path: '/os-keypairs/:name',
    versions,
    policy: 'os_compute_api:os-keypairs:delete',
    status,
    params: NameParams,
    query: AnyQuery,
    handle: async (keypairs, { ctx, params, version, query }) => {
      await keypairs.delete(userOf(ctx, version, query['user_id']), params.name);
      return undefined;
    },
  });

export const keypairRoutes = [
  route({
    id: 'keypairs.list',
    summary: 'List key pairs',
    method: 'GET',
    path: '/os-keypairs',
    policy: 'os_compute_api:os-keypairs:index',
    status: 200,
    query: AnyQuery,
    handle: async (keypairs, call) => {
      const { ctx, version, query } = call;
      const user = userOf(ctx, version, query['user_id']);
      if (!version.atLeast('2.35'))
        return { keypairs: (await keypairs.list(user)).map((key) => ({ keypair: brief(key, version) })) };
      const limit = limitOf(query['limit'], keypairs.maxLimit);
      const marker = typeof query['marker'] === 'string' ? query['marker'] : undefined;
      const list = await keypairs.list(user, { limit, marker });
      const links = nextPage(
        call,
        'os-keypairs',
        call.url,
        limit,
        list.map((key) => key.name),
      );
      return {
        keypairs: list.map((key) => ({ keypair: brief(key, version) })),
        ...(links.length > 0 && { keypairs_links: links }),
      };
    },
  }),
  route({
    id: 'keypairs.show',
    summary: 'Show a key pair',
    method: 'GET',
    path: '/os-keypairs/:name',
    policy: 'os_compute_api:os-keypairs:show',
    status: 200,
    params: NameParams,
    query: AnyQuery,
    handle: async (keypairs, { ctx, params, version, query }) => {
      const key = await keypairs.show(userOf(ctx, version, query['user_id']), params.name);
      return {
        keypair: {
          ...brief(key, version),
          created_at: key.createdAt,
          deleted: false,
          deleted_at: null,
          id: key.num,
          updated_at: null,
          user_id: key.userId,
        },
      };
    },
  }),
  create({ max: '2.1' }, 200, narrower({ name: KeyName, public_key: Type.Optional(nullable(PublicKey)) }), safe),
  create(
    { min: '2.2', max: '2.9' },
    201,
    narrower({ name: KeyName, public_key: Type.Optional(nullable(PublicKey)), type: Kind }),
    safe,
  ),
  create({ min: '2.10', max: '2.91' }, 201, Created, safe),
  create(
    { min: '2.92' },
    201,
    narrower({ name: KeyName, public_key: PublicKey, type: Kind, ...userId }),
    /^[\w \-@.]+$/,
  ),
  remove({ max: '2.1' }, 202),
  remove({ min: '2.2' }, 204),
];
