import { Type } from '@sinclair/typebox';
import { badRequest, notFound } from '#common/api/errors.ts';
import { routesFor } from '#common/api/route.ts';
import { AnyQuery, strict } from '../api/schemas.ts';
import type { ServerService } from '../servers/service.ts';
import { devicesOfVolume } from './rows.ts';

const route = routesFor<ServerService>();
const Text = Type.String({ minLength: 1, maxLength: 255 });

/**
 * Snapshots that the hypervisor makes for drivers of file shares. Our Cinder makes its snapshots itself, and nobody asks for
 * these: who does is told why there is none.
 */
async function refuse(servers: ServerService, volumeId: string): Promise<never> {
  const [device] = await devicesOfVolume(servers.db.query, volumeId);
  if (!device) throw notFound(`No volume Block Device Mapping with id ${volumeId}.`);
  throw badRequest(
    `Invalid volume: snapshots of volume ${volumeId} are made by Cinder itself, not by the hypervisor of instance ${device.serverId}.`,
  );
}

export const assistedSnapshotRoutes = [
  route({
    id: 'assisted_volume_snapshots.create',
    summary: 'Let the hypervisor snapshot a volume (drivers of file shares)',
    method: 'POST',
    path: '/os-assisted-volume-snapshots',
    policy: 'os_compute_api:os-assisted-volume-snapshots:create',
    status: 200,
    body: strict({
      snapshot: strict({
        volume_id: Text,
        create_info: strict({
          snapshot_id: Text,
          type: Type.Unsafe<string>({ type: 'string', enum: ['qcow2'] }),
          new_file: Text,
          id: Type.Optional(Text),
        }),
      }),
    }),
    handle: (servers, { body }) => refuse(servers, body.snapshot.volume_id),
  }),
  route({
    id: 'assisted_volume_snapshots.delete',
    summary: 'Let the hypervisor remove such a snapshot',
    method: 'DELETE',
    path: '/os-assisted-volume-snapshots/:id',
    policy: 'os_compute_api:os-assisted-volume-snapshots:delete',
    status: 204,
    params: Type.Object({ id: Type.String() }),
    query: AnyQuery,
    handle: (servers, { query }) => {
      const info = query['delete_info'];
      let volumeId: unknown;
      try {
        volumeId = (JSON.parse(String(info)) as { volume_id?: unknown }).volume_id;
      } catch {
        throw badRequest('Could not parse the delete_info parameter: it is JSON.');
      }
      if (typeof volumeId !== 'string') throw badRequest("delete_info['volume_id'] is missing.");
      return refuse(servers, volumeId);
    },
  }),
];
