import { request } from '../client.ts';
import { sessionNow } from '../session.ts';

/** One call to Neutron, as forms show it before they make it. */
export interface NetworkCall {
  readonly method: 'POST' | 'PUT' | 'DELETE';
  readonly url: string;
  readonly body?: unknown;
}

/** How things of one kind are made, changed and deleted. All throw ApiFault. */
export interface Writes<T, New, Change> {
  create(item: New): Promise<T>;
  update(id: string, change: Change): Promise<T>;
  remove(id: string): Promise<void>;
  createCall(item: New): NetworkCall;
  updateCall(id: string, change: Change): NetworkCall;
}

/** Where the cloud's Networking API is, for the calls that forms show. */
export const networkUrl = (path: string): string => {
  const session = sessionNow();
  return `${(session?.signedIn ? session.services.network?.url : undefined) ?? ''}${path}`;
};

export function writes<T, New, Change>(singular: string, plural: string): Writes<T, New, Change> {
  const path = (id?: string): string => (id === undefined ? `/${plural}` : `/${plural}/${id}`);
  return {
    create: async (item) =>
      (await request<Record<string, T>>('network', path(), { method: 'POST', body: { [singular]: item } }))[
        singular
      ] as T,
    update: async (id, change) =>
      (await request<Record<string, T>>('network', path(id), { method: 'PUT', body: { [singular]: change } }))[
        singular
      ] as T,
    remove: (id) => request('network', path(id), { method: 'DELETE' }),
    createCall: (item) => ({ method: 'POST', url: networkUrl(path()), body: { [singular]: item } }),
    updateCall: (id, change) => ({ method: 'PUT', url: networkUrl(path(id)), body: { [singular]: change } }),
  };
}
