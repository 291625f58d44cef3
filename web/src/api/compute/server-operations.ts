import { request } from '../client.ts';

/** What a filter said of a host. Tenants read `host 1` for its name. */
export interface HostVerdict {
  readonly host: string;
  readonly passed?: boolean;
  readonly filter: string | null;
  readonly reason: string | null;
}

/** Something that was done to a server, of Igloo's own journal (`os-operations`). */
export interface ServerOperation {
  readonly id: string;
  readonly action: string;
  readonly resource_id: string;
  readonly project_id: string | null;
  readonly user_id: string | null;
  readonly request_id: string;
  readonly status: 'pending' | 'running' | 'undoing' | 'succeeded' | 'failed';
  readonly step: string | null;
  readonly progress: { readonly done: number; readonly total: number | null };
  readonly started_at: string;
  readonly finished_at: string | null;
  readonly failure: {
    readonly step: string;
    readonly code: number;
    readonly message: string;
    readonly details: unknown;
  } | null;
}

/** A server's latest operations, newest first. Administrators read those of every project. @throws ApiFault */
export const serverOperations = async (
  serverId: string,
  allProjects: boolean,
  signal?: AbortSignal,
  limit = 50,
): Promise<readonly ServerOperation[]> =>
  (
    await request<{ operations: ServerOperation[] }>(
      'compute',
      `/os-operations?resource_id=${serverId}&limit=${limit}${allProjects ? '&all_projects=1' : ''}`,
      { signal },
    )
  ).operations;

/** One action of a server as Nova tells it: what every client can read. */
export interface InstanceAction {
  readonly action: string;
  readonly request_id: string;
  readonly user_id: string | null;
  readonly start_time: string;
  readonly updated_at?: string;
  /** `Error` when it failed. */
  readonly message: string | null;
  readonly events?: readonly InstanceActionEvent[];
}
export interface InstanceActionEvent {
  readonly event: string;
  readonly start_time: string;
  readonly finish_time: string | null;
  readonly result: 'Success' | 'Error' | null;
  /** Why it failed. */
  readonly details?: string | null;
  /** Administrators only. */
  readonly host?: string | null;
  readonly traceback?: string | null;
}

/** Newest first. @throws ApiFault */
export const instanceActions = async (serverId: string, signal?: AbortSignal): Promise<readonly InstanceAction[]> =>
  (
    await request<{ instanceActions: InstanceAction[] }>('compute', `/servers/${serverId}/os-instance-actions`, {
      signal,
    })
  ).instanceActions;

/** With its events. @throws ApiFault */
export const instanceAction = async (
  serverId: string,
  requestId: string,
  signal?: AbortSignal,
): Promise<InstanceAction> =>
  (
    await request<{ instanceAction: InstanceAction }>(
      'compute',
      `/servers/${serverId}/os-instance-actions/${encodeURIComponent(requestId)}`,
      { signal },
    )
  ).instanceAction;
