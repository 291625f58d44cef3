import { request, whole } from '../client.ts';
import type { Resource } from '../resource.ts';

export interface Flavor {
  readonly id: string;
  readonly name: string;
  readonly description: string | null;
  readonly vcpus: number;
  /** MiB */
  readonly ram: number;
  /** GiB */
  readonly disk: number;
  readonly 'OS-FLV-EXT-DATA:ephemeral': number;
  /** MiB */
  readonly swap: number | '';
  readonly rxtx_factor?: number;
  readonly 'os-flavor-access:is_public': boolean;
  readonly 'OS-FLV-DISABLED:disabled': boolean;
  readonly extra_specs?: Readonly<Record<string, string>>;
}

/** All: also those that are not public (administrators). */
export const flavors: Resource<Flavor> = {
  kind: 'flavor',
  service: 'compute',
  list: ({ all }, signal) =>
    whole<Flavor>(
      'compute',
      `/flavors/detail${all ? '?is_public=None' : ''}`,
      (body: { flavors: Flavor[] }) => body.flavors,
      signal,
    ),
  get: async (id, signal) => (await request<{ flavor: Flavor }>('compute', `/flavors/${id}`, { signal })).flavor,
};
