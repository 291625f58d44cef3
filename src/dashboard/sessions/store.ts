/** Keeps sessions between requests. One implementation in memory, one in memcached; both pass `contract.ts`. */
export interface SessionStore {
  /** @throws SessionStoreUnavailable when it cannot be asked: the caller must not take that for "no session" */
  get(id: string): Promise<string | null>;
  /** @param seconds until it is forgotten, from now */
  put(id: string, value: string, seconds: number): Promise<void>;
  delete(id: string): Promise<void>;
  /** In words for the health check when it is away; null when it answers. */
  trouble(): Promise<string | null>;
  close(): Promise<void>;
}

/** The store does not answer. */
export class SessionStoreUnavailable extends Error {
  override readonly name = 'SessionStoreUnavailable';
}
