export const taskStatuses = ['pending', 'processing', 'success', 'failure'] as const;
export type TaskStatus = (typeof taskStatuses)[number];

/** `api_image_import` is what an import of an image shows as; `import` is what administrators ask for. */
export const taskTypes = ['import', 'api_image_import'] as const;
export type TaskType = (typeof taskTypes)[number];

/** Work of glance-api that takes longer than a request. */
export interface Task {
  readonly id: string;
  readonly type: TaskType;
  readonly status: TaskStatus;
  /** Project. */
  readonly owner: string;
  readonly imageId: string | null;
  readonly requestId: string | null;
  readonly userId: string | null;
  readonly input: Readonly<Record<string, unknown>>;
  readonly result: Readonly<Record<string, unknown>> | null;
  readonly message: string | null;
  /** `YYYY-MM-DDThh:mm:ss.ffffff`, as are the others; set when it has ended. */
  readonly expiresAt: string | null;
  readonly createdAt: string;
  readonly updatedAt: string;
}

export interface TaskQuery {
  readonly status?: TaskStatus | undefined;
  readonly type?: TaskType | undefined;
  readonly sort: { readonly column: TaskSortColumn; readonly direction: 'asc' | 'desc' };
  readonly marker?: string | undefined;
  readonly limit: number;
}

export const taskSortColumns = ['id', 'type', 'status', 'expires_at', 'created_at', 'updated_at'] as const;
export type TaskSortColumn = (typeof taskSortColumns)[number];
