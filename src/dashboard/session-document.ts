/**
 * What the dashboard's session service and the browser say to each other. Types only: the browser's code imports them too.
 *
 * All below `/dashboard/api`; JSON both ways.
 *
 * | request | answers | |
 * |---|---|---|
 * | GET `/session` | 200 SessionDocument | also when nobody is signed in; makes the anonymous session that carries the CSRF token |
 * | POST `/session` SignIn | 200 SignedIn; 400, 401, 403, 429, 503 Failure | a new session id each time |
 * | PUT `/session/scope` Scope | 200 SignedIn; 401, 403 Failure | another project or region without a password |
 * | DELETE `/session` | 204 | the token is revoked |
 * | any `/proxy/SERVICE/…` | the service's answer; 401, 403, 502, 503 Failure | SERVICE: a key of `services` |
 * | WebSocket `/console/KIND/SERVER_ID` | binary frames of the guest's console | KIND: `vnc` or `serial` |
 *
 * Everything but GET and HEAD carries `x-csrf-token: <csrf>`. The Keystone token never leaves the server: it is added to
 * proxied requests, and taken out of their answers.
 *
 * Tabs share a session. `x-dashboard-scope: <project id>/<region>` (each percent-encoded) on a proxied request says where its
 * tab believes to be: when the session is elsewhere it is refused (409 `other-scope`) rather than done in the wrong project.
 */
export type SessionDocument = SignedOut | SignedIn;

interface Common {
  /** For the header `x-csrf-token`; changes at sign-in and sign-out. */
  readonly csrf: string;
  /** Of the program. */
  readonly version: string;
  /** `TIME_ZONE` of local_settings; null: the browser's own. */
  readonly timeZone: string | null;
  /** Whether the sign-in form asks for a domain (`OPENSTACK_KEYSTONE_MULTIDOMAIN_SUPPORT`). */
  readonly multiDomain: boolean;
}

export interface SignedOut extends Common {
  readonly signedIn: false;
}

export interface SignedIn extends Common {
  readonly signedIn: true;
  readonly user: { readonly id: string; readonly name: string; readonly domain: Named };
  readonly project: { readonly id: string; readonly name: string; readonly domain: Named };
  /** The user's enabled projects, by name. */
  readonly projects: readonly ProjectChoice[];
  readonly roles: readonly string[];
  /** Holds the role `admin` in the project. */
  readonly isAdmin: boolean;
  /** ISO 8601, UTC. */
  readonly expiresAt: string;
  readonly region: string;
  readonly regions: readonly string[];
  /** Reachable through the proxy, by key. */
  readonly services: Readonly<Partial<Record<ServiceKey, ServiceDocument>>>;
  /** The catalogue as the API access page prints it. */
  readonly catalog: readonly CatalogEntry[];
  /** Where clients sign in: `http://controller:5000/v3`. */
  readonly authUrl: string;
}

/**
 * The proxied services and what `/proxy/KEY` stands for:
 * identity `<root>/v3` · compute the endpoint (`…/v2.1/<project>`) · image `<root>/v2` · network `<root>/v2.0` ·
 * volume `…/v3/<project>` · event `<root>/v1`.
 */
export type ServiceKey = 'identity' | 'compute' | 'image' | 'network' | 'volume' | 'event';

export interface ServiceDocument {
  /** The public URL that `/proxy/KEY` stands for; forms show it in the API call that they will make. */
  readonly url: string;
}
export interface CatalogEntry {
  readonly type: string;
  readonly name: string;
  readonly endpoints: readonly { readonly interface: string; readonly region: string; readonly url: string }[];
}
export interface Named {
  readonly id: string;
  readonly name: string;
}
export interface ProjectChoice extends Named {
  readonly domainId: string;
}

export interface SignIn {
  readonly username: string;
  readonly password: string;
  /** A domain's name; `Default` unless given. */
  readonly domain?: string;
}
export interface Scope {
  readonly projectId?: string;
  readonly region?: string;
}

/** Why the dashboard itself refused. Services' own refusals pass unchanged. */
export interface Failure {
  readonly failure: {
    readonly code: FailureCode;
    /** In English; the browser has its own words per code and shows this as the detail. */
    readonly message: string;
    readonly requestId: string;
    /** Seconds after which another sign-in is taken. */
    readonly retryAfter?: number;
  };
}
export type FailureCode =
  /** Wrong name or password. */
  | 'credentials'
  /** The user has a role in no enabled project. */
  | 'no-project'
  | 'too-many-attempts'
  /** Nobody is signed in, or the token ended: sign in again; nothing typed is lost. */
  | 'session-ended'
  | 'csrf'
  /** The session has gone on to another project or region, by another tab of the browser. */
  | 'other-scope'
  | 'bad-request'
  | 'not-found'
  /** The service does not answer, or is not in the catalogue. */
  | 'service-unavailable'
  /** Sessions cannot be read or kept: memcached is away. */
  | 'store-unavailable';
