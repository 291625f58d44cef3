import { useSyncExternalStore } from 'react';
import type { Scope, SessionDocument, SignedIn, SignIn } from '../../../src/dashboard/session-document.ts';
import { ApiFault, faultOf } from './fault.ts';

/** Who is signed in, as the dashboard's session service says; one store, read by everything. */
interface State {
  /** Null until the first answer. */
  readonly document: SessionDocument | null;
  /** The token ended while somebody worked: what they typed stays, a sign-in form lies over it. */
  readonly ended: boolean;
  /** Where another tab of this browser has taken the session; this one still shows `document`'s project. */
  readonly elsewhere: SignedIn | null;
  /** The session service does not answer. */
  readonly trouble: ApiFault | null;
}

const URL_ROOT = '/dashboard/api/session';
const listeners = new Set<() => void>();
let state: State = { document: null, ended: false, elsewhere: null, trouble: null };
/** A change of the project that this tab itself has asked for. */
let moving: Promise<unknown> = Promise.resolve();
/** Requests that wait for another sign-in, or for a word on where to go on. */
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
/** Where this tab is, as the header `x-dashboard-scope` has it. */
export const scopeNow = (): string => {
  const { document } = state;
  return document?.signedIn ? [document.project.id, document.region].map(encodeURIComponent).join('/') : '';
};

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
  set({ document, ended: false, elsewhere: null, trouble: null });
  const goOn = before?.signedIn === true && before.user.id === document.user.id && isSamePlace(before, document);
  if (goOn) release();
  else abandon('Somebody else signed in, or elsewhere.');
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
  const answering = withFreshCsrf(() => ask('PUT', '/scope', scope)).then(async (answer) => {
    set({ document: (await answer.json()) as SignedIn, elsewhere: null });
  });
  moving = answering.catch(() => undefined);
  await answering;
}

/**
 * The service said that the session is in another project than this tab. Resolves when the person stays here.
 * @param sent what the request believed
 * @throws ApiFault `fault` when the person, or this tab itself, has moved on
 */
export async function otherScope(sent: string, fault: ApiFault): Promise<void> {
  await moving;
  if (scopeNow() !== sent) throw fault;
  await refreshCsrf();
  // Another request has asked, and the person has answered, meanwhile.
  if (scopeNow() !== sent) throw fault;
  if (state.elsewhere) await new Promise<void>((resolve, reject) => waiting.push({ resolve, reject }));
}

/** Takes the session back to where this tab is; requests that waited go on. @throws ApiFault */
export async function stayHere(): Promise<void> {
  const { document } = state;
  if (!document?.signedIn) return;
  await changeScope({ projectId: document.project.id, region: document.region });
  release();
}

/** Goes where the other tab is. What is open here belongs to the project that is left. */
export function goThere(): void {
  if (state.elsewhere) set({ document: state.elsewhere, elsewhere: null });
  abandon('This tab went on to another project.');
}

/** Ends the session and its token. Signed out in any case. */
export async function signOut(): Promise<void> {
  await withFreshCsrf(() => ask('DELETE', '')).catch(() => undefined);
  abandon('Signed out.');
  set({ document: null, ended: false, elsewhere: null });
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

/** The signed-in document is kept (the page, and what is typed in it, need it); only the CSRF token is taken over. */
export async function refreshCsrf(): Promise<void> {
  const answer = await ask('GET', '').catch(() => null);
  if (!answer) return;
  const fresh = (await answer.json()) as SessionDocument;
  if (state.document?.signedIn && !fresh.signedIn)
    set({ document: { ...state.document, csrf: fresh.csrf }, ended: true });
  else if (state.document?.signedIn && fresh.signedIn && state.document.user.id === fresh.user.id) {
    const same = isSamePlace(state.document, fresh);
    set(
      same
        ? { document: fresh, elsewhere: null }
        : { document: { ...state.document, csrf: fresh.csrf }, elsewhere: fresh },
    );
  } else set({ document: fresh });
}

function release(): void {
  const waiters = waiting;
  waiting = [];
  for (const { resolve } of waiters) resolve();
}

function abandon(why: string): void {
  const waiters = waiting;
  waiting = [];
  for (const { reject } of waiters)
    reject(new ApiFault(why, { status: 401, service: 'dashboard', code: 'session-ended' }));
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
