import { Type } from '@sinclair/typebox';
import { routesFor } from '#common/api/route.ts';
import { readValue } from '../api/kinds.ts';
import { documented, resourceRoutes } from '../api/resource-routes.ts';
import { errors } from '../errors.ts';
import type { NeutronApi } from '../server/api.ts';
import { prefixList, subnetPoolResource } from './schema.ts';

const route = routesFor<NeutronApi>();
const Params = Type.Object({ subnetpool_id: Type.String() });
const body = documented({
  type: 'object',
  properties: { prefixes: { type: 'array', items: { type: 'string' } } },
  required: ['prefixes'],
});
const response = Type.Object({ prefixes: Type.Unknown() });

function prefixesIn(given: unknown): readonly string[] {
  const prefixes = (given as { prefixes?: unknown } | null | undefined)?.prefixes;
  if (prefixes === undefined) throw errors.malformed("Unable to find 'prefixes' in request body");
  return readValue(prefixList, 'prefixes', prefixes);
}

export const subnetPoolRoutes = [
  ...resourceRoutes(subnetPoolResource, (api: NeutronApi) => api.subnetPools),
  ...(['add', 'remove'] as const).map((verb) =>
    route({
      id: `subnetpools.${verb}_prefixes`,
      summary: verb === 'add' ? 'Add prefixes to a subnet pool' : 'Remove prefixes from a subnet pool',
      method: 'PUT',
      path: `/subnetpools/:subnetpool_id/${verb}_prefixes`,
      policy: `${verb}_prefixes`,
      status: 200,
      params: Params,
      body,
      response,
      handle: async (api, { ctx, params, body: given }) => {
        const prefixes = prefixesIn(given);
        const id = params.subnetpool_id;
        await api.subnetPools.findFor(ctx, `${verb}_prefixes`, id);
        const { poolPrefixes: pools } = api;
        return {
          prefixes: await (verb === 'add' ? pools.addPrefixes(id, prefixes) : pools.removePrefixes(id, prefixes)),
        };
      },
    }),
  ),
];
