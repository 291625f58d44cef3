import { notFound } from '#common/api/errors.ts';
import { routesFor, type Call } from '#common/api/route.ts';
import type { Kit } from '../api/kit.ts';
import { linksTo, nextPage } from '../api/links.ts';
import { noFilters, one, parsePage, refuseUnknown, strictFilters } from '../api/paging.ts';
import { placeOf } from '../api/place.ts';
import { AnyQuery, IdParams } from '../api/schemas.ts';
import * as rows from './rows.ts';
import type { Message } from './rows.ts';
import { messageText } from './texts.ts';

const route = routesFor<Kit>();
const versions = { min: '3.3' };

const view = (kit: Kit, call: Call<unknown, unknown, unknown>, message: Message) => ({
  id: message.id,
  event_id: `${message.resourceType ?? 'VOLUME'}_${message.resourceType ?? 'VOLUME'}_${message.actionId}_${message.detailId}`,
  user_message: messageText(message.actionId, message.detailId),
  message_level: message.level,
  created_at: message.createdAt,
  guaranteed_until: message.expiresAt,
  request_id: message.requestId,
  links: linksTo(placeOf(kit, call), `messages/${message.id}`),
  resource_type: message.resourceType,
  resource_uuid: message.resourceId,
});

async function find(kit: Kit, ctx: Call<unknown, unknown, unknown>['ctx'], id: string): Promise<Message> {
  const message = await rows.findMessage(kit.db.query, id);
  if (!message || !kit.sees(ctx, message)) throw notFound(`Message ${id} could not be found.`);
  return message;
}

const columns: Readonly<Record<string, string>> = {
  resource_uuid: 'resource_id',
  resource_type: 'resource_type',
  request_id: 'request_id',
  message_level: 'level',
};

/** Why what was asked for did not come about. */
export const messageRoutes = [
  route({
    id: 'messages.list',
    summary: 'List messages',
    method: 'GET',
    path: '/messages',
    versions,
    policy: 'message:get_all',
    status: 200,
    query: AnyQuery,
    handle: async (kit, call) => {
      const { query, version, ctx } = call;
      await rows.deleteExpiredMessages(kit.db.query, kit.now());
      const paged = version.atLeast('3.5');
      const page = parsePage(
        paged ? query : {},
        {
          created_at: { column: 'created_at' },
          id: { column: 'id' },
          message_level: { column: 'level' },
          resource_type: { column: 'resource_type', nullable: true },
          resource_uuid: { column: 'resource_id', nullable: true },
          request_id: { column: 'request_id', nullable: true },
          event_id: { column: 'action_id' },
          guaranteed_until: { column: 'expires_at' },
        },
        kit.conf.DEFAULT.osapi_max_limit,
      );
      const equal: Record<string, string> = {};
      const unknown: string[] = [];
      for (const [name, value] of paged ? Object.entries(query) : []) {
        const column = columns[name];
        if (column !== undefined) equal[column] = one(value) ?? '';
        else if (name === 'event_id') {
          const [detail = '', action = ''] = (one(value) ?? '').split('_').reverse();
          equal['action_id'] = action;
          equal['detail_id'] = detail;
        } else if (!noFilters.has(name)) unknown.push(name);
      }
      if (version.atLeast(strictFilters)) refuseUnknown(unknown);
      const projectId = ctx.projectId ?? '';
      let marker: Record<string, unknown> | undefined;
      if (page.marker !== undefined) {
        marker = (await rows.findMessageMarker(kit.db.query, page.marker, projectId)) ?? undefined;
        if (!marker) throw notFound(`Message ${page.marker} could not be found.`);
      }
      const found =
        page.limit === 0 ? [] : await rows.listMessages(kit.db.query, { projectId, equal }, { ...page, marker });
      const ids = found.map(({ id }) => id);
      return {
        messages: found.map((message) => view(kit, call, message)),
        ...nextPage(placeOf(kit, call), 'messages', call.url, page.limit, ids),
      };
    },
  }),
  route({
    id: 'messages.show',
    summary: 'Show a message',
    method: 'GET',
    path: '/messages/:id',
    versions,
    policy: 'message:get',
    status: 200,
    params: IdParams,
    handle: async (kit, call) => ({ message: view(kit, call, await find(kit, call.ctx, call.params.id)) }),
  }),
  route({
    id: 'messages.delete',
    summary: 'Delete a message',
    method: 'DELETE',
    path: '/messages/:id',
    versions,
    policy: 'message:delete',
    status: 204,
    params: IdParams,
    handle: async (kit, { ctx, params }) => {
      const { id } = await find(kit, ctx, params.id);
      await rows.deleteMessage(kit.db.query, id);
      return undefined;
    },
  }),
];
