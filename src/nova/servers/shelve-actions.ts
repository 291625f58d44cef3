import { Type } from '@sinclair/typebox';
import { badRequest, conflict } from '#common/api/errors.ts';
import { nullable, strict } from '../api/schemas.ts';
import { usableZones } from '../hosts/zones-routes.ts';
import { imageOfServer } from './snapshot-image.ts';
import { action, Nothing, started, type ActionCall } from './server-action.ts';
import type { ServerService } from './service.ts';
import { statusOf } from './states.ts';

async function shelve(servers: ServerService, { ctx, params }: ActionCall): Promise<undefined> {
  const server = await servers.allowed(ctx, params.id, 'shelve');
  // A server that boots from a volume has its disk there.
  if (server.imageId === null) return started(servers.begin(ctx, params.id, 'shelve', 'server.shelve', {}));
  const image = imageOfServer(servers, ctx, server, `${server.name}-shelved`, { image_type: 'snapshot' });
  await image.makeAround(() =>
    servers.prepare(ctx, params.id, 'shelve', 'server.shelve', { imageId: image.id, format: image.format }),
  );
  return undefined;
}

interface Unshelve {
  readonly availability_zone?: string | null;
  readonly host?: string;
}

async function unshelve(
  servers: ServerService,
  { ctx, params }: ActionCall,
  input: Unshelve | null,
): Promise<undefined> {
  const server = await servers.allowed(ctx, params.id, 'unshelve');
  const { availability_zone: zone, host } = input ?? {};
  if ((zone !== undefined || host !== undefined) && server.vmState !== 'shelved_offloaded')
    throw conflict(
      `Specifying an availability zone or a host when unshelving server "${server.id}" with status "${statusOf(server)}" is not supported. The server status must be SHELVED_OFFLOADED.`,
    );
  if (typeof zone === 'string' && !(await usableZones(servers.deps)).has(zone))
    throw badRequest('The requested availability zone is not available');
  const wanted = zone === undefined ? server.availabilityZone : zone;
  if (host !== undefined) {
    servers.authorize(ctx, 'os_compute_api:os-shelve:unshelve_to_host');
    const services = await servers.deps.directory.services();
    if (!services.some((service) => service.binary === 'nova-compute' && service.host === host))
      throw badRequest(`Compute host ${host} could not be found.`);
    if (wanted !== null && (await servers.deps.directory.zones())(host) !== wanted)
      throw conflict(`Host "${host}" is not in the availability zone "${wanted}".`);
  }
  return started(
    servers.begin(ctx, params.id, 'unshelve', 'server.unshelve', { host: host ?? null }, async () =>
      zone === undefined ? {} : { availability_zone: zone },
    ),
  );
}

const Host = Type.String({ minLength: 1, maxLength: 255 });
const unshelving = { name: 'unshelve', policy: 'os_compute_api:os-shelve:unshelve' } as const;

export const shelveActions = [
  action({ name: 'shelve', policy: 'os_compute_api:os-shelve:shelve', input: Nothing, run: shelve }),
  action({
    name: 'shelveOffload',
    policy: 'os_compute_api:os-shelve:shelve_offload',
    input: Nothing,
    run: (servers, { ctx, params }) =>
      started(servers.begin(ctx, params.id, 'shelveOffload', 'server.shelve_offload', {})),
  }),
  action({ ...unshelving, max: '2.76', input: Nothing, run: (servers, call) => unshelve(servers, call, null) }),
  action({
    ...unshelving,
    min: '2.77',
    max: '2.90',
    input: nullable(strict({ availability_zone: Type.String({ minLength: 1, maxLength: 255 }) })),
    run: unshelve,
  }),
  action({
    ...unshelving,
    min: '2.91',
    input: nullable(
      Type.Object(
        { availability_zone: Type.Optional(nullable(Type.String())), host: Type.Optional(Host) },
        { additionalProperties: false, minProperties: 1 },
      ),
    ),
    run: unshelve,
  }),
];
