import { Type } from '@sinclair/typebox';
import { badRequest, conflict, notFound } from '#common/api/errors.ts';
import { routesFor, type Call } from '#common/api/route.ts';
import { isDuplicateKey } from '#common/db/errors.ts';
import type { Kit } from '../api/kit.ts';
import { linksTo, nextPage } from '../api/links.ts';
import { one, parsePage, queryFlag } from '../api/paging.ts';
import { placeOf } from '../api/place.ts';
import { AnyQuery, IdParams } from '../api/schemas.ts';
import { typeNotFound } from '../api/errors.ts';
import { findType, updateType } from '../types/rows.ts';
import * as rows from './rows.ts';
import type { QosSpecs } from './rows.ts';

const route = routesFor<Kit>();
const policy = (what: string): string => `volume_extension:qos_specs_manage:${what}`;

const view = ({ id, name, consumer, specs }: QosSpecs) => ({ consumer, specs, name, id });
const wholeView = (kit: Kit, call: Call<unknown, unknown, unknown>, qos: QosSpecs) => ({
  qos_specs: view(qos),
  links: linksTo(placeOf(kit, call), `qos-specs/${qos.id}`),
});

async function find(kit: Kit, id: string): Promise<QosSpecs> {
  const qos = await rows.findQos(kit.db.query, id);
  if (!qos) throw notFound(`No such QoS spec ${id}.`);
  return qos;
}

const Values = Type.Unsafe<Record<string, string | number>>({
  type: 'object',
  patternProperties: { '^[a-zA-Z0-9-_:. ]{1,255}$': { type: ['string', 'integer', 'number'], maxLength: 255 } },
  additionalProperties: false,
});
const consumers = ['front-end', 'back-end', 'both'] as const;
type Consumer = (typeof consumers)[number];

/** Takes `consumer` out of the values. @throws ApiError 400 */
function split(values: Readonly<Record<string, unknown>>): {
  consumer: Consumer | null;
  specs: Record<string, string>;
} {
  const { consumer = null, ...rest } = values;
  if (consumer !== null && !(consumers as readonly unknown[]).includes(consumer))
    throw badRequest(
      `Invalid qos specs: Valid consumer of QoS specs are: ${JSON.stringify(consumers).replaceAll('"', "'")}`,
    );
  return {
    consumer: consumer as Consumer | null,
    specs: Object.fromEntries(Object.entries(rest).map(([name, value]) => [name, String(value)])),
  };
}

export const qosRoutes = [
  route({
    id: 'qos_specs.list',
    summary: 'List QoS specs',
    method: 'GET',
    path: '/qos-specs',
    policy: policy('get_all'),
    status: 200,
    query: AnyQuery,
    handle: async (kit, call) => {
      const page = parsePage(
        call.query,
        {
          created_at: { column: 'created_at' },
          id: { column: 'id' },
          name: { column: 'name' },
          consumer: { column: 'consumer' },
        },
        kit.conf.DEFAULT.osapi_max_limit,
      );
      const equal = Object.fromEntries(
        ['id', 'name', 'consumer'].flatMap((name) => {
          const value = one(call.query[name]);
          return value === undefined ? [] : [[name, value]];
        }),
      );
      let marker: Record<string, unknown> | undefined;
      if (page.marker !== undefined) {
        marker = (await rows.findQosMarker(kit.db.query, page.marker)) ?? undefined;
        if (!marker) throw notFound(`No such QoS spec ${page.marker}.`);
      }
      const found = page.limit === 0 ? [] : await rows.listQos(kit.db.query, equal, { ...page, marker });
      const ids = found.map(({ id }) => id);
      return {
        qos_specs: found.map(view),
        ...nextPage(placeOf(kit, call), 'qos_specs', call.url, page.limit, ids),
      };
    },
  }),
  route({
    id: 'qos_specs.create',
    summary: 'Make QoS specs',
    method: 'POST',
    path: '/qos-specs',
    policy: policy('create'),
    status: 200,
    body: Type.Object({
      qos_specs: Type.Object(
        { name: Type.String({ minLength: 1, maxLength: 255, pattern: '\\S' }) },
        { additionalProperties: Type.Unsafe({ type: ['string', 'integer', 'number'], maxLength: 255 }) },
      ),
    }),
    handle: async (kit, call) => {
      const { name, ...values } = call.body.qos_specs as { name: string } & Record<string, unknown>;
      const { consumer, specs } = split(values);
      const id = kit.ids.uuid();
      await rows
        .insertQos(kit.db.query, {
          id,
          name: name.trim(),
          consumer: consumer ?? 'back-end',
          specs: JSON.stringify(specs),
          created_at: kit.now(),
        })
        .catch((error: unknown) => {
          throw isDuplicateKey(error) ? conflict(`QoS Specs ${name.trim()} already exists.`) : error;
        });
      return wholeView(kit, call, await find(kit, id));
    },
  }),
  route({
    id: 'qos_specs.show',
    summary: 'Show QoS specs',
    method: 'GET',
    path: '/qos-specs/:id',
    policy: policy('get'),
    status: 200,
    params: IdParams,
    handle: async (kit, call) => wholeView(kit, call, await find(kit, call.params.id)),
  }),
  route({
    id: 'qos_specs.update',
    summary: 'Add or change QoS specs',
    method: 'PUT',
    path: '/qos-specs/:id',
    policy: policy('update'),
    status: 200,
    params: IdParams,
    body: Type.Object({ qos_specs: Values }),
    handle: async (kit, { params, body }) => {
      const { consumer, specs } = split(body.qos_specs);
      const known = await find(kit, params.id);
      await rows.updateQos(kit.db.query, params.id, {
        ...(consumer !== null && { consumer }),
        specs: JSON.stringify({ ...known.specs, ...specs }),
        updated_at: kit.now(),
      });
      return { qos_specs: body.qos_specs };
    },
  }),
  route({
    id: 'qos_specs.delete',
    summary: 'Delete QoS specs',
    method: 'DELETE',
    path: '/qos-specs/:id',
    policy: policy('delete'),
    status: 202,
    params: IdParams,
    query: AnyQuery,
    handle: async (kit, { params: { id }, query }) => {
      await find(kit, id);
      const force = queryFlag(query, 'force');
      await kit.db.transaction(async (trx) => {
        if (!force && (await rows.typesOfQos(trx, id)).length > 0)
          throw badRequest(`QoS Specs ${id} is still associated with entities.`);
        await rows.disassociate(trx, id);
        await rows.deleteQos(trx, id);
      });
      return undefined;
    },
  }),
  route({
    id: 'qos_specs.delete_keys',
    summary: 'Delete some of the specs',
    method: 'PUT',
    path: '/qos-specs/:id/delete_keys',
    policy: policy('delete'),
    status: 202,
    params: IdParams,
    body: Type.Object({ keys: Type.Array(Type.String()) }),
    handle: async (kit, { params: { id }, body: { keys } }) => {
      const { specs } = await find(kit, id);
      const missing = keys.find((key) => !Object.hasOwn(specs, key));
      if (missing !== undefined) throw badRequest(`QoS spec ${id} has no spec with key ${missing}.`);
      const rest = Object.fromEntries(Object.entries(specs).filter(([key]) => !keys.includes(key)));
      await rows.updateQos(kit.db.query, id, { specs: JSON.stringify(rest), updated_at: kit.now() });
      return undefined;
    },
  }),
  route({
    id: 'qos_specs.associations',
    summary: 'List volume types that go by the specs',
    method: 'GET',
    path: '/qos-specs/:id/associations',
    policy: policy('get_all'),
    status: 200,
    params: IdParams,
    handle: async (kit, { params: { id } }) => {
      await find(kit, id);
      const types = await rows.typesOfQos(kit.db.query, id);
      return {
        qos_associations: types.map((type) => ({ association_type: 'volume_type', name: type.name, id: type.id })),
      };
    },
  }),
  ...(['associate', 'disassociate'] as const).map((what) =>
    route({
      id: `qos_specs.${what}`,
      summary: what === 'associate' ? 'Let a volume type go by the specs' : "End a volume type's association",
      method: 'GET',
      path: `/qos-specs/:id/${what}`,
      policy: policy('update'),
      status: 202,
      params: IdParams,
      query: AnyQuery,
      handle: async (kit, { params: { id }, query }) => {
        const typeId = one(query['vol_type_id']);
        if (typeId === undefined) throw badRequest('Volume Type id must not be None.');
        await find(kit, id);
        const type = await findType(kit.db.query, typeId);
        if (!type) throw typeNotFound(typeId);
        if (what === 'disassociate') await rows.disassociate(kit.db.query, id, typeId);
        else if (type.qosSpecsId !== null && type.qosSpecsId !== id)
          throw badRequest(
            `Invalid volume type: Type ${typeId} is already associated with another qos specs: ${type.qosSpecsId}`,
          );
        else await updateType(kit.db.query, typeId, { qos_specs_id: id });
        return undefined;
      },
    }),
  ),
  route({
    id: 'qos_specs.disassociate_all',
    summary: "End all volume types' association",
    method: 'GET',
    path: '/qos-specs/:id/disassociate_all',
    policy: policy('update'),
    status: 202,
    params: IdParams,
    handle: async (kit, { params: { id } }) => {
      await find(kit, id);
      await rows.disassociate(kit.db.query, id);
      return undefined;
    },
  }),
];
