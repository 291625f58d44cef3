import { notifications } from '@mantine/notifications';
import { useQueryClient, type QueryClient } from '@tanstack/react-query';
import { useCallback } from 'react';
import { listKey, oneKey, type Resource } from '#api/resource.ts';
import { textOf } from '#i18n/catalogue.ts';
import { requestIdOf, wordsOf } from './error-notice.tsx';
import { uiTexts } from './texts.ts';

export interface Work {
  /** `Starting web-1…` */
  readonly doing: string;
  /** `web-1 is running`; null: ends without a word. */
  readonly done: string | null;
  /** `web-1 did not start` */
  readonly failed: string;
  readonly run: () => Promise<unknown>;
}

let next = 0;

/**
 * Does something that takes a while: a notification says that it goes on, and ends in words, success or failure with the
 * API's message and request id.
 * @returns whether it succeeded; never throws
 */
export async function work({ doing, done, failed, run }: Work): Promise<boolean> {
  const id = `work-${next++}`;
  const closeButtonProps = { 'aria-label': textOf(uiTexts).close };
  notifications.show({ id, message: doing, loading: true, autoClose: false, withCloseButton: true, closeButtonProps });
  try {
    await run();
    if (done === null) notifications.hide(id);
    else notifications.update({ id, message: done, color: 'teal', loading: false, autoClose: 5000, closeButtonProps });
    return true;
  } catch (error) {
    const requestId = requestIdOf(error);
    const words = wordsOf(error) + (requestId === null ? '' : ` (${textOf(uiTexts).requestId(requestId)})`);
    notifications.update({
      ...{ id, title: failed, message: words, color: 'red', loading: false, autoClose: false, closeButtonProps },
    });
    return false;
  }
}

/** What to make of a thing while waiting for it: go on, done, or failed with the reason. */
export type Verdict = 'waiting' | 'done' | { readonly failed: string };

/**
 * Waits until a live thing has come to its end.
 * @param judge is given the thing, or null when it is gone
 * @throws Error with the verdict's words; after `timeoutMs` (10 minutes)
 */
export function settled<T extends { readonly id: string }>(
  queries: QueryClient,
  resource: Resource<T>,
  id: string,
  judge: (item: T | null) => Verdict,
  timeoutMs = 600_000,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const until = Date.now() + timeoutMs;
    let reading = false;
    const end = (finish: () => void): void => {
      unsubscribe();
      clearInterval(timer);
      finish();
    };
    const look = (item: T | null): void => {
      const verdict = judge(item);
      if (verdict === 'done') end(resolve);
      else if (verdict !== 'waiting') end(() => reject(new Error(verdict.failed)));
      else if (Date.now() > until) end(() => reject(new Error('It takes longer than expected.')));
    };
    const cached = (): T | null | undefined =>
      queries.getQueryData<T>(oneKey(resource.kind, id)) ??
      queries.getQueryData<T[]>(listKey(resource.kind, { all: false }))?.find((one) => one.id === id);
    const read = async (): Promise<void> => {
      if (reading || !resource.get) return;
      reading = true;
      try {
        const item = await resource.get(id, new AbortController().signal);
        look(item);
      } catch (error) {
        if ((error as { status?: number }).status === 404) look(null);
      } finally {
        reading = false;
      }
    };
    // Events fill the cache; the interval is for those that were missed.
    const unsubscribe = queries.getQueryCache().subscribe((event) => {
      if (event.type !== 'updated' || event.query.queryKey[0] !== resource.kind) return;
      const item = cached();
      if (item) look(item);
    });
    const timer = setInterval(() => void read(), 3000);
    void read();
  });
}

/** `settled` with the app's queries. */
export function useSettled(): <T extends { readonly id: string }>(
  resource: Resource<T>,
  id: string,
  judge: (item: T | null) => Verdict,
) => Promise<void> {
  const queries = useQueryClient();
  return useCallback((resource, id, judge) => settled(queries, resource, id, judge), [queries]);
}
