import { Type } from '@sinclair/typebox';
import { routesFor, type AnyRoute, type Call } from '#common/api/route.ts';
import { linksTo, nextPage } from '../api/links.ts';
import { one, parsePage, queryFlag } from '../api/paging.ts';
import { placeOf } from '../api/place.ts';
import { AnyQuery, Flag, flagValue, IdParams, Text, Uuid } from '../api/schemas.ts';
import type { Transfer } from './rows.ts';
import type { TransferService } from './service.ts';

const route = routesFor<TransferService>();
type AnyCall = Call<unknown, unknown, unknown>;

const brief = ({ kit }: TransferService, call: AnyCall, transfer: Transfer) => ({
  id: transfer.id,
  volume_id: transfer.volumeId,
  name: transfer.name,
  links: linksTo(placeOf(kit, call), `os-volume-transfer/${transfer.id}`),
});
/** @param later whether it is `volume-transfers` of 3.55 */
const full = (transfers: TransferService, call: AnyCall, transfer: Transfer, later: boolean) => ({
  ...brief(transfers, call, transfer),
  created_at: transfer.createdAt,
  ...(later && { no_snapshots: transfer.noSnapshots }),
  ...(later &&
    call.version.atLeast('3.57') && {
      source_project_id: transfer.projectId,
      destination_project_id: transfer.destinationProjectId,
      accepted: transfer.accepted,
    }),
});

/** Both spellings: the first one leaves snapshots with the giver. */
function routesAt(path: string, later: boolean): AnyRoute<TransferService>[] {
  const versions = later ? { versions: { min: '3.55' } } : {};
  const id = later ? 'volume_transfers' : 'transfers';
  const list = (detail: boolean) =>
    route({
      id: `${id}.${detail ? 'detail' : 'list'}`,
      summary: detail ? 'List volume transfers in full' : 'List volume transfers',
      method: 'GET',
      path: detail ? `${path}/detail` : path,
      ...versions,
      policy: 'volume:get_all_transfers',
      status: 200,
      query: AnyQuery,
      handle: async (transfers, call) => {
        const { ctx, query } = call;
        const { kit } = transfers;
        const page = parsePage(
          query,
          { created_at: { column: 'created_at' }, id: { column: 'id' }, name: { column: 'name', nullable: true } },
          kit.conf.DEFAULT.osapi_max_limit,
        );
        const equal = Object.fromEntries(
          (
            [
              ['name', 'name'],
              ['display_name', 'name'],
              ['volume_id', 'volume_id'],
            ] as const
          ).flatMap(([name, column]) => {
            const value = one(query[name]);
            return value === undefined ? [] : [[column, value]];
          }),
        );
        const everywhere = ctx.isAdmin && queryFlag(query, 'all_tenants');
        const found = await transfers.list({ equal, ...(!everywhere && { projectId: ctx.projectId ?? '' }) }, page);
        const ids = found.map((each) => each.id);
        return {
          transfers: found.map((each) => (detail ? full(transfers, call, each, later) : brief(transfers, call, each))),
          ...nextPage(placeOf(kit, call), 'transfers', call.url, page.limit, ids),
        };
      },
    });
  return [
    list(false),
    list(true),
    route({
      id: `${id}.create`,
      summary: 'Offer a volume to whoever gets the key',
      method: 'POST',
      path,
      ...versions,
      policy: 'volume:create_transfer',
      status: 202,
      body: Type.Object({
        transfer: Type.Object({
          volume_id: Uuid,
          name: Type.Optional(Text),
          no_snapshots: Type.Optional(Flag),
        }),
      }),
      handle: async (transfers, call) => {
        const { volume_id: volumeId, name, no_snapshots: noSnapshots } = call.body.transfer;
        const { transfer, key } = await transfers.create(call.ctx, {
          volumeId,
          name: name?.trim() ?? null,
          noSnapshots: later ? flagValue(noSnapshots) : true,
        });
        return { transfer: { ...full(transfers, call, transfer, later), auth_key: key } };
      },
    }),
    route({
      id: `${id}.show`,
      summary: 'Show a volume transfer',
      method: 'GET',
      path: `${path}/:id`,
      ...versions,
      policy: 'volume:get_transfer',
      status: 200,
      params: IdParams,
      handle: async (transfers, call) => ({
        transfer: full(transfers, call, await transfers.find(call.ctx, call.params.id), later),
      }),
    }),
    route({
      id: `${id}.delete`,
      summary: 'Withdraw a volume transfer',
      method: 'DELETE',
      path: `${path}/:id`,
      ...versions,
      policy: 'volume:delete_transfer',
      status: 202,
      params: IdParams,
      handle: async (transfers, { ctx, params }) => {
        await transfers.delete(ctx, params.id);
        return undefined;
      },
    }),
    route({
      id: `${id}.accept`,
      summary: 'Take a volume that was offered',
      method: 'POST',
      path: `${path}/:id/accept`,
      ...versions,
      policy: 'volume:accept_transfer',
      status: 202,
      params: IdParams,
      body: Type.Object({ accept: Type.Object({ auth_key: Type.String({ minLength: 1 }) }) }),
      handle: async (transfers, call) => ({
        transfer: brief(transfers, call, await transfers.accept(call.ctx, call.params.id, call.body.accept.auth_key)),
      }),
    }),
  ];
}

export const transferRoutes = [...routesAt('/os-volume-transfer', false), ...routesAt('/volume-transfers', true)];
