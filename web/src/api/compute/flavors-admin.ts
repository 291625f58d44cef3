import { request } from '../client.ts';
import { isNotFound } from '../fault.ts';
import type { Flavor } from './flavors.ts';

export interface NewFlavor {
  readonly name: string;
  /** `auto`: a UUID. */
  readonly id: string;
  readonly vcpus: number;
  /** MiB */
  readonly ram: number;
  /** GiB */
  readonly disk: number;
  /** GiB */
  readonly 'OS-FLV-EXT-DATA:ephemeral': number;
  /** MiB */
  readonly swap: number;
  readonly 'os-flavor-access:is_public': boolean;
  readonly description: string | null;
}

const path = (id: string, rest = ''): string => `/flavors/${encodeURIComponent(id)}${rest}`;

export const createFlavor = async (flavor: NewFlavor): Promise<Flavor> =>
  (await request<{ flavor: Flavor }>('compute', '/flavors', { method: 'POST', body: { flavor } })).flavor;

/** The only attribute that can be changed. */
export const describeFlavor = (id: string, description: string | null): Promise<void> =>
  request('compute', path(id), { method: 'PUT', body: { flavor: { description } } });

/** Instances keep what they have. */
export const deleteFlavor = (id: string): Promise<void> => request('compute', path(id), { method: 'DELETE' });

export const setExtraSpecs = (id: string, specs: Readonly<Record<string, string>>): Promise<void> =>
  request('compute', path(id, '/os-extra_specs'), { method: 'POST', body: { extra_specs: specs } });

/** One that is not there any more is no error. */
export const removeExtraSpec = (id: string, key: string): Promise<void> =>
  request('compute', path(id, `/os-extra_specs/${encodeURIComponent(key)}`), { method: 'DELETE' }).catch(ignoreMissing);

function ignoreMissing(error: unknown): void {
  if (!isNotFound(error)) throw error;
}

/** The projects that may use a private flavor. */
export async function flavorAccess(id: string, signal?: AbortSignal): Promise<readonly string[]> {
  const body = await request<{ flavor_access: { tenant_id: string }[] }>('compute', path(id, '/os-flavor-access'), {
    signal,
  });
  return body.flavor_access.map(({ tenant_id }) => tenant_id);
}

export const allowProject = (id: string, project: string): Promise<void> =>
  request('compute', path(id, '/action'), { method: 'POST', body: { addTenantAccess: { tenant: project } } });

export const forbidProject = (id: string, project: string): Promise<void> =>
  request('compute', path(id, '/action'), { method: 'POST', body: { removeTenantAccess: { tenant: project } } });
