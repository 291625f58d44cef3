import { Type } from '@sinclair/typebox';
import { badRequest, notFound } from '#common/api/errors.ts';
import { routesFor } from '#common/api/route.ts';
import { isoMicros } from '#common/clock.ts';
import { IdParams } from '../api/schemas.ts';
import { notImplemented, unsupported } from '../api/removed.ts';
import type { HostDeps } from './deps.ts';
import { changeService, listServices, type Service } from './services-rows.ts';

const route = routesFor<HostDeps>();
/** Hosts are gone from 2.43 on. */
const versions = { max: '2.42' } as const;
const Switch = Type.Unsafe<string>({
  type: 'string',
  pattern: '^\\s*([Ee][Nn][Aa][Bb][Ll][Ee]|[Dd][Ii][Ss][Aa][Bb][Ll][Ee])\\s*$',
});

/** A host is one with a nova-compute. @throws ApiError 404 */
async function computeOf(deps: HostDeps, host: string): Promise<Service> {
  const [service] = await listServices(deps.db.query, { binary: 'nova-compute', host });
  if (!service) throw notFound(`Compute host ${host} could not be found.`);
  return service;
}

/** Icehouse names each wrong key and value by itself. @throws ApiError 400 */
function checkOld(body: Readonly<Record<string, unknown>>): void {
  for (const [raw, value] of Object.entries(body)) {
    const key = raw.toLowerCase().trim();
    const text = String(value).toLowerCase().trim();
    if (key !== 'status' && key !== 'maintenance_mode') throw badRequest(`Invalid update setting: '${raw}'`);
    if (text !== 'enable' && text !== 'disable')
      throw badRequest(key === 'status' ? `Invalid status: '${text}'` : `Invalid mode: '${text}'`);
  }
  if (Object.keys(body).length === 0) throw badRequest("Invalid update setting: 'none'");
}

async function update(deps: HostDeps, host: string, body: Readonly<Record<string, unknown>>, api: string) {
  const service = await computeOf(deps, host);
  const asked = Object.fromEntries(
    Object.entries(body).map(([key, value]) => [key.toLowerCase().trim(), String(value).toLowerCase().trim()]),
  );
  // No driver of ours moves guests away by itself; nothing is changed by half.
  if (asked['maintenance_mode'] !== undefined)
    throw api === 'v2' ? notImplemented('Virt driver does not implement host maintenance mode.') : unsupported();
  const disabled = asked['status'] === 'disable';
  await changeService(
    deps.db.query,
    service.num,
    { disabled, disabledReason: disabled ? 'Disabled by os-hosts' : null },
    isoMicros(deps.clock.now()),
  );
  return { host, status: disabled ? 'disabled' : 'enabled' };
}

const power = (action: 'reboot' | 'startup' | 'shutdown') =>
  route({
    id: `hosts.${action}`,
    summary: `Host power: ${action}`,
    method: 'GET',
    path: `/os-hosts/:id/${action}`,
    versions,
    policy: `os_compute_api:os-hosts:${action}`,
    status: 200,
    params: IdParams,
    handle: async (deps, { params, api }) => {
      await computeOf(deps, params.id);
      throw api === 'v2' ? notImplemented('Virt driver does not implement host power management.') : unsupported();
    },
  });

/** `nova host-update` and `nova host-action`. */
export const hostPowerRoutes = [
  route({
    id: 'hosts.update',
    summary: 'Let a host take servers, or not',
    method: 'PUT',
    path: '/os-hosts/:id',
    versions: { ...versions, apis: ['v2.1'] },
    policy: 'os_compute_api:os-hosts:update',
    status: 200,
    params: IdParams,
    body: Type.Object(
      { status: Type.Optional(Switch), maintenance_mode: Type.Optional(Switch) },
      { additionalProperties: false, minProperties: 1 },
    ),
    handle: (deps, { params, body, api }) => update(deps, params.id, body, api),
  }),
  route({
    id: 'hosts.update',
    summary: 'Let a host take servers, or not',
    method: 'PUT',
    path: '/os-hosts/:id',
    versions: { apis: ['v2'] },
    policy: 'os_compute_api:os-hosts:update',
    status: 200,
    params: IdParams,
    body: Type.Record(Type.String(), Type.Unknown()),
    handle: (deps, { params, body, api }) => {
      checkOld(body);
      return update(deps, params.id, body, api);
    },
  }),
  power('reboot'),
  power('startup'),
  power('shutdown'),
];
