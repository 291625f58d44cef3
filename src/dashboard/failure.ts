import type { Failure, FailureCode } from './session-document.ts';

/** The dashboard itself refuses, in words; rendered by `app.ts` as a `Failure`. */
export class DashboardFailure extends Error {
  override readonly name = 'DashboardFailure';
  readonly status: number;
  readonly code: FailureCode;
  /** Seconds. */
  readonly retryAfter: number | undefined;

  constructor(
    status: number,
    code: FailureCode,
    message: string,
    options: { readonly cause?: unknown; readonly retryAfter?: number } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.status = status;
    this.code = code;
    this.retryAfter = options.retryAfter;
  }
}

export const failureDocument = ({ code, message, retryAfter }: DashboardFailure, requestId: string): Failure => ({
  failure: { code, message, requestId, ...(retryAfter !== undefined && { retryAfter }) },
});

export const badRequest = (message: string): DashboardFailure => new DashboardFailure(400, 'bad-request', message);
export const sessionEnded = (): DashboardFailure =>
  new DashboardFailure(401, 'session-ended', 'You are not signed in, or no longer: sign in again.');
export const serviceUnavailable = (message: string, cause?: unknown): DashboardFailure =>
  new DashboardFailure(503, 'service-unavailable', message, { cause });
export const storeUnavailable = (cause: unknown): DashboardFailure =>
  new DashboardFailure(
    503,
    'store-unavailable',
    'The sessions cannot be reached (memcached is away): try again in a moment.',
    { cause },
  );
