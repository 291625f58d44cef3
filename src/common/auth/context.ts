/** Who makes a request, as the token says. Made by the token middleware; crosses the bus as plain data. */
export interface RequestContext {
  /** `req-<uuid>` */
  readonly requestId: string;
  readonly userId: string | null;
  readonly userName: string | null;
  readonly userDomainId: string | null;
  readonly projectId: string | null;
  readonly projectName: string | null;
  readonly projectDomainId: string | null;
  /** Names, lower case. */
  readonly roles: readonly string[];
  /** An administrator of the whole cloud (Icehouse: role admin in any project). */
  readonly isAdmin: boolean;
  /** The token itself, to call another service on the user's behalf. Never logged. */
  readonly token: string | null;
}

/** The cloud's own acting, with no user behind it: agents, periodic work, resumed operations. */
export function adminContext(requestId: string): RequestContext {
  return {
    requestId,
    userId: null,
    userName: null,
    userDomainId: null,
    projectId: null,
    projectName: null,
    projectDomainId: null,
    roles: ['admin'],
    isAdmin: true,
    token: null,
  };
}
