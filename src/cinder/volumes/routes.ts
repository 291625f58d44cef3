import { Type } from '@sinclair/typebox';
import { badRequest } from '#common/api/errors.ts';
import { routesFor, type Call, type VersionRange } from '#common/api/route.ts';
import { actionRoute } from '../api/actions.ts';
import { nextPage } from '../api/links.ts';
import { queryFlag } from '../api/paging.ts';
import { placeOf } from '../api/place.ts';
import { AnyQuery, IdParams, flagValue } from '../api/schemas.ts';
import { findType } from '../types/rows.ts';
import { volumeActionTable } from './actions.ts';
import { parseVolumeQuery } from './filters.ts';
import type { Volume } from './model.ts';
import { CreateBody, UpdateBody, UpdateBody353 } from './schema.ts';
import type { VolumeService } from './service.ts';
import { sightOf } from './sight.ts';
import { briefVolume, volumeView } from './view.ts';

const route = routesFor<VolumeService>();
type AnyCall = Call<unknown, unknown, unknown>;

const list = (detail: boolean) =>
  route({
    id: detail ? 'volumes.detail' : 'volumes.list',
    summary: detail ? 'List volumes in full' : 'List volumes',
    method: 'GET',
    path: detail ? '/volumes/detail' : '/volumes',
    policy: 'volume:get_all',
    status: 200,
    query: AnyQuery,
    handle: async (volumes, call) => {
      const { ctx, version, api } = call;
      const { kit } = volumes;
      const request = parseVolumeQuery(call.query, ctx, version, kit.conf.DEFAULT.osapi_max_limit);
      const { volumes: found, count } = await volumes.list(ctx, request);
      const place = placeOf(kit, call);
      const ids = found.map(({ id }) => id);
      const full = detail || api === 'v1';
      const sight = full ? await sightOf(kit, call, found) : null;
      return {
        volumes: found.map((one) => (sight ? volumeView(one, sight, 'shown') : briefVolume(place, one))),
        ...(api === 'v1' ? {} : nextPage(place, 'volumes', call.url, request.page.limit, ids)),
        ...(count !== null && { count }),
      };
    },
  });

const shown = async (volumes: VolumeService, call: AnyCall, volume: Volume, kind: 'created' | 'shown') => ({
  volume: volumeView(volume, await sightOf(volumes.kit, call, [volume]), kind),
});

const update = (id: string, versions: VersionRange, body: typeof UpdateBody) =>
  route({
    id,
    summary: "Change a volume's name, description or metadata",
    method: 'PUT',
    path: '/volumes/:id',
    versions,
    policy: 'volume:update',
    status: 200,
    params: IdParams,
    body,
    handle: async (volumes, call) =>
      shown(volumes, call, await volumes.update(call.ctx, call.params.id, call.body.volume), 'created'),
  });

export const volumeRoutes = [
  list(false),
  list(true),
  route({
    id: 'volumes.summary',
    summary: 'Show how many volumes there are and how large they are together',
    method: 'GET',
    path: '/volumes/summary',
    versions: { min: '3.12' },
    policy: 'volume:get_all',
    status: 200,
    query: AnyQuery,
    handle: async (volumes, { ctx, query, version }) => {
      const { filter } = parseVolumeQuery(query, ctx, version, volumes.kit.conf.DEFAULT.osapi_max_limit);
      const { count, gb, metadata } = await volumes.summary(ctx, filter);
      return {
        'volume-summary': { total_size: gb, total_count: count, ...(version.atLeast('3.36') && { metadata }) },
      };
    },
  }),
  route({
    id: 'volumes.create',
    summary: 'Make a volume: empty, of an image, of a snapshot or of another volume',
    method: 'POST',
    path: '/volumes',
    policy: 'volume:create',
    status: 202,
    body: CreateBody,
    handle: async (volumes, call) => {
      const { ctx, body, api, version } = call;
      const { group_id: groupId, backup_id: backupId, ...rest } = body.volume;
      if (backupId != null && version.atLeast('3.47'))
        throw badRequest(`Restore backup ${backupId} by POST /backups/${backupId}/restore: that makes the volume too.`);
      const request = { ...rest, ...(groupId !== undefined && version.atLeast('3.13') && { group_id: groupId }) };
      const hints = body['OS-SCH-HNT:scheduler_hints'] ?? body.volume.scheduler_hints;
      if (api === 'v1') call.reply.status(200);
      const volume = await volumes.create(ctx, { request, hints: isRecord(hints) ? hints : {} });
      return shown(volumes, call, volume, 'created');
    },
  }),
  route({
    id: 'volumes.show',
    summary: 'Show a volume',
    method: 'GET',
    path: '/volumes/:id',
    policy: 'volume:get',
    status: 200,
    params: IdParams,
    handle: async (volumes, call) => shown(volumes, call, await volumes.find(call.ctx, call.params.id), 'shown'),
  }),
  update('volumes.update', { max: '3.52' }, UpdateBody),
  update('volumes.update_3_53', { min: '3.53' }, UpdateBody353),
  route({
    id: 'volumes.delete',
    summary: 'Delete a volume',
    method: 'DELETE',
    path: '/volumes/:id',
    policy: 'volume:delete',
    status: 202,
    params: IdParams,
    query: Type.Object({ cascade: Type.Optional(Type.String()), force: Type.Optional(Type.String()) }),
    handle: async (volumes, { ctx, params, query, version }) => {
      const force = version.atLeast('3.23') && flagValue(query.force);
      if (force) volumes.authorize(ctx, 'volume:force_delete');
      await volumes.delete(ctx, params.id, { cascade: queryFlag(query, 'cascade'), force });
      return undefined;
    },
  }),
  route({
    id: 'volumes.encryption',
    summary: "Show a volume's encryption",
    method: 'GET',
    path: '/volumes/:id/encryption',
    policy: 'volume_extension:volume_encryption_metadata',
    status: 200,
    params: IdParams,
    handle: async (volumes, { ctx, params }) => {
      const volume = await volumes.find(ctx, params.id);
      return volume.encrypted ? encryptionOf(volumes, volume) : { encryption_key_id: null };
    },
  }),
  route({
    id: 'volumes.encryption_item',
    summary: "Show one item of a volume's encryption, as text",
    method: 'GET',
    path: '/volumes/:id/encryption/:key',
    policy: 'volume_extension:volume_encryption_metadata',
    status: 200,
    params: Type.Object({ id: Type.String(), key: Type.String() }),
    handle: async (volumes, { ctx, params }) => {
      const volume = await volumes.find(ctx, params.id);
      const known: Readonly<Record<string, unknown>> = volume.encrypted ? await encryptionOf(volumes, volume) : {};
      return String(known[params.key] ?? '');
    },
  }),
  actionRoute<VolumeService>({
    id: 'volumes.action',
    summary: 'Do something to a volume',
    path: '/volumes/:id/action',
    kitOf: ({ kit }) => kit,
    actions: volumeActionTable,
  }),
];

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

async function encryptionOf({ kit }: VolumeService, { typeId }: Volume) {
  const encryption = (typeId === null ? null : await findType(kit.db.query, typeId))?.encryption;
  return {
    encryption_key_id: null,
    ...(encryption && {
      provider: encryption.provider,
      control_location: encryption.controlLocation,
      cipher: encryption.cipher,
      key_size: encryption.keySize,
    }),
  };
}
