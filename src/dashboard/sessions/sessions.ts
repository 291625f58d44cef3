import { Mutex } from '#common/db/mutex.ts';
import type { Clock } from '#common/clock.ts';
import type { CatalogEntry, SignedIn } from '../session-document.ts';
import { isVisitor, newSessionId } from './cookies.ts';
import type { SessionStore } from './store.ts';

/** What the server keeps of somebody who is signed in. The tokens never leave it but for the services. */
export interface Session extends Pick<SignedIn, 'user' | 'project' | 'roles' | 'expiresAt' | 'region'> {
  /** For `project`. */
  readonly token: string;
  /** For no project; what tokens for projects are got by. */
  readonly rootToken: string;
  /** For projects that were left: requests that were on their way carry them. Revoked at the sign-out. */
  readonly earlierTokens: readonly string[];
  readonly catalog: readonly CatalogEntry[];
}

export interface Sessions {
  /** @returns the new session's id. @throws SessionStoreUnavailable */
  open(session: Session): Promise<string>;
  /** The session, which is thereby used; null when there is none, or none any more. @throws SessionStoreUnavailable */
  use(id: string | null): Promise<Session | null>;
  /** @returns false when the session has ended. @throws SessionStoreUnavailable */
  change(id: string, session: Session): Promise<boolean>;
  /** Ends it. @returns what it was. @throws SessionStoreUnavailable */
  close(id: string | null): Promise<Session | null>;
}

interface Kept {
  /** Of this form; another version's are no sessions. */
  readonly form: 1;
  /** Milliseconds. */
  readonly usedAt: number;
  readonly session: Session;
}

/**
 * Sessions over a store. One ends with its token, or when it was not used for `idleSeconds`; since not every use is written
 * down, that may be up to a minute (a tenth of `idleSeconds`, if less) later.
 */
export function createSessions({
  store,
  clock,
  idleSeconds,
}: {
  readonly store: SessionStore;
  readonly clock: Clock;
  readonly idleSeconds: number;
}): Sessions {
  const grainSeconds = Math.min(60, idleSeconds / 10);
  const locks = new Map<string, { readonly mutex: Mutex; users: number }>();
  const now = (): number => clock.now().getTime();

  /** A use must not bring back what a sign-out deletes at the same time, nor undo a change. */
  const alone = async <T>(id: string, work: () => Promise<T>): Promise<T> => {
    const lock = locks.get(id) ?? { mutex: new Mutex(), users: 0 };
    locks.set(id, lock);
    lock.users++;
    const release = await lock.mutex.acquire();
    try {
      return await work();
    } finally {
      release();
      if (--lock.users === 0) locks.delete(id);
    }
  };
  const read = async (id: string): Promise<Kept | null> => {
    const kept = parse(await store.get(id));
    return kept && Date.parse(kept.session.expiresAt) > now() ? kept : null;
  };
  const write = async (id: string, session: Session): Promise<void> => {
    const kept: Kept = { form: 1, usedAt: now(), session };
    const left = (Date.parse(session.expiresAt) - now()) / 1000;
    await store.put(id, JSON.stringify(kept), Math.ceil(Math.max(1, Math.min(idleSeconds + grainSeconds, left))));
  };

  return {
    async open(session) {
      const id = newSessionId();
      await write(id, session);
      return id;
    },
    async use(id) {
      if (id === null || isVisitor(id)) return null;
      const kept = await read(id);
      if (!kept || now() - kept.usedAt < grainSeconds * 1000) return kept?.session ?? null;
      return alone(id, async () => {
        const still = await read(id);
        if (still) await write(id, still.session);
        return still?.session ?? null;
      });
    },
    change: (id, session) =>
      alone(id, async () => {
        if (!(await read(id))) return false;
        await write(id, session);
        return true;
      }),
    async close(id) {
      if (id === null || isVisitor(id)) return null;
      return alone(id, async () => {
        const kept = parse(await store.get(id));
        await store.delete(id);
        return kept?.session ?? null;
      });
    },
  };
}

function parse(text: string | null): Kept | null {
  try {
    const said = JSON.parse(text ?? 'null') as Kept | null;
    return said?.form === 1 ? said : null;
  } catch {
    return null;
  }
}
