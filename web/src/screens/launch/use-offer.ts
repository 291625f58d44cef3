import { useMemo } from 'react';
import { flavors } from '#api/compute/flavors.ts';
import { keypairs } from '#api/compute/keypairs.ts';
import { images } from '#api/image/images.ts';
import { networks, ports, securityGroups, subnets, type Port, type Subnet } from '#api/network/networks.ts';
import { useList, useOne } from '#api/resource.ts';
import { useSignedIn } from '#api/session.ts';
import { snapshots, volumes } from '#api/volume/volumes.ts';
import { bootable, bootableVolume, bySize, type Offer } from './choices.ts';
import { remembered } from './remembered.ts';

export interface FullOffer extends Offer {
  readonly subnets: readonly Subnet[];
  /** That no instance has. */
  readonly freePorts: readonly Port[];
  /** The first list that could not be read. */
  readonly error: unknown;
}

/** All that a launch can be made of. @param linked an image that a link named: it may be in no list */
export function useOffer(linked: string | null): FullOffer {
  const project = useSignedIn().project.id;
  const all = {
    images: useList(images),
    flavors: useList(flavors),
    networks: useList(networks),
    subnets: useList(subnets),
    ports: useList(ports),
    securityGroups: useList(securityGroups),
    keypairs: useList(keypairs),
    volumes: useList(volumes),
    snapshots: useList(snapshots),
  };
  const listed = all.images.data;
  const missing = linked !== null && listed !== undefined && !listed.some(({ id }) => id === linked);
  const { data: other } = useOne(images, linked, { enabled: missing });
  const last = useMemo(() => remembered(project), [project]);
  const imagesOffered = useMemo(
    () => listed && [...listed, ...(missing && other ? [other] : [])].filter(bootable),
    [listed, missing, other],
  );
  return {
    images: imagesOffered,
    volumes: useMemo(() => all.volumes.data?.filter(bootableVolume), [all.volumes.data]),
    snapshots: useMemo(() => all.snapshots.data?.filter(({ status }) => status === 'available'), [all.snapshots.data]),
    flavors: useMemo(
      () => all.flavors.data?.filter((one) => !one['OS-FLV-DISABLED:disabled']).toSorted(bySize),
      [all.flavors.data],
    ),
    networks: useMemo(
      () => all.networks.data?.filter((one) => !one['router:external'] && one.subnets.length > 0),
      [all.networks.data],
    ),
    securityGroups: useMemo(
      () => all.securityGroups.data?.filter(({ tenant_id }) => tenant_id === project),
      [all.securityGroups.data, project],
    ),
    keypairs: all.keypairs.data,
    subnets: all.subnets.data ?? [],
    freePorts: useMemo(
      () => all.ports.data?.filter(({ device_id, tenant_id }) => device_id === '' && tenant_id === project) ?? [],
      [all.ports.data, project],
    ),
    last,
    error: Object.values(all).find(({ error, data }) => error !== null && data === undefined)?.error ?? null,
  };
}
