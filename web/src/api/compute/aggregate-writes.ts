import { request } from '../client.ts';
import type { Aggregate } from './hosts.ts';

const act = (id: string, action: Readonly<Record<string, unknown>>): Promise<void> =>
  request('compute', `/os-aggregates/${id}/action`, { method: 'POST', body: action });

/** What is done to host aggregates. Each @throws ApiFault: 409 for a taken name, or a host of another zone. */
export const aggregateWrites = {
  create: async (name: string, zone: string | null): Promise<Aggregate> =>
    (
      await request<{ aggregate: Aggregate }>('compute', '/os-aggregates', {
        method: 'POST',
        body: { aggregate: { name, availability_zone: zone } },
      })
    ).aggregate,
  /** A zone of null: in none of its own. */
  update: (id: string, change: { readonly name?: string; readonly availability_zone?: string | null }): Promise<void> =>
    request('compute', `/os-aggregates/${id}`, { method: 'PUT', body: { aggregate: change } }),
  /** Null removes an item. */
  setMetadata: (id: string, metadata: Readonly<Record<string, string | null>>): Promise<void> =>
    act(id, { set_metadata: { metadata } }),
  addHost: (id: string, host: string): Promise<void> => act(id, { add_host: { host } }),
  removeHost: (id: string, host: string): Promise<void> => act(id, { remove_host: { host } }),
  remove: (id: string): Promise<void> => request('compute', `/os-aggregates/${id}`, { method: 'DELETE' }),
};
