import type { Readable } from 'node:stream';

export interface HttpRequest {
  readonly method: string;
  /** Absolute. */
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer | Readable;
  /** Milliseconds; 60 000 unless given. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
  /** The answer's body may be large: it is streamed over a socket even within one process. */
  readonly large?: boolean;
}

export interface HttpResponse {
  readonly status: number;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  /** The whole body. */
  text(): Promise<string>;
  json<T>(): Promise<T>;
  /** The body as it comes, for large ones; read once, instead of `text` and `json`. */
  readonly stream: Readable;
}

/** How a process calls HTTP services. In the all-in-one, services of the same process are reached without a socket. */
export interface HttpTransport {
  request(request: HttpRequest): Promise<HttpResponse>;
}
