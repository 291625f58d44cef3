import { send, request } from '../client.ts';
import type { Server } from './servers.ts';

/** What was asked for: its request id names it in the journal of operations. */
export interface Begun {
  readonly requestId: string | null;
}

const requestIdOf = ({ headers }: Response): string | null =>
  headers.get('x-openstack-request-id') ?? headers.get('x-compute-request-id');

async function begin(path: string, method: 'POST' | 'DELETE', body?: unknown): Promise<Begun> {
  const answer = await send('compute', path, { method, ...(body !== undefined && { body }) });
  return { requestId: requestIdOf(answer) };
}

/** `POST /servers/{id}/action`, not waiting for its end. @throws ApiFault */
export const act = (id: string, action: Readonly<Record<string, unknown>>): Promise<Begun> =>
  begin(`/servers/${id}/action`, 'POST', action);

/** Bodies of the actions that say no more than what is to be done. */
export const simpleActions = {
  start: { 'os-start': null },
  stop: { 'os-stop': null },
  rebootSoft: { reboot: { type: 'SOFT' } },
  rebootHard: { reboot: { type: 'HARD' } },
  pause: { pause: null },
  unpause: { unpause: null },
  suspend: { suspend: null },
  resume: { resume: null },
  shelve: { shelve: null },
  shelveOffload: { shelveOffload: null },
  unshelve: { unshelve: null },
  unrescue: { unrescue: null },
  confirmResize: { confirmResize: null },
  revertResize: { revertResize: null },
  unlock: { unlock: null },
  restore: { restore: null },
  forceDelete: { forceDelete: null },
} as const satisfies Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** Deletes it; where servers are kept for a while (`reclaim_instance_interval`), it can be restored. @throws ApiFault */
export const removeServer = (id: string): Promise<Begun> => begin(`/servers/${id}`, 'DELETE');

/** Name and description. @throws ApiFault */
export const updateServer = async (
  id: string,
  change: { readonly name?: string; readonly description?: string | null },
): Promise<Server> =>
  (await request<{ server: Server }>('compute', `/servers/${id}`, { method: 'PUT', body: { server: change } })).server;

/** All metadata, in place of what there was. @throws ApiFault */
export const replaceMetadata = (id: string, metadata: Readonly<Record<string, string>>): Promise<void> =>
  request('compute', `/servers/${id}/metadata`, { method: 'PUT', body: { metadata } });

/** All tags, in place of what there was. @throws ApiFault */
export const replaceTags = (id: string, tags: readonly string[]): Promise<void> =>
  request('compute', `/servers/${id}/tags`, { method: 'PUT', body: { tags } });

/** Starts from a system that repairs it. @returns the password of that system's first user @throws ApiFault */
export const rescueServer = (id: string, imageId: string | null): Promise<{ readonly adminPass: string } & Begun> =>
  answered(id, { rescue: imageId === null ? null : { rescue_image_ref: imageId } });

/** Makes its disk anew from an image. @returns the new system's password @throws ApiFault */
export const rebuildServer = async (
  id: string,
  rebuild: Readonly<Record<string, unknown>>,
): Promise<{ readonly adminPass: string | undefined } & Begun> => {
  const { server, requestId } = await answered<{ server: { adminPass?: string } }>(id, { rebuild });
  return { adminPass: server.adminPass, requestId };
};

/** Makes an image of its disk, or of its volumes. @throws ApiFault */
export const createServerImage = (
  id: string,
  name: string,
  metadata: Readonly<Record<string, string>>,
): Promise<{ readonly image_id: string } & Begun> => answered(id, { createImage: { name, metadata } });

async function answered<T>(id: string, body: unknown): Promise<T & Begun> {
  const answer = await send('compute', `/servers/${id}/action`, { method: 'POST', body });
  return { ...((await answer.json()) as T), requestId: requestIdOf(answer) };
}

export { begin as beginRequest };
