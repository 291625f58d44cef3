import type { Server } from '#api/compute/servers.ts';
import { images } from '#api/image/images.ts';
import { useList } from '#api/resource.ts';
import { useSignedIn } from '#api/session.ts';
import { volumes } from '#api/volume/volumes.ts';

/** The image that a server was made from; of one that boots from a volume, the volume's. */
export function useServerImage(server: Server): { readonly id: string; readonly name: string | null } | null {
  const { services } = useSignedIn();
  const { data: known = [] } = useList(images);
  const ids = new Set(server['os-extended-volumes:volumes_attached'].map(({ id }) => id));
  const ofVolume = server.image === '' && services.volume !== undefined;
  const { data: some = [] } = useList(volumes, { enabled: ofVolume });
  if (server.image !== '') {
    const { id } = server.image;
    return { id, name: known.find((one) => one.id === id)?.name ?? null };
  }
  const made = some.find(({ id, bootable }) => ids.has(id) && bootable === 'true')?.volume_image_metadata;
  const id = made?.['image_id'];
  return id === undefined ? null : { id, name: made?.['image_name'] ?? null };
}
