import { Type } from '@sinclair/typebox';
import { badRequest } from '#common/api/errors.ts';
import { routesFor } from '#common/api/route.ts';
import { Flag, flagValue, Metadata, Text } from '../api/schemas.ts';
import { backendOf } from '../operations/journal.ts';
import { defaultType, requestedType } from '../types/choose.ts';
import { findVolume, insertVolume } from './rows.ts';
import type { VolumeService } from './service.ts';
import { sightOf } from './sight.ts';
import { volumeView } from './view.ts';

const route = routesFor<VolumeService>();

/** The one key that says which of a back end's things is meant. @throws ApiError 400 */
function nameOf(reference: Readonly<Record<string, unknown>>): string {
  const name = reference['source-name'] ?? reference['source-id'];
  if (typeof name !== 'string' || name === '')
    throw badRequest("Invalid input received: ref must have 'source-name': the name of the volume in its back end.");
  return name;
}

/** Takes over what a back end has already. */
export const manageRoutes = [
  route({
    id: 'volumes.manage',
    summary: 'Take over a volume that is in a back end under another name',
    method: 'POST',
    path: '/os-volume-manage',
    policy: 'volume_extension:volume_manage',
    status: 202,
    body: Type.Object({
      volume: Type.Object({
        host: Type.String({ minLength: 1, maxLength: 255 }),
        ref: Type.Union([Type.Record(Type.String(), Type.Unknown()), Type.String()]),
        name: Type.Optional(Text),
        description: Type.Optional(Text),
        volume_type: Type.Optional(Text),
        metadata: Type.Optional(Type.Union([Metadata, Type.Null()])),
        bootable: Type.Optional(Flag),
        availability_zone: Type.Optional(Text),
      }),
    }),
    handle: async (volumes, call) => {
      const { ctx, body } = call;
      const { kit } = volumes;
      const asked = body.volume;
      const service = await kit.directory.backend(asked.host);
      if (!service) throw badRequest(`Service cinder-volume could not be found on host ${asked.host}.`);
      if (service.disabled || !kit.directory.isUp(service))
        throw badRequest(`Service ${service.host} is disabled or down: it cannot take over volumes.`);
      const type = asked.volume_type
        ? await requestedType(kit.db.query, ctx, asked.volume_type)
        : await defaultType(kit.db.query, ctx.projectId, kit.conf.DEFAULT.default_volume_type);
      const existing = nameOf(typeof asked.ref === 'string' ? { 'source-name': asked.ref } : asked.ref);
      const projectId = ctx.projectId ?? '';
      const id = kit.ids.uuid();
      const owner = backendOf(service.host);
      await kit.quotas.transaction(projectId, async (trx, claim) => {
        // Its size is known when it has been found; until then it is one of the project's volumes.
        await claim({ volumes: 1, ...(type && { [`volumes_${type.name}`]: 1 }) });
        await insertVolume(trx, {
          id,
          project_id: projectId,
          user_id: ctx.userId ?? '',
          name: asked.name ?? null,
          description: asked.description ?? null,
          status: 'managing',
          size_gb: 0,
          host: service.host,
          availability_zone: asked.availability_zone ?? service.availabilityZone,
          volume_type_id: type?.id ?? null,
          bootable: asked.bootable !== undefined && flagValue(asked.bootable) ? 1 : 0,
          multiattach: 0,
          readonly: 0,
          encrypted: 0,
          metadata: JSON.stringify(asked.metadata ?? {}),
          admin_metadata: '{}',
          created_at: kit.now(),
          deleted: 0,
        });
        await kit.journal.add(trx, ctx, 'volume.manage', { input: { volumeId: id, existing }, projectId, owner });
      });
      await kit.launch(owner, ctx);
      const volume = await findVolume(kit.db.query, id);
      return { volume: volume && volumeView(volume, await sightOf(kit, call, [volume]), 'created') };
    },
  }),
];
