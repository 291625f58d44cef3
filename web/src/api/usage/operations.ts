import { request } from '../client.ts';

/** Long-running work, as Nova's and Cinder's journals tell it. */
export interface Operation {
  readonly id: string;
  readonly kind: string;
  readonly action: string;
  readonly resource_id: string;
  readonly resource_type: string;
  readonly resource_name: string | null;
  readonly project_id: string | null;
  readonly user_id: string | null;
  readonly request_id: string;
  readonly status: 'pending' | 'running' | 'undoing' | 'succeeded' | 'failed';
  readonly step: string | null;
  /** `total` is null before the first step. */
  readonly progress: { readonly done: number; readonly total: number | null };
  readonly started_at: string;
  readonly finished_at: string | null;
  readonly failure: {
    readonly step: string;
    readonly code: number;
    readonly message: string;
    readonly details?: unknown;
  } | null;
}
export interface OperationStep {
  readonly name: string;
  readonly status: string;
  readonly started_at: string;
  readonly finished_at: string | null;
  readonly message: string | null;
}
export type OperationService = 'compute' | 'volume';

/** The newest operations of a service. */
export async function operations(
  service: OperationService,
  {
    all = false,
    limit = 50,
    marker,
    resource,
    status,
    kind,
  }: {
    readonly all?: boolean;
    readonly limit?: number;
    readonly resource?: string;
    readonly marker?: string;
    /** `active`: those that have not ended. */
    readonly status?: Operation['status'] | 'active';
    readonly kind?: string;
  },
  signal?: AbortSignal,
): Promise<Operation[]> {
  const query = new URLSearchParams({
    limit: String(limit),
    ...(all && { all_projects: '1' }),
    ...(marker && { marker }),
    ...(resource && { resource_id: resource }),
    ...(status && { status }),
    ...(kind && { kind }),
  });
  return (await request<{ operations: Operation[] }>(service, `/os-operations?${query}`, { signal })).operations;
}

/** One with its steps. */
export async function operation(
  service: OperationService,
  id: string,
  signal?: AbortSignal,
): Promise<Operation & { readonly steps: readonly OperationStep[] }> {
  return (
    await request<{ operation: Operation & { readonly steps: readonly OperationStep[] } }>(
      service,
      `/os-operations/${id}`,
      {
        signal,
      },
    )
  ).operation;
}
