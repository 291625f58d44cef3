import { Type } from '@sinclair/typebox';
import { badRequest, notFound } from '#common/api/errors.ts';
import { routesFor, type Call } from '#common/api/route.ts';
import type { Kit } from '../api/kit.ts';
import { one } from '../api/paging.ts';
import { AnyQuery } from '../api/schemas.ts';
import { changeService, listServices, type Service } from './rows.ts';

const route = routesFor<Kit>();

function view(kit: Kit, service: Service, { version, api }: Call<unknown, unknown, unknown>) {
  const up = kit.directory.isUp(service);
  const backend = service.binary === 'cinder-volume' && api !== 'v1';
  return {
    binary: service.binary,
    host: service.host,
    zone: service.availabilityZone,
    status: service.disabled ? 'disabled' : 'enabled',
    state: up ? 'up' : 'down',
    updated_at: service.lastSeen,
    ...(backend && version.atLeast('3.49') && { backend_state: up && service.report ? 'up' : 'down' }),
    ...(version.atLeast('3.7') && { cluster: null }),
    disabled_reason: service.disabledReason,
    ...(backend && { replication_status: 'disabled', active_backend_id: null, frozen: service.frozen }),
  };
}

/** `stor1` finds `stor1` and its back ends `stor1@lvm`. */
export const isOfHost = (service: Service, host: string): boolean =>
  service.host === host || service.host.startsWith(`${host}@`);

/** @throws ApiError 404 */
function found(services: readonly Service[], binary: string, host: string): readonly Service[] {
  if (services.length === 0) throw notFound(`Service ${binary} could not be found on host ${host}.`);
  return services;
}

const Which = {
  host: Type.String({ minLength: 1, maxLength: 255 }),
  binary: Type.Optional(Type.String({ minLength: 1, maxLength: 255 })),
  service: Type.Optional(Type.String({ maxLength: 255 })),
};

async function turn(
  kit: Kit,
  asked: { readonly host: string; readonly binary?: string | undefined; readonly service?: string | undefined },
  disabled: boolean,
  reason: string | null,
) {
  const binary = asked.binary ?? asked.service;
  if (binary === undefined) throw badRequest('Missing required element host or binary in request body.');
  const services = found(await listServices(kit.db.query, { host: asked.host, binary }), binary, asked.host);
  for (const { num } of services)
    await changeService(kit.db.query, num, { disabled, disabledReason: reason }, kit.now());
  return {
    host: asked.host,
    service: asked.service ?? '',
    disabled,
    binary: asked.binary ?? '',
    status: disabled ? 'disabled' : 'enabled',
  };
}

const freezing = (what: 'freeze' | 'thaw') =>
  route({
    id: `services.${what}`,
    summary: what === 'freeze' ? 'Keep a back end from making and deleting' : 'End that',
    method: 'PUT',
    path: `/os-services/${what}`,
    policy: `volume:${what}_host`,
    status: 200,
    body: Type.Object({ host: Type.String({ minLength: 1, maxLength: 255 }) }),
    handle: async (kit, call) => {
      const { host } = call.body;
      const services = await listServices(kit.db.query, { host, binary: 'cinder-volume' });
      if (services.length === 0) throw badRequest(`Service cinder-volume could not be found on host ${host}.`);
      for (const { num } of services) await changeService(kit.db.query, num, { frozen: what === 'freeze' }, kit.now());
      return undefined;
    },
  });

export const serviceRoutes = [
  route({
    id: 'services.list',
    summary: 'List the daemons of Cinder',
    method: 'GET',
    path: '/os-services',
    policy: 'volume_extension:services:index',
    status: 200,
    query: AnyQuery,
    handle: async (kit, call) => {
      const host = one(call.query['host']);
      const binary = one(call.query['binary']) ?? one(call.query['service']);
      const services = (await listServices(kit.db.query, { binary })).filter(
        (service) => host === undefined || isOfHost(service, host),
      );
      return { services: services.map((service) => view(kit, service, call)) };
    },
  }),
  route({
    id: 'services.enable',
    summary: 'Let a daemon take new work',
    method: 'PUT',
    path: '/os-services/enable',
    policy: 'volume_extension:services:update',
    status: 200,
    body: Type.Object(Which),
    handle: async (kit, { body }) => ({ ...(await turn(kit, body, false, null)), disabled_reason: null }),
  }),
  route({
    id: 'services.disable',
    summary: 'Give a daemon no new work',
    method: 'PUT',
    path: '/os-services/disable',
    policy: 'volume_extension:services:update',
    status: 200,
    body: Type.Object(Which),
    handle: (kit, { body }) => turn(kit, body, true, null),
  }),
  route({
    id: 'services.disable_reason',
    summary: 'Give a daemon no new work, and say why',
    method: 'PUT',
    path: '/os-services/disable-log-reason',
    policy: 'volume_extension:services:update',
    status: 200,
    body: Type.Object({ ...Which, disabled_reason: Type.String({ minLength: 1, maxLength: 255, pattern: '\\S' }) }),
    handle: async (kit, { body }) => ({
      ...(await turn(kit, body, true, body.disabled_reason)),
      disabled_reason: body.disabled_reason,
    }),
  }),
  freezing('freeze'),
  freezing('thaw'),
];
