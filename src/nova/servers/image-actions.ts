import { Type } from '@sinclair/typebox';
import { badRequest, forbidden } from '#common/api/errors.ts';
import { Count, Metadata, Name, strict } from '../api/schemas.ts';
import { createVolumeBackedImage, volumeBackedDisks } from '../volumes/backed-image.ts';
import { imageOfServer, type SnapshotImage } from './snapshot-image.ts';
import { action, type ActionCall } from './server-action.ts';
import type { ServerService } from './service.ts';

/** Before 2.39 Nova limits what may be set on an image. @throws ApiError 403 */
async function checkProperties(
  servers: ServerService,
  { ctx, version }: ActionCall,
  metadata: Readonly<Record<string, string>>,
): Promise<void> {
  if (version.atLeast('2.39')) return;
  const limit = (await servers.deps.quotas.limits(ctx.projectId ?? '')).metadata_items;
  if (limit >= 0 && Object.keys(metadata).length > limit) throw forbidden('Image metadata limit exceeded');
}

/** From 2.45 on the answer has a body; before, the image's place is in a header. */
function answer(call: ActionCall, imageId: string, location: string | null): unknown {
  if (call.version.atLeast('2.45')) return { image_id: imageId };
  if (location !== null) call.reply.header('location', location);
  return undefined;
}

async function createImage(
  servers: ServerService,
  call: ActionCall,
  { name, metadata = {} }: { name: string; metadata?: Record<string, string> },
): Promise<unknown> {
  const { ctx, params } = call;
  const server = await servers.allowed(ctx, params.id, 'createImage');
  await checkProperties(servers, call, metadata);
  const location = (id: string): string => `${servers.deps.glanceUrl}/images/${id}`;
  const disks = await volumeBackedDisks(servers, server);
  if (disks) {
    const made = await createVolumeBackedImage(servers, ctx, server, disks, { name, properties: metadata });
    return answer(call, made.id, location(made.id));
  }
  const image: SnapshotImage = imageOfServer(servers, ctx, server, name, { image_type: 'snapshot', ...metadata });
  await image.makeAround(() =>
    servers.prepare(ctx, params.id, 'createImage', 'server.create_image', { imageId: image.id, format: image.format }),
  );
  return answer(call, image.id, location(image.id));
}

async function createBackup(
  servers: ServerService,
  call: ActionCall,
  input: { name: string; backup_type: string; rotation: number | string; metadata?: Record<string, string> },
): Promise<unknown> {
  const { ctx, params } = call;
  const { name, backup_type: backupType, metadata = {} } = input;
  const rotation = Number(input.rotation);
  const server = await servers.allowed(ctx, params.id, 'createBackup');
  await checkProperties(servers, call, metadata);
  if (server.imageId === null) throw badRequest('Backup is not supported for volume-backed instances.');
  const properties = { image_type: 'backup', ...metadata, backup_type: backupType };
  const image = imageOfServer(servers, ctx, server, name, properties);
  await image.makeAround(() =>
    servers.prepare(ctx, params.id, 'createBackup', 'server.create_backup', {
      imageId: image.id,
      format: image.format,
      backupType,
      rotation,
    }),
  );
  return answer(call, image.id, rotation > 0 ? `${call.host}${call.prefix}/images/${image.id}` : null);
}

export const imageActions = [
  action({
    name: 'createImage',
    policy: 'os_compute_api:servers:create_image',
    input: strict({ name: Name, metadata: Type.Optional(Metadata) }),
    run: createImage,
  }),
  action({
    name: 'createBackup',
    policy: 'os_compute_api:os-create-backup',
    input: strict({
      name: Name,
      backup_type: Type.String(),
      rotation: Count(0),
      metadata: Type.Optional(Metadata),
    }),
    run: createBackup,
  }),
];
