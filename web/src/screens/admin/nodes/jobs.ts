import { useSyncExternalStore } from 'react';
import type { MoveJob } from './move-job.ts';

/** The jobs of this page's life, by host: who comes back to a node finds what goes on there. */
let jobs: ReadonlyMap<string, MoveJob> = new Map();
const listeners = new Set<() => void>();

export function rememberJob(job: MoveJob): void {
  jobs = new Map(jobs).set(job.host, job);
  for (const listener of listeners) listener();
}

export const useJob = (host: string): MoveJob | undefined =>
  useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => jobs.get(host),
  );

export const useJobState = (job: MoveJob): ReturnType<MoveJob['state']> =>
  useSyncExternalStore(job.subscribe, job.state);
