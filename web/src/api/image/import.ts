import { request } from '../client.ts';

/** Work of Glance's on an image. */
export interface ImageTask {
  readonly id: string;
  readonly type: string;
  readonly status: 'pending' | 'processing' | 'success' | 'failure';
  readonly message: string;
  readonly created_at: string;
  readonly updated_at: string;
  readonly input?: Readonly<Record<string, unknown>>;
}

/** How data may be imported: `web-download` is what a URL needs. */
export async function importMethods(signal?: AbortSignal): Promise<readonly string[]> {
  const body = await request<{ 'import-methods': { value: string[] } }>('image', '/info/import', { signal });
  return body['import-methods'].value;
}

/** Has a queued image filled from a URL; the image becomes active, or queued again with the reason in its task. */
export const importFromUrl = (id: string, url: string): Promise<void> =>
  request('image', `/images/${id}/import`, { method: 'POST', body: webDownload(url) });

export const webDownload = (url: string) => ({ method: { name: 'web-download', uri: url } });

/** Newest first. */
export async function imageTasks(id: string, signal?: AbortSignal): Promise<readonly ImageTask[]> {
  const { tasks } = await request<{ tasks: ImageTask[] }>('image', `/images/${id}/tasks`, { signal });
  return tasks.toSorted((a, b) => b.created_at.localeCompare(a.created_at));
}
