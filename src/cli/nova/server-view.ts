import { HttpError } from '../base/errors.ts';
import type { Item, NovaApi } from './api.ts';

type Addresses = Readonly<Record<string, readonly { readonly addr: string }[]>>;

export const powerStates = ['NOSTATE', 'Running', '', 'Paused', 'Shutdown', '', 'Crashed', 'Suspended'];

/** `net1=10.0.0.2, 172.16.0.5; net2=…` */
export function networksText(server: Item): string {
  return Object.entries((server['addresses'] ?? {}) as Addresses)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([network, addresses]) => `${network}=${addresses.map(({ addr }) => addr).join(', ')}`)
    .join('; ');
}

/** A flavor's or image's `name (id)`: the server only has the id. */
async function named(api: NovaApi, kind: 'flavor' | 'image', id: string): Promise<string> {
  try {
    const found = await api.call<Record<string, Item>>('GET', `/${kind}s/${encodeURIComponent(id)}`);
    return `${found[kind]?.name} (${id})`;
  } catch (error) {
    if (!(error instanceof HttpError) || error.status !== 404) throw error;
    return kind === 'image' ? `Image not found (${id})` : `Flavor not found (${id})`;
  }
}

/** The heading of a field: `task_state` is `Task State`, `OS-EXT-STS:vm_state` is `OS-EXT-STS: Vm State`. */
export function columnTitle(field: string): string {
  const colon = field.lastIndexOf(':');
  const name = field.slice(colon + 1).replaceAll('_', ' ');
  const isMixed = name !== name.toLowerCase() && name !== name.toUpperCase();
  const title = isMixed
    ? name
    : name.toLowerCase().replace(/[a-z]+/g, (word) => word.charAt(0).toUpperCase() + word.slice(1));
  return colon < 0 ? title : `${field.slice(0, colon)}: ${title}`;
}

/** Prints a server as `boot` and `show` do: one row per network, names beside ids. */
export async function printServer(api: NovaApi, server: Item, minimal = false): Promise<void> {
  const { addresses, links: _links, flavor, image, ...fields } = server;
  const row: Record<string, unknown> = { ...fields };
  for (const [network, list] of Object.entries((addresses ?? {}) as Addresses))
    row[`${network} network`] = list.map(({ addr }) => addr).join(', ');
  const flavorId = (flavor as { id?: string } | undefined)?.id;
  const imageId = (image as { id?: string } | '' | undefined) || undefined;
  if (flavorId !== undefined) row['flavor'] = minimal ? flavorId : await named(api, 'flavor', flavorId);
  row['image'] =
    imageId?.id === undefined
      ? 'Attempt to boot from volume - no image supplied'
      : minimal
        ? imageId.id
        : await named(api, 'image', imageId.id);
  const groups = fields['security_groups'];
  if (Array.isArray(groups)) row['security_groups'] = (groups as { name: string }[]).map(({ name }) => name).join(', ');
  api.printItem(row);
}
