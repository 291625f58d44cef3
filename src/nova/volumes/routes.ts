import { Type } from '@sinclair/typebox';
import { badRequest, notFound } from '#common/api/errors.ts';
import { novaFaults } from '#common/api/faults.ts';
import { routesFor, type Call } from '#common/api/route.ts';
import type { ApiVersion } from '#common/api/version.ts';
import { AnyQuery, Flag, flagValue, IdParams, nullable, strict, Uuid } from '../api/schemas.ts';
import { limitOf } from '../servers/filters.ts';
import type { ServerService } from '../servers/service.ts';
import { attachedVolume, attachVolume, detachVolume, swapVolume, updateAttachment } from './attach.ts';
import { volumesOf, type VolumeDevice } from './model.ts';
import { devicesOf, findVolumeOf } from './rows.ts';

const route = routesFor<ServerService>();
const path = '/servers/:id/os-volume_attachments';
const KeyParams = Type.Object({ id: Type.String(), volume_id: Type.String() });
const Tag = Type.String({ minLength: 1, maxLength: 60, pattern: '^[^,/]*$' });
const rule = (name: string): string => `os_compute_api:os-volumes-attachments:${name}`;

/** An attachment as the version shows it. */
const view = (device: VolumeDevice, version: ApiVersion) => ({
  ...(!version.atLeast('2.89') && { id: device.volumeId }),
  volumeId: device.volumeId,
  serverId: device.serverId,
  device: device.deviceName,
  ...(version.atLeast('2.70') && { tag: device.tag }),
  ...(version.atLeast('2.79') && { delete_on_termination: device.deleteOnTermination }),
  ...(version.atLeast('2.89') && { attachment_id: device.attachmentId, bdm_uuid: device.id }),
});

/** @throws ApiError 400 for a field of a later version */
function refuseUnknown(
  body: Readonly<Record<string, unknown>>,
  since: Readonly<Record<string, string>>,
  version: ApiVersion,
): void {
  for (const [name, first] of Object.entries(since))
    if (name in body && !version.atLeast(first))
      throw novaFaults.invalid(
        'volumeAttachment',
        JSON.stringify(body),
        `Additional properties are not allowed ('${name}' was unexpected)`,
      );
}

const number = (call: Call<unknown, Record<string, unknown>, unknown>, name: string): number => {
  const value = call.query[name];
  if (value === undefined) return 0;
  if (typeof value !== 'string' || !/^\d+$/.test(value))
    throw badRequest(`Invalid input for query parameters ${name}. Value: ${String(value)}.`);
  return Number(value);
};

export const volumeAttachmentRoutes = [
  route({
    id: 'volume_attachments.list',
    summary: "List a server's volumes",
    method: 'GET',
    path,
    policy: rule('index'),
    status: 200,
    params: IdParams,
    query: AnyQuery,
    handle: async (servers, call) => {
      const server = await servers.show(call.ctx, call.params.id);
      const devices = volumesOf(await devicesOf(servers.db.query, server.id));
      const offset = number(call, 'offset');
      const limit = limitOf(call.query['limit'], servers.maxLimit);
      return {
        volumeAttachments: devices.slice(offset, offset + limit).map((device) => view(device, call.version)),
      };
    },
  }),
  route({
    id: 'volume_attachments.show',
    summary: 'Show a volume of a server',
    method: 'GET',
    path: `${path}/:volume_id`,
    policy: rule('show'),
    status: 200,
    params: KeyParams,
    handle: async (servers, { ctx, params, version }) => {
      const server = await servers.show(ctx, params.id);
      return { volumeAttachment: view(await attachedVolume(servers, server, params.volume_id), version) };
    },
  }),
  route({
    id: 'volume_attachments.create',
    summary: 'Attach a volume to a server',
    method: 'POST',
    path,
    policy: rule('create'),
    status: 200,
    params: IdParams,
    body: strict({
      volumeAttachment: strict({
        volumeId: Uuid,
        device: Type.Optional(
          Type.Unsafe<string | null>({
            type: ['string', 'null'],
            pattern: '(^/dev/x{0,1}[a-z]{0,1}d{0,1})([a-z]+)[0-9]*$',
          }),
        ),
        tag: Type.Optional(Tag),
        delete_on_termination: Type.Optional(Flag),
      }),
    }),
    handle: async (servers, { ctx, params, body, version, signal }) => {
      const { volumeAttachment: asked } = body;
      refuseUnknown(asked, { tag: '2.49', delete_on_termination: '2.79' }, version);
      const deleteOnTermination = asked.delete_on_termination !== undefined && flagValue(asked.delete_on_termination);
      const { volumeId, tag = null } = asked;
      const request = { volumeId, tag, deleteOnTermination, device: asked.device ?? null };
      const device = await attachVolume(servers, ctx, params.id, request, version, signal);
      return {
        volumeAttachment: {
          device,
          id: volumeId,
          serverId: params.id,
          volumeId,
          ...(version.atLeast('2.70') && { tag }),
          ...(version.atLeast('2.79') && { delete_on_termination: deleteOnTermination }),
        },
      };
    },
  }),
  route({
    id: 'volume_attachments.update',
    summary: 'Put another volume in the place of one (administrators); from 2.85 on change what may be changed of it',
    method: 'PUT',
    path: `${path}/:volume_id`,
    // The rule depends on what is asked for.
    policy: 'admin_or_owner',
    status: 202,
    params: KeyParams,
    body: strict({
      volumeAttachment: strict({
        volumeId: Uuid,
        id: Type.Optional(Uuid),
        serverId: Type.Optional(Uuid),
        device: Type.Optional(nullable(Type.String())),
        tag: Type.Optional(nullable(Tag)),
        delete_on_termination: Type.Optional(Flag),
      }),
    }),
    handle: async (servers, { ctx, params, body, version, signal }) => {
      const { volumeAttachment: asked } = body;
      const { id, volume_id: volumeId } = params;
      refuseUnknown(
        asked,
        { id: '2.85', serverId: '2.85', device: '2.85', tag: '2.85', delete_on_termination: '2.85' },
        version,
      );
      const swaps = !version.atLeast('2.85') || asked.volumeId !== volumeId;
      servers.authorize(ctx, rule(swaps ? 'swap' : 'update'));
      const server = await servers.show(ctx, id);
      if (version.atLeast('2.85')) {
        const device = await findVolumeOf(servers.db.query, server.id, volumeId);
        if (!device) throw notFound(`Instance ${server.id} is not attached to volume ${volumeId}`);
        const fixed = { id: device.volumeId, serverId: device.serverId, device: device.deviceName, tag: device.tag };
        for (const [name, value] of Object.entries(fixed)) {
          const given = asked[name as keyof typeof fixed];
          if (given !== undefined && given !== value)
            throw badRequest(`The value of ${name} cannot be changed: it is ${value}.`);
        }
        if (asked.delete_on_termination !== undefined)
          await updateAttachment(servers, device, flagValue(asked.delete_on_termination));
      }
      if (swaps) await swapVolume(servers, ctx, id, volumeId, asked.volumeId, signal);
      return undefined;
    },
  }),
  route({
    id: 'volume_attachments.delete',
    summary: 'Detach a volume from a server',
    method: 'DELETE',
    path: `${path}/:volume_id`,
    policy: rule('delete'),
    status: 202,
    params: KeyParams,
    handle: async (servers, { ctx, params, version, api, signal }) => {
      await detachVolume(servers, ctx, params.id, params.volume_id, { version, api, signal });
      return undefined;
    },
  }),
];
