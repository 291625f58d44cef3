import type { Failure, FailureCode, ServiceKey } from '../../../src/dashboard/session-document.ts';

/** A request that was refused or not answered, in the API's own words. */
export class ApiFault extends Error {
  override readonly name = 'ApiFault';
  /** HTTP status; 0 when there was no answer at all. */
  readonly status: number;
  readonly requestId: string | null;
  readonly service: ServiceKey | 'dashboard';
  /** Given when the dashboard refused rather than the service. */
  readonly code: FailureCode | 'unreachable' | null;
  /** Seconds until another try makes sense, when told. */
  readonly retryAfter: number | null;

  constructor(
    message: string,
    facts: {
      readonly status: number;
      readonly service: ServiceKey | 'dashboard';
      readonly requestId?: string | null;
      readonly code?: FailureCode | 'unreachable' | null;
      readonly retryAfter?: number | null;
    },
  ) {
    super(message);
    this.status = facts.status;
    this.service = facts.service;
    this.requestId = facts.requestId ?? null;
    this.code = facts.code ?? null;
    this.retryAfter = facts.retryAfter ?? null;
  }
}

export const isNotFound = (error: unknown): boolean => error instanceof ApiFault && error.status === 404;

/** Makes a fault of an answer: each service wraps its message in another way. */
export async function faultOf(answer: Response, service: ServiceKey | 'dashboard'): Promise<ApiFault> {
  const text = await answer.text();
  const body = parse(text);
  const requestId = answer.headers.get('x-openstack-request-id') ?? answer.headers.get('x-compute-request-id');
  if (isFailure(body)) {
    const { code, message, retryAfter } = body.failure;
    return new ApiFault(message, {
      status: answer.status,
      service,
      code,
      requestId: body.failure.requestId || requestId,
      retryAfter: retryAfter ?? null,
    });
  }
  return new ApiFault(unbroken(messageIn(body)) ?? plain(text) ?? answer.statusText, {
    status: answer.status,
    service,
    requestId,
  });
}

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

const isFailure = (body: unknown): body is Failure => typeof (body as Failure | undefined)?.failure?.code === 'string';

/** Nova, Cinder `{badRequest: {message}}`; Keystone `{error: {message}}`; Neutron `{NeutronError: {message} | text}`. */
function messageIn(body: unknown): string | undefined {
  if (typeof body !== 'object' || body === null) return undefined;
  for (const value of Object.values(body)) {
    if (typeof value === 'string' && value !== '') return value;
    const message: unknown = (value as { message?: unknown } | null)?.message;
    if (typeof message === 'string') return message;
  }
  return undefined;
}

/** Glance's JSON carries the line breaks of its page. */
const unbroken = (message: string | undefined): string | undefined => message?.replace(/\s*<br \/>\s*/g, ' ').trim();

/** Glance answers with a small HTML page: its last line of text. */
function plain(text: string): string | undefined {
  const words = text
    .replace(/<title>.*?<\/title>|<h1>.*?<\/h1>/gs, ' ')
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();
  return words === '' ? undefined : words.slice(0, 500);
}
