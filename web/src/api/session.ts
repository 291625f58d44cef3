import { useSyncExternalStore } from 'react';
import type { Scope, SessionDocument, SignedIn, SignIn } from '../../../src/dashboard/session-document.ts';
import { ApiFault, faultOf } from './fault.ts';

/** Who is signed in, as the dashboard's session service says; one store, read by everything. */
interface State {
  /** Null until the first answer. */
  readonly document: SessionDocument | null;
  /** The token ended while somebody worked: what they typed stays, a sign-in form lies over it. */
  readonly ended: boolean;
  /** The session service does not answer. */
  readonly trouble: ApiFault | null;
}

const URL_ROOT = '/dashboard/api/session';
const listeners = new Set<() => void>();
let state: State = { document: null, ended: false, trouble: null };
/** Requests that wait for another sign-in. */
let waiting: { readonly resolve: () => void; readonly reject: (error: unknown) => void }[] = [];

const set = (next: Partial<State>): void => {
  state = { ...state, ...next };
  for (const listener of listeners) listener();
};
const subscribe = (listener: () => void): (() => void) => {
  listeners.add(listener);
  return () => listeners.delete(listener);
};

export const useSessionState = (): State => useSyncExternalStore(subscribe, () => state);

/** The session of now. Only below the app's gate, which waits for the first answer. */
export function useSession(): SessionDocument {
  const { document } = useSessionState();
  if (!document) throw new Error('There is no session yet');
  return document;
}

/** Who is signed in. Only in screens, which nobody else sees. */
export function useSignedIn(): SignedIn {
  const session = useSession();
  if (!session.signedIn) throw new Error('Nobody is signed in');
  return session;
}

/** Outside components. */
export const sessionNow = (): SessionDocument | null => state.document;
export const csrfToken = (): string => state.document?.csrf ?? '';

async function ask(method: string, path: string, body?: unknown): Promise<Response> {
  const answer = await fetch(URL_ROOT + path, {
    method,
    credentials: 'same-origin',
    headers: {
      accept: 'application/json',
      ...(method !== 'GET' && { 'x-csrf-token': csrfToken() }),
      ...(body !== undefined && { 'content-type': 'application/json' }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  }).catch(() => {
    throw new ApiFault('The dashboard does not answer.', { status: 0, service: 'dashboard', code: 'unreachable' });
  });
  if (!answer.ok) throw await faultOf(answer, 'dashboard');
  return answer;
}

/** Reads the session; also makes the CSRF token that signing in needs. Never throws: `trouble` tells. */
export async function loadSession(): Promise<void> {
  try {
    const answer = await ask('GET', '');
    set({ document: (await answer.json()) as SessionDocument, trouble: null });
  } catch (error) {
    set({ trouble: error as ApiFault });
  }
}

/**
 * Signs in. The person whose session ended goes on in the project that the page shows, and so do the requests that waited.
 * @throws ApiFault `credentials`, `no-project`, `too-many-attempts`, `service-unavailable`, `store-unavailable`
 */
export async function signIn(who: SignIn): Promise<void> {
  const answer = await withFreshCsrf(() => ask('POST', '', who));
  const before = state.document;
  let document = (await answer.json()) as SignedIn;
  if (before?.signedIn && before.user.id === document.user.id && !isSamePlace(before, document))
    document = await backTo(before, document);
  set({ document, ended: false, trouble: null });
  const goOn = before?.signedIn === true && before.user.id === document.user.id && isSamePlace(before, document);
  const waiters = waiting;
  waiting = [];
  for (const one of waiters)
    if (goOn) one.resolve();
    else
      one.reject(
        new ApiFault('Somebody else signed in, or elsewhere.', {
          status: 401,
          service: 'dashboard',
          code: 'session-ended',
        }),
      );
}

const isSamePlace = (a: SignedIn, b: SignedIn): boolean => a.project.id === b.project.id && a.region === b.region;

/** Signing in leads to where the person was last, in whichever tab; what is open in this one is of `before`. */
async function backTo(before: SignedIn, document: SignedIn): Promise<SignedIn> {
  const { project, region } = before;
  set({ document: { ...before, csrf: document.csrf } });
  try {
    const answer = await ask('PUT', '/scope', {
      projectId: project.id,
      ...(document.regions.includes(region) && { region }),
    });
    return (await answer.json()) as SignedIn;
  } catch {
    // No role there any more: the page shows where one is instead.
    return document;
  }
}

/** Another project or region, without a password. @throws ApiFault */
export async function changeScope(scope: Scope): Promise<void> {
  const answer = await withFreshCsrf(() => ask('PUT', '/scope', scope));
  set({ document: (await answer.json()) as SignedIn });
}

/** Ends the session and its token. Signed out in any case. */
export async function signOut(): Promise<void> {
  await withFreshCsrf(() => ask('DELETE', '')).catch(() => undefined);
  abandon();
  set({ document: null, ended: false });
  await loadSession();
}

/** The service said that the token ended. Resolves when the same person has signed in again. */
export async function sessionEnded(): Promise<void> {
  if (!state.ended) {
    set({ ended: true });
    void refreshCsrf();
  }
  await new Promise<void>((resolve, reject) => waiting.push({ resolve, reject }));
}

/** The signed-in document is kept (the page behind the form needs it); only the CSRF token is taken over. */
export async function refreshCsrf(): Promise<void> {
  const answer = await ask('GET', '').catch(() => null);
  if (!answer) return;
  const fresh = (await answer.json()) as SessionDocument;
  if (state.document?.signedIn && !fresh.signedIn)
    set({ document: { ...state.document, csrf: fresh.csrf }, ended: true });
  else set({ document: fresh });
}

function abandon(): void {
  const waiters = waiting;
  waiting = [];
  for (const { reject } of waiters)
    reject(new ApiFault('Signed out.', { status: 401, service: 'dashboard', code: 'session-ended' }));
}

/** Another tab may have changed the CSRF token: it is read again once. */
async function withFreshCsrf(send: () => Promise<Response>): Promise<Response> {
  try {
    return await send();
  } catch (error) {
    if (!(error instanceof ApiFault) || error.code !== 'csrf') throw error;
    await refreshCsrf();
    return send();
  }
}
