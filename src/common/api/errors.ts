/**
 * Errors that a person sees. Services throw them; `faults.ts` renders them in the service's own fault body.
 * Anything else that is thrown becomes a 500 with the request id and no text of ours.
 */
export interface ApiErrorOptions {
  readonly cause?: unknown;
  /** Neutron's exception class name, its `NeutronError.type`: `NetworkNotFound`. */
  readonly type?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export class ApiError extends Error {
  override readonly name: string = 'ApiError';
  readonly status: number;
  readonly type: string | undefined;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, message: string, options: ApiErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.status = status;
    this.type = options.type;
    this.headers = options.headers ?? {};
  }

  /** Crosses the bus as the remote error's code. */
  get code(): string {
    return this.type ?? `http-${this.status}`;
  }
}

const errorOf =
  (status: number) =>
  (message: string, options?: ApiErrorOptions): ApiError =>
    new ApiError(status, message, options);

/** 400: the request itself is wrong; the message says what. */
export const badRequest = errorOf(400);
/** 401: no valid token. */
export const unauthorized = errorOf(401);
/** 403: known, but not allowed (policy, or quota in Nova's later API). */
export const forbidden = errorOf(403);
/** 404: not there, or not yours (never told apart). */
export const notFound = errorOf(404);
/** 405 */
export const methodNotAllowed = errorOf(405);
/** 409: the state of things does not allow it now. */
export const conflict = errorOf(409);
/** 410 */
export const gone = errorOf(410);
/** 413: too large, or over quota in Icehouse's Nova and Cinder. */
export const overLimit = errorOf(413);
/** 503: a part that the answer needs does not respond now. */
export const unavailable = errorOf(503);
