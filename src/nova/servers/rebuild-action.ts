import { Type, type Static } from '@sinclair/typebox';
import { badRequest } from '#common/api/errors.ts';
import { Flag, flagValue, Metadata, Name, nullable, strict } from '../api/schemas.ts';
import { findKeypair } from '../keypairs/rows.ts';
import { rootVolume } from '../volumes/model.ts';
import { devicesOf } from '../volumes/rows.ts';
import { shortIpV6 } from './access-address.ts';
import { checkExtras, checkMemory, checkRootDisk, imageSnapshot, showImage } from './create-checks.ts';
import { generatePassword } from './create.ts';
import type { ImageSnapshot, Server } from './model.ts';
import type { ServerChange } from './rows.ts';
import {
  Address4,
  Address6,
  Certificates,
  Description,
  DiskConfig,
  Hostname,
  Personality,
  UserData,
} from './schema.ts';
import { action, type ActionCall } from './server-action.ts';
import type { ServerService } from './service.ts';
import { viewFor } from './view-for.ts';

const base = {
  name: Type.Optional(Name),
  imageRef: Type.String(),
  adminPass: Type.Optional(Type.String()),
  metadata: Type.Optional(Metadata),
  preserve_ephemeral: Type.Optional(Flag),
  'OS-DCF:diskConfig': Type.Optional(DiskConfig),
  accessIPv4: Type.Optional(Address4),
  accessIPv6: Type.Optional(Address6),
};
const personality = { personality: Type.Optional(Personality) };
const v219 = { description: Type.Optional(Description) };
const v254 = { ...v219, key_name: Type.Optional(nullable(Type.String({ minLength: 1, maxLength: 255 }))) };
const v257 = { ...v254, user_data: Type.Optional(nullable(UserData)) };
const v263 = { ...v257, trusted_image_certificates: Type.Optional(Certificates) };
const v290 = { ...v263, hostname: Type.Optional(Hostname) };
const _Everything = strict({ ...base, ...personality, ...v290 });
type Rebuild = Static<typeof _Everything>;

/** The image that the new disks are to be made of. @throws ApiError 400 */
async function imageOf(
  servers: ServerService,
  { ctx }: ActionCall,
  server: Server,
  ref: string,
): Promise<ImageSnapshot> {
  const image = await showImage(servers.deps.imageAs(ctx), ref.split('/').at(-1) as string);
  checkMemory(image, server.flavor);
  if (server.imageId !== null) {
    checkRootDisk(image, server.flavor);
    return imageSnapshot(image);
  }
  const root = rootVolume(await devicesOf(servers.db.query, server.id));
  const made = root?.imageId ?? server.image?.id;
  if (made !== undefined && made !== image.id)
    throw badRequest(
      `Image ${image.id} is unacceptable: Unable to rebuild with a different image for a volume-backed server.`,
    );
  return imageSnapshot(image);
}

async function rebuild(servers: ServerService, call: ActionCall, input: Rebuild): Promise<unknown> {
  const { ctx, params, version, api } = call;
  const server = await servers.allowed(ctx, params.id, 'rebuild');
  if (input.trusted_image_certificates !== undefined)
    servers.authorize(ctx, 'os_compute_api:servers:rebuild:trusted_certs');
  const image = await imageOf(servers, call, server, input.imageRef);
  checkExtras(
    {
      ...(input.metadata && { metadata: input.metadata }),
      ...(input.personality && { personality: input.personality }),
    },
    await servers.deps.quotas.limits(server.projectId),
    api,
  );
  const key = input.key_name ? await findKeypair(servers.db.query, ctx.userId ?? '', input.key_name) : null;
  if (input.key_name && !key) throw badRequest('Invalid key_name provided.');
  const password = input.adminPass ?? generatePassword(servers.deps.conf);
  const change: Omit<ServerChange, 'updated_at'> = {
    progress: 0,
    ...(server.imageId !== null && { image_id: image.id }),
    image: JSON.stringify(image),
    ...(server.configDrive && { admin_password: password }),
    ...(input.name !== undefined && { display_name: input.name }),
    ...(input.metadata !== undefined && { metadata: JSON.stringify(input.metadata) }),
    ...(input.personality !== undefined && { personality: JSON.stringify(input.personality) }),
    ...(input['OS-DCF:diskConfig'] !== undefined && { disk_config: input['OS-DCF:diskConfig'] }),
    ...(input.accessIPv4 !== undefined && { access_ip_v4: input.accessIPv4 || null }),
    ...(input.accessIPv6 !== undefined && { access_ip_v6: shortIpV6(input.accessIPv6) }),
    ...(input.description !== undefined && { description: input.description }),
    ...(input.key_name !== undefined && { key_name: key?.name ?? null, key_data: key?.publicKey ?? null }),
    ...(input.user_data !== undefined && { user_data: input.user_data }),
    ...(input.trusted_image_certificates !== undefined && {
      trusted_certificates: input.trusted_image_certificates && JSON.stringify(input.trusted_image_certificates),
    }),
    ...(input.hostname !== undefined && { hostname: input.hostname }),
  };
  await servers.begin(
    ctx,
    params.id,
    'rebuild',
    'server.rebuild',
    {
      preserveEphemeral: input.preserve_ephemeral !== undefined && flagValue(input.preserve_ephemeral),
      start: server.vmState !== 'stopped',
    },
    async () => change,
  );
  const shown = await servers.show(ctx, params.id);
  const view = await viewFor(servers, call, 'updated', [shown]);
  call.reply.header('location', `${call.host}${call.prefix}/servers/${shown.id}`);
  const { 'OS-EXT-SRV-ATTR:user_data': _, ...body } = view(
    shown,
    version.atLeast('2.71') ? await servers.groups(shown.id) : undefined,
  );
  return {
    server: {
      ...body,
      ...(version.atLeast('2.54') && { key_name: shown.keyName }),
      ...(version.atLeast('2.57') && { user_data: shown.userData }),
      adminPass: password,
    },
  };
}

const at = (properties: object, min?: string, max?: string) =>
  action({
    name: 'rebuild',
    policy: 'os_compute_api:servers:rebuild',
    ...(min !== undefined && { min }),
    ...(max !== undefined && { max }),
    input: strict({ ...base, ...properties }) as unknown as typeof _Everything,
    run: rebuild,
  });

export const rebuildActions = [
  at(personality, undefined, '2.18'),
  at({ ...personality, ...v219 }, '2.19', '2.53'),
  at({ ...personality, ...v254 }, '2.54', '2.56'),
  at(v257, '2.57', '2.62'),
  at(v263, '2.63', '2.89'),
  at(v290, '2.90'),
];
