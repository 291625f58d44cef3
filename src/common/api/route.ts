import type { Readable } from 'node:stream';
import type { Static, TSchema } from '@sinclair/typebox';
import type { RequestContext } from '../auth/context.ts';
import type { ApiVersion } from './version.ts';

export type Method = 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** One request, parsed and allowed, as a handler sees it. */
export interface Call<Params, Query, Body> {
  readonly ctx: RequestContext;
  readonly params: Params;
  readonly query: Query;
  readonly body: Body;
  /** The API's version; with microversions, the negotiated one. */
  readonly version: ApiVersion;
  /** Which mount point answers: `v2`, `v2.1`, `v3` … (`MountPoint.api`). */
  readonly api: string;
  /** `http://host:port` as the client wrote it (Host header), without a path. */
  readonly host: string;
  /** The mount point's prefix with its parameters filled in: `/v2/<project id>`. */
  readonly prefix: string;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** Path and query string as sent. */
  readonly url: string;
  /** The unread body of a request that is not JSON (uploads). */
  readonly stream: Readable;
  /** Ends when the client goes away. */
  readonly signal: AbortSignal;
  readonly reply: Reply;
}

/** What a handler may say besides the body it returns. */
export interface Reply {
  /** Instead of the route's status. */
  status(code: number): void;
  header(name: string, value: string): void;
}

export interface VersionRange {
  /** First and last microversion, inclusive. */
  readonly min?: string;
  readonly max?: string;
  /** Only at these mount points. */
  readonly apis?: readonly string[];
}

/** A route as one declaration. Everything else (validation, types, OpenAPI, docs, the policy test) derives from it. */
export interface RouteSpec<S, P extends TSchema, Q extends TSchema, B extends TSchema, R extends TSchema> {
  /** `servers.create`; unique in the service; OpenAPI's operationId. */
  readonly id: string;
  readonly summary: string;
  readonly method: Method;
  /** Below the mount point, fastify's syntax: `/servers/:server_id`. */
  readonly path: string;
  readonly versions?: VersionRange;
  /** A rule of the service's `policies.ts`; `null` for what anyone may read without a token (version documents). */
  readonly policy: string | null;
  /** Success status. */
  readonly status: number;
  readonly params?: P;
  /** Query parameters arrive as text: numbers and booleans are converted as the schema says; others pass if it lets them. */
  readonly query?: Q;
  readonly body?: B;
  readonly response?: R;
  readonly handle: (
    service: S,
    call: Call<Static<P>, Static<Q>, Static<B>>,
  ) => Promise<Static<R> | Readable | undefined> | Static<R> | Readable | undefined;
}

/** A route with its types erased: what mounting and generating read. */
export interface AnyRoute<S> {
  readonly id: string;
  readonly summary: string;
  readonly method: Method;
  readonly path: string;
  readonly versions?: VersionRange;
  readonly policy: string | null;
  readonly status: number;
  readonly params?: TSchema;
  readonly query?: TSchema;
  readonly body?: TSchema;
  readonly response?: TSchema;
  readonly handle: (service: S, call: Call<unknown, unknown, unknown>) => unknown;
}

/**
 * `const route = routesFor<KeypairService>()` gives a function that checks a declaration's handler against its schemas and
 * erases the types (which keeps the type-checker fast).
 */
export const routesFor =
  <S>() =>
  <P extends TSchema = TSchema, Q extends TSchema = TSchema, B extends TSchema = TSchema, R extends TSchema = TSchema>(
    spec: RouteSpec<S, P, Q, B, R>,
  ): AnyRoute<S> =>
    spec;
