import { request } from '../client.ts';

/** What a filter said of a host. Tenants read `host 1` for its name. */
export interface HostVerdict {
  readonly host: string;
  readonly passed?: boolean;
  readonly filter: string | null;
  readonly reason: string | null;
}

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
