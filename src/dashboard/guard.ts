import type { FastifyRequest } from 'fastify';
import { DashboardFailure, sessionEnded, storeUnavailable } from './failure.ts';
import { comesFromOurPage, isForeign } from './origin.ts';
import { isCsrfOf, type Cookies } from './sessions/cookies.ts';
import type { Session, Sessions } from './sessions/sessions.ts';
import { SessionStoreUnavailable } from './sessions/store.ts';

/** Who asks. */
export interface Guard {
  /** Refuses what another site's page makes the browser ask. @throws DashboardFailure 403 `csrf` */
  check(request: FastifyRequest): void;
  /** The session of the request, and its id. @throws DashboardFailure 401 `session-ended`, 503 `store-unavailable` */
  signedIn(cookieHeader: string | undefined): Promise<{ readonly id: string; readonly session: Session }>;
}

const harmless: readonly string[] = ['GET', 'HEAD'];

export function createGuard({
  cookies,
  sessions,
  secure,
}: {
  readonly cookies: Cookies;
  readonly sessions: Sessions;
  readonly secure: boolean;
}): Guard {
  return {
    check({ method, headers }) {
      if (isForeign(headers)) throw csrf("Another site's page asked for this: it is not answered.");
      if (harmless.includes(method)) return;
      if (!comesFromOurPage(headers, secure))
        throw csrf("This did not come from the dashboard's own page: Origin does not match Host.");
      const { id } = cookies.read(headers.cookie);
      if (id === null || !isCsrfOf(id, headers['x-csrf-token']))
        throw csrf('The header x-csrf-token is missing or not the one of this session: load the session again.');
    },
    async signedIn(cookieHeader) {
      const { id } = cookies.read(cookieHeader);
      const session = await fromStore(() => sessions.use(id));
      if (id === null || session === null) throw sessionEnded();
      return { id, session };
    },
  };
}

const csrf = (message: string): DashboardFailure => new DashboardFailure(403, 'csrf', message);

/** What a store that is away throws, as the browser is told it. */
export async function fromStore<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw error instanceof SessionStoreUnavailable ? storeUnavailable(error) : error;
  }
}
