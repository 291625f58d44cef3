import { Type } from '@sinclair/typebox';
import { routesFor, type Call } from '#common/api/route.ts';
import type { ConnectionInfo, Connector } from '#clients/volume.ts';
import { actionRoute, actionsFor } from '../api/actions.ts';
import { nextPage } from '../api/links.ts';
import { noFilters, one, parsePage, queryFlag, refuseUnknown, strictFilters } from '../api/paging.ts';
import { placeOf } from '../api/place.ts';
import { AnyQuery, IdParams, Uuid, UuidOrNull } from '../api/schemas.ts';
import type { Attachment } from './rows.ts';
import type { AttachmentService } from './service.ts';

const route = routesFor<AttachmentService>();
const versions = { min: '3.27' };
const columns: Readonly<Record<string, string>> = {
  volume_id: 'volume_id',
  instance_id: 'server_id',
  instance_uuid: 'server_id',
  status: 'attach_status',
  attach_status: 'attach_status',
  attach_mode: 'mode',
};

const brief = (attachment: Attachment): Record<string, unknown> => ({
  id: attachment.id,
  status: attachment.status,
  instance: attachment.serverId,
  volume_id: attachment.volumeId,
});

/** The connection's data stand beside its type, as Cinder has them, and together under `data`, as os-brick takes them. */
const full = (
  attachment: Attachment,
  connection: ConnectionInfo | null = attachment.connectionInfo,
): Record<string, unknown> => ({
  ...brief(attachment),
  attached_at: attachment.attachedAt ?? '',
  detached_at: '',
  attach_mode: attachment.mode,
  connection_info: connection
    ? {
        ...connection.data,
        driver_volume_type: connection.driver_volume_type,
        attachment_id: attachment.id,
        data: connection.data,
      }
    : {},
});

const list = (detail: boolean) =>
  route({
    id: detail ? 'attachments.detail' : 'attachments.list',
    summary: detail ? 'List attachments in full' : 'List attachments',
    method: 'GET',
    path: detail ? '/attachments/detail' : '/attachments',
    versions,
    policy: 'volume:attachment_get',
    status: 200,
    query: AnyQuery,
    handle: async (attachments, call) => {
      const { ctx, query, version } = call;
      const { kit } = attachments;
      const everywhere = ctx.isAdmin && queryFlag(query, 'all_tenants');
      const equal: Record<string, string> = {};
      const unknown: string[] = [];
      let projectId = everywhere ? undefined : (ctx.projectId ?? '');
      for (const [name, value] of Object.entries(query)) {
        if (noFilters.has(name)) continue;
        const column = columns[name];
        if (column !== undefined) equal[column] = one(value) ?? '';
        else if (ctx.isAdmin && name === 'project_id') projectId = everywhere ? one(value) : projectId;
        else unknown.push(name);
      }
      if (version.atLeast(strictFilters)) refuseUnknown(unknown);
      const page = parsePage(
        query,
        { created_at: { column: 'created_at' }, id: { column: 'id' }, attach_status: { column: 'attach_status' } },
        kit.conf.DEFAULT.osapi_max_limit,
      );
      // A service asks for what it has made for somebody's server, wherever that belongs.
      const named = ctx.isAdmin && (equal['volume_id'] !== undefined || equal['server_id'] !== undefined);
      const found = await attachments.list(
        ctx,
        { equal, ...(!named && projectId !== undefined && { projectId }) },
        page,
      );
      const ids = found.map(({ id }) => id);
      return {
        attachments: found.map((attachment) => (detail ? full(attachment) : brief(attachment))),
        ...nextPage(placeOf(kit, call), 'attachments', call.url, page.limit, ids),
      };
    },
  });

const Mode = Type.Unsafe<'rw' | 'ro'>({ type: 'string', enum: ['rw', 'ro'] });
const AnyConnector = Type.Record(Type.String(), Type.Unknown());
/** `mode` beside the connector is 3.54's; before, it is in it. */
const modeOf = (
  { version }: Call<unknown, unknown, unknown>,
  mode: 'rw' | 'ro' | undefined,
  connector: Readonly<Record<string, unknown>> | null,
): 'rw' | 'ro' | undefined => {
  if (mode !== undefined && version.atLeast('3.54')) return mode;
  const inside = connector?.['mode'];
  return inside === 'ro' || inside === 'rw' ? inside : mode;
};

export const attachmentRoutes = [
  list(false),
  list(true),
  route({
    id: 'attachments.create',
    summary: 'Reserve a volume for a server, and export it when the host is known',
    method: 'POST',
    path: '/attachments',
    versions,
    policy: 'volume:attachment_create',
    status: 200,
    body: Type.Object({
      attachment: Type.Object({
        volume_uuid: Uuid,
        instance_uuid: Type.Optional(UuidOrNull),
        connector: Type.Optional(Type.Union([AnyConnector, Type.Null()])),
        mode: Type.Optional(Mode),
      }),
    }),
    handle: async (attachments, call) => {
      const { volume_uuid: volumeId, instance_uuid: serverId, connector = null, mode } = call.body.attachment;
      const { attachment, connection } = await attachments.create(call.ctx, {
        volumeId,
        serverId: serverId ?? null,
        connector: connector && (connector as unknown as Connector),
        mode: modeOf(call, mode, connector) ?? 'rw',
      });
      return { attachment: full(attachment, connection) };
    },
  }),
  route({
    id: 'attachments.show',
    summary: 'Show an attachment',
    method: 'GET',
    path: '/attachments/:id',
    versions,
    policy: 'volume:attachment_get',
    status: 200,
    params: IdParams,
    handle: async (attachments, { ctx, params }) => ({ attachment: full(await attachments.find(ctx, params.id)) }),
  }),
  route({
    id: 'attachments.update',
    summary: 'Export the volume to a host',
    method: 'PUT',
    path: '/attachments/:id',
    versions,
    policy: 'volume:attachment_update',
    status: 200,
    params: IdParams,
    body: Type.Object({
      attachment: Type.Object({
        connector: Type.Record(Type.String(), Type.Unknown(), { minProperties: 1 }),
        mode: Type.Optional(Mode),
      }),
    }),
    handle: async (attachments, call) => {
      const { connector, mode } = call.body.attachment;
      const made = await attachments.connect(
        call.ctx,
        call.params.id,
        connector as unknown as Connector,
        modeOf(call, mode, connector),
      );
      return { attachment: full(made.attachment, made.connection) };
    },
  }),
  route({
    id: 'attachments.delete',
    summary: 'End an attachment',
    method: 'DELETE',
    path: '/attachments/:id',
    versions,
    policy: 'volume:attachment_delete',
    status: 200,
    params: IdParams,
    handle: async (attachments, { ctx, params }) => ({
      attachments: (await attachments.delete(ctx, params.id)).map(brief),
    }),
  }),
  actionRoute<AttachmentService>({
    id: 'attachments.action',
    summary: 'Do something to an attachment',
    path: '/attachments/:id/action',
    versions: { min: '3.44' },
    kitOf: ({ kit }) => kit,
    actions: [
      actionsFor<AttachmentService>()({
        name: 'os-complete',
        policy: 'volume:attachment_complete',
        status: 204,
        run: async (attachments, { ctx, params }) => {
          await attachments.complete(ctx, params.id);
          return undefined;
        },
      }),
    ],
  }),
];
