import type { CloudEvent } from '../../../src/events/event.ts';
import { request } from './client.ts';

export type { CloudEvent, ResourceKind } from '../../../src/events/event.ts';

/**
 * The last events of every project, newest first: what the event daemon still knows. Administrators only.
 * @param before the id of the last one known: those before it
 * @throws ApiFault
 */
export const eventHistory = async (
  { limit, before }: { readonly limit: number; readonly before?: string | undefined },
  signal?: AbortSignal,
): Promise<readonly CloudEvent[]> =>
  (
    await request<{ events: CloudEvent[] }>(
      'event',
      `/events?limit=${limit}&all_projects=1${before === undefined ? '' : `&before=${before}`}`,
      { signal },
    )
  ).events;
