/** A guest on its way off a host. */
export type Stage =
  | { readonly at: 'waiting' }
  | { readonly at: 'moving' }
  /** `host` is null when it was deleted meanwhile. */
  | { readonly at: 'arrived'; readonly host: string | null }
  | { readonly at: 'failed'; readonly error: unknown }
  | { readonly at: 'not-begun' };
export interface Traveller {
  readonly id: string;
  readonly name: string;
  readonly stage: Stage;
}
export interface JobState {
  readonly travellers: readonly Traveller[];
  readonly running: boolean;
  readonly stopping: boolean;
}

/** All guests of a host being moved off it, a few at a time; goes on when nobody looks. */
export interface MoveJob {
  readonly host: string;
  readonly state: () => JobState;
  readonly subscribe: (listener: () => void) => () => void;
  /** Begins no more; what is under way is finished. */
  readonly stop: () => void;
  /** @throws the error of the only one that did not arrive; of several, an Error that names them */
  readonly run: () => Promise<void>;
}

/** Moves one guest. @returns the host where it is then; null when it is gone */
export type Move = (id: string) => Promise<string | null>;

/** More at a time than this only make each other slower: hosts do one live migration after the other. */
const AT_ONCE = 2;

export function createMoveJob(
  host: string,
  guests: readonly { readonly id: string; readonly name: string }[],
  move: Move,
): MoveJob {
  let state: JobState = {
    travellers: guests.map(({ id, name }) => ({ id, name, stage: { at: 'waiting' } })),
    running: false,
    stopping: false,
  };
  const listeners = new Set<() => void>();
  const set = (next: Partial<JobState>): void => {
    state = { ...state, ...next };
    for (const listener of listeners) listener();
  };
  const put = (id: string, stage: Stage): void =>
    set({ travellers: state.travellers.map((one) => (one.id === id ? { ...one, stage } : one)) });
  const next = (): Traveller | undefined => state.travellers.find(({ stage }) => stage.at === 'waiting');

  const worker = async (): Promise<void> => {
    for (let one = next(); one && !state.stopping; one = next()) {
      put(one.id, { at: 'moving' });
      try {
        put(one.id, { at: 'arrived', host: await move(one.id) });
      } catch (error) {
        put(one.id, { at: 'failed', error });
      }
    }
  };
  return {
    host,
    state: () => state,
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    stop: () => set({ stopping: true }),
    run: async () => {
      set({ running: true });
      await Promise.all(Array.from({ length: AT_ONCE }, worker));
      set({
        running: false,
        travellers: state.travellers.map((one) =>
          one.stage.at === 'waiting' ? { ...one, stage: { at: 'not-begun' } } : one,
        ),
      });
      const left = state.travellers.filter(({ stage }) => stage.at !== 'arrived');
      const [only] = left;
      if (only && left.length === 1 && only.stage.at === 'failed') throw only.stage.error;
      if (left.length > 0) throw new Error(left.map(({ name }) => name).join(', '));
    },
  };
}
