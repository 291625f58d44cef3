import type { Quotas } from '#api/usage/cloud.ts';

/** What all projects together may have of something, and have. */
export interface Sum {
  /** Null: one of them has no limit. */
  readonly given: number | null;
  readonly used: number;
}

/** @param projects each project's quotas */
export function sumOf(projects: readonly Quotas[], name: string): Sum {
  const all = projects.flatMap((one) => one[name] ?? []);
  return {
    given: all.some(({ limit }) => limit < 0) ? null : all.reduce((sum, { limit }) => sum + limit, 0),
    used: all.reduce((sum, { used }) => sum + used, 0),
  };
}

/** Does something to each, a few at a time. */
export async function eachOf<T, R>(items: readonly T[], atOnce: number, run: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let at = next++; at < items.length; at = next++) results[at] = await run(items[at] as T);
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, worker));
  return results;
}
