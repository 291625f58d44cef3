import { useQuery } from '@tanstack/react-query';
import { volumeAttachments, type VolumeAttachment } from '#api/compute/server-volumes.ts';
import type { Server } from '#api/compute/servers.ts';
import { useList } from '#api/resource.ts';
import { useSignedIn } from '#api/session.ts';
import { volumes, type Volume } from '#api/volume/volumes.ts';

/** A volume that a server has, with what Cinder knows of it. */
export interface ServerVolume {
  readonly attachment: VolumeAttachment;
  readonly volume: Volume | null;
  readonly name: string;
  /** The server starts from it. */
  readonly root: boolean;
}

/** The volumes of a server; read again when an event names it, or when it has others. */
export function useServerVolumes(server: Server): {
  readonly data: readonly ServerVolume[] | undefined;
  readonly error: unknown;
} {
  const { services, project } = useSignedIn();
  const ids = server['os-extended-volumes:volumes_attached'].map(({ id }) => id).join();
  const { data, error } = useQuery({
    queryKey: ['server', 'part', server.id, 'volumes', ids],
    queryFn: ({ signal }) => volumeAttachments(server.id, signal),
    enabled: services.volume !== undefined,
  });
  const { data: known = [] } = useList(volumes, {
    all: project.id !== server.tenant_id,
    enabled: services.volume !== undefined && ids !== '',
  });
  const rootDevice = server.image === '' ? data?.map((one) => one.device ?? '').toSorted()[0] : undefined;
  return {
    error,
    data: data?.map((attachment) => {
      const volume = known.find(({ id }) => id === attachment.volumeId) ?? null;
      return {
        attachment,
        volume,
        name: volume?.name || attachment.volumeId,
        root: rootDevice !== undefined && attachment.device === rootDevice,
      };
    }),
  };
}
