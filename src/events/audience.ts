import type { RequestContext } from '#common/auth/context.ts';
import type { CloudEvent } from './event.ts';

/** Who may hear of an event. */
export interface Audience {
  readonly project: string | null;
  /** The one user whose thing it is: a key pair belongs to no project. */
  readonly user: string | null;
  readonly everybody: boolean;
}

/** How much a caller hears. */
export interface Listener {
  readonly projectId: string | null;
  readonly userId: string | null;
  readonly isAdmin: boolean;
  /** Of every project; only for administrators. */
  readonly all: boolean;
}

export const listenerOf = ({ projectId, userId, isAdmin }: RequestContext, all: boolean): Listener => ({
  projectId,
  userId,
  isAdmin,
  all,
});

/** `whole`: as it is; `own`: without payload and publisher; `hint`: only what it is about. Null: not for this caller. */
export type View = 'whole' | 'own' | 'hint';

/** What a caller sees of an event. Events of no project are the administrators' who hear all. */
export function viewFor({ project, user, everybody }: Audience, listener: Listener): View | null {
  const own = (project !== null && project === listener.projectId) || (user !== null && user === listener.userId);
  if (listener.isAdmin) return listener.all || own || everybody ? 'whole' : null;
  if (own) return 'own';
  return everybody ? 'hint' : null;
}

/** The event as it looks in that view. */
export function shownAs(event: CloudEvent, view: View): CloudEvent {
  if (view === 'whole') return event;
  const own: CloudEvent = { ...event, publisher: null, payload: null };
  return view === 'own' ? own : { ...own, project_id: null, request_id: null };
}
