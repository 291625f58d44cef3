import type { Flavor } from '#api/compute/flavors.ts';
import type { Keypair } from '#api/compute/keypairs.ts';
import type { FlavorFit } from '#api/compute/launch.ts';
import type { Image } from '#api/image/images.ts';
import type { Network, SecurityGroup } from '#api/network/networks.ts';
import type { Snapshot, Volume } from '#api/volume/volumes.ts';
import type { LaunchForm, NetworkChoice } from './form.ts';

/** What can be chosen from; undefined: not known yet. */
export interface Offer {
  readonly images: readonly Image[] | undefined;
  readonly volumes: readonly Volume[] | undefined;
  readonly snapshots: readonly Snapshot[] | undefined;
  readonly flavors: readonly Flavor[] | undefined;
  /** Those on which a guest can be. */
  readonly networks: readonly Network[] | undefined;
  readonly securityGroups: readonly SecurityGroup[] | undefined;
  readonly keypairs: readonly Keypair[] | undefined;
  /** Made of by the last launch in this browser. */
  readonly last: { readonly imageId?: string; readonly keyName?: string };
}

/** The form with the defaults of the moment in place of what was not chosen. */
export interface Choices {
  readonly image: Image | null;
  readonly volume: Volume | null;
  readonly snapshot: Snapshot | null;
  /** GiB of a new volume. */
  readonly volumeSize: number | null;
  readonly networks: readonly NetworkChoice[];
  readonly securityGroups: readonly SecurityGroup[];
  readonly keyName: string;
}

const GIB = 1024 ** 3;

/** GiB that an image needs, as Nova reckons it. */
export const diskNeeded = (image: Image): number =>
  Math.max(image.min_disk, Math.ceil(Math.max(image.size ?? 0, image.virtual_size ?? 0) / GIB));

/** Images that a server can be made of: kernels and ramdisks go with others. */
export const bootable = (image: Image): boolean =>
  image.status === 'active' && !image.os_hidden && !['aki', 'ari'].includes(image.container_format ?? '');

export const bootableVolume = (volume: Volume): boolean => volume.bootable === 'true' && volume.status === 'available';

const byId = <T extends { readonly id: string }>(items: readonly T[] | undefined, id: string | null): T | null =>
  items?.find((one) => one.id === id) ?? null;
const only = <T>(items: readonly T[] | undefined): T | null => (items?.length === 1 ? (items[0] ?? null) : null);

/** So that a first server takes a name and one press. */
export function choose(form: LaunchForm, offer: Offer, ownProject: string): Choices {
  const image =
    form.imageId !== null
      ? byId(offer.images, form.imageId)
      : (byId(offer.images, offer.last.imageId ?? null) ?? only(offer.images));
  const snapshot = form.snapshotId !== null ? byId(offer.snapshots, form.snapshotId) : only(offer.snapshots);
  return {
    image,
    volume: form.volumeId !== null ? byId(offer.volumes, form.volumeId) : only(offer.volumes),
    snapshot,
    volumeSize: form.volumeSize ?? sizeFor(form, image, snapshot),
    networks: form.networks ?? defaultNetworks(offer.networks, ownProject),
    securityGroups:
      form.securityGroups !== null
        ? (offer.securityGroups ?? []).filter(({ id }) => form.securityGroups?.includes(id))
        : (offer.securityGroups ?? []).filter(({ name, tenant_id }) => name === 'default' && tenant_id === ownProject),
    keyName: form.keyName ?? defaultKey(offer),
  };
}

function sizeFor(form: LaunchForm, image: Image | null, snapshot: Snapshot | null): number | null {
  if (form.source === 'snapshot') return snapshot?.size ?? null;
  return image ? Math.max(1, diskNeeded(image)) : null;
}

/** The only network; else the only one of the project's own. */
function defaultNetworks(networks: readonly Network[] | undefined, ownProject: string): readonly NetworkChoice[] {
  const network = only(networks) ?? only(networks?.filter(({ tenant_id }) => tenant_id === ownProject));
  return network ? [{ kind: 'network', id: network.id, fixedIp: '' }] : [];
}

function defaultKey({ keypairs, last }: Offer): string {
  const names = keypairs?.map(({ name }) => name) ?? [];
  if (last.keyName !== undefined && names.includes(last.keyName)) return last.keyName;
  return only(names) ?? '';
}

/** From small to large. */
export const bySize = (a: Flavor, b: Flavor): number =>
  a.ram - b.ram || a.vcpus - b.vcpus || a.disk - b.disk || a.name.localeCompare(b.name);

/** The chosen flavor; unless chosen, the smallest that fits (or the smallest, when none does). */
export function chooseFlavor(
  form: LaunchForm,
  flavors: readonly Flavor[] | undefined,
  fits: ReadonlyMap<string, FlavorFit>,
): Flavor | null {
  if (form.flavorId !== null) return byId(flavors, form.flavorId);
  const sorted = flavors?.toSorted(bySize) ?? [];
  return sorted.find(({ id }) => fits.get(id)?.fits) ?? sorted[0] ?? null;
}
