import { Type } from '@sinclair/typebox';
import { badRequest, conflict, notFound } from '#common/api/errors.ts';
import { routesFor } from '#common/api/route.ts';
import type { ApiVersion } from '#common/api/version.ts';
import { isoMicros } from '#common/clock.ts';
import { AnyQuery, Flag, flagValue, IdParams, strict } from '../api/schemas.ts';
import { textOf, zoneOfService, type HostDeps } from './deps.ts';
import { serversOfHosts } from './nodes-rows.ts';
import * as services from './services-rows.ts';
import type { Service, ServiceChange } from './services-rows.ts';

const route = routesFor<HostDeps>();

async function showService(deps: HostDeps, service: Service, version: ApiVersion) {
  return {
    binary: service.binary,
    host: service.host,
    id: version.atLeast('2.53') ? service.id : service.num,
    zone: await zoneOfService(deps, service),
    status: service.disabled ? 'disabled' : 'enabled',
    state: deps.directory.isUp(service) ? 'up' : 'down',
    updated_at: service.lastSeen,
    disabled_reason: service.disabledReason,
    ...(version.atLeast('2.11') && { forced_down: service.forcedDown }),
  };
}

/** `PUT /os-services/enable` and its kin, until 2.52. */
const HostBinary = strict({
  host: Type.String({ minLength: 1, maxLength: 255 }),
  binary: Type.String({ minLength: 1, maxLength: 255 }),
  disabled_reason: Type.Optional(Type.String({ minLength: 1, maxLength: 255 })),
  forced_down: Type.Optional(Flag),
});
const byHost = (
  action: string,
  min: string | null,
  change: (body: { disabled_reason?: string; forced_down?: boolean | string | number }) => ServiceChange,
) =>
  route({
    id: `services.${action}`,
    summary: `Service: ${action}`,
    method: 'PUT',
    path: `/os-services/${action}`,
    versions: { max: '2.52', ...(min !== null && { min }) },
    policy: 'os_compute_api:os-services:update',
    status: 200,
    body: HostBinary,
    handle: async (deps, { body }) => {
      const { host, binary } = body;
      const [service] = await services.listServices(deps.db.query, { host, binary });
      if (!service) throw notFound(`Could not find binary ${binary} on host ${host}.`);
      const changed = change(body);
      await services.changeService(deps.db.query, service.num, changed, isoMicros(deps.clock.now()));
      return {
        service: {
          host,
          binary,
          ...(changed.disabled !== undefined && { status: changed.disabled ? 'disabled' : 'enabled' }),
          ...(body.disabled_reason !== undefined && { disabled_reason: body.disabled_reason }),
          ...(changed.forcedDown !== undefined && { forced_down: changed.forcedDown }),
        },
      };
    },
  });

/** Numbers until 2.52, UUIDs after. @throws ApiError 400 for the other, 404 when there is none */
async function findService(deps: HostDeps, id: string, version: ApiVersion): Promise<Service> {
  const uuid = /^[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}$/i.test(id);
  if (version.atLeast('2.53') && !uuid) throw badRequest(`Invalid uuid ${id}`);
  if (!version.atLeast('2.53') && !/^\d+$/.test(id)) throw badRequest(`Invalid id: '${id}' is not an integer`);
  const service = await services.findService(deps.db.query, id);
  if (!service) throw notFound(`Service ${id} could not be found.`);
  return service;
}

export const serviceRoutes = [
  route({
    id: 'services.list',
    summary: 'List the daemons of Nova',
    method: 'GET',
    path: '/os-services',
    policy: 'os_compute_api:os-services:list',
    status: 200,
    query: AnyQuery,
    handle: async (deps, { query, version }) => {
      const list = await services.listServices(deps.db.query, {
        binary: textOf(query['binary']),
        host: textOf(query['host']),
      });
      return { services: await Promise.all(list.map((service) => showService(deps, service, version))) };
    },
  }),
  byHost('enable', null, () => ({ disabled: false, disabledReason: null })),
  byHost('disable', null, () => ({ disabled: true, disabledReason: null })),
  byHost('disable-log-reason', null, ({ disabled_reason: reason }) => {
    if (reason === undefined)
      throw badRequest("Invalid input for field/attribute disabled_reason. 'disabled_reason' is a required property");
    return { disabled: true, disabledReason: reason };
  }),
  byHost('force-down', '2.11', ({ forced_down: down }) => {
    if (down === undefined)
      throw badRequest("Invalid input for field/attribute forced_down. 'forced_down' is a required property");
    return { forcedDown: flagValue(down) };
  }),
  route({
    id: 'services.update',
    summary: 'Enable, disable or force down a daemon',
    method: 'PUT',
    path: '/os-services/:id',
    versions: { min: '2.53', apis: ['v2.1'] },
    policy: 'os_compute_api:os-services:update',
    status: 200,
    params: IdParams,
    body: strict({
      status: Type.Optional(Type.Union([Type.Literal('enabled'), Type.Literal('disabled')])),
      disabled_reason: Type.Optional(Type.String({ minLength: 1, maxLength: 255 })),
      forced_down: Type.Optional(Flag),
    }),
    handle: async (deps, { params, body, version }) => {
      const service = await findService(deps, params.id, version);
      const { status, disabled_reason: reason, forced_down: down } = body;
      if (status === undefined && down === undefined)
        throw badRequest("No updates were requested. Fields 'status' or 'forced_down' should be specified.");
      if (reason !== undefined && status !== 'disabled')
        throw badRequest("Specifying 'disabled_reason' when status is not 'disabled' is invalid.");
      await services.changeService(
        deps.db.query,
        service.num,
        {
          ...(status !== undefined && { disabled: status === 'disabled', disabledReason: reason ?? null }),
          ...(down !== undefined && { forcedDown: flagValue(down) }),
        },
        isoMicros(deps.clock.now()),
      );
      const changed = await services.findService(deps.db.query, params.id);
      return { service: await showService(deps, changed ?? service, version) };
    },
  }),
  route({
    id: 'services.delete',
    summary: 'Forget a daemon',
    method: 'DELETE',
    path: '/os-services/:id',
    policy: 'os_compute_api:os-services:delete',
    status: 204,
    params: IdParams,
    handle: async (deps, { params, version }) => {
      const service = await findService(deps, params.id, version);
      if (service.binary === 'nova-compute' && (await serversOfHosts(deps.db.query, [service.host])).length > 0)
        throw conflict(
          'Unable to delete compute service that is hosting instances. Migrate or delete the instances first.',
        );
      await deps.db.transaction((trx) => services.deleteService(trx, service));
      return undefined;
    },
  }),
];
