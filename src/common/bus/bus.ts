/**
 * The message bus: typed remote calls between daemons and notifications to whoever listens.
 *
 * Topics and semantics are OpenStack's (oslo.messaging): a message to `topic` reaches one of its servers, to
 * `topic.host` that host's server, a fanout reaches all. The transport (memory, RabbitMQ …) is configuration.
 */
import type { RequestContext } from '../auth/context.ts';

/** Phantom markers: `call` has an answer, `cast` has none. */
export interface CallMethod<Args, Answer> {
  readonly kind: 'call';
  readonly _args?: (args: Args) => void;
  readonly _answer?: Answer;
}
export interface CastMethod<Args> {
  readonly kind: 'cast';
  readonly _args?: (args: Args) => void;
}
/** Declares a method that is waited for. */
export const call = <Args, Answer>(): CallMethod<Args, Answer> => ({ kind: 'call' });
/** Declares a method that is not waited for; it may be fanned out. */
export const cast = <Args>(): CastMethod<Args> => ({ kind: 'cast' });

/** One daemon's remote interface: a topic and its methods. Lives in a service's `rpc.ts`. */
export interface RpcContract<M> {
  readonly topic: string;
  readonly methods: M;
}
export const rpcContract = <M extends Readonly<Record<string, CallMethod<never, unknown> | CastMethod<never>>>>(
  topic: string,
  methods: M,
): RpcContract<M> => ({ topic, methods });

type ArgsOf<T> = T extends CallMethod<infer A, unknown> ? A : T extends CastMethod<infer A> ? A : never;
type AnswerOf<T> = T extends CallMethod<never, infer R> ? R : void;
export type CallNames<M> = { [K in keyof M]: M[K] extends { kind: 'call' } ? K : never }[keyof M] & string;
export type CastNames<M> = { [K in keyof M]: M[K] extends { kind: 'cast' } ? K : never }[keyof M] & string;

/** What a handler learns about the message besides its arguments. */
export interface RpcMeta {
  /** Who asked, when a request is behind it. */
  readonly context?: RequestContext;
  readonly requestId?: string;
}
export type RpcHandlers<M> = {
  readonly [K in keyof M]: (args: ArgsOf<M[K]>, meta: RpcMeta) => Promise<AnswerOf<M[K]>> | AnswerOf<M[K]>;
};

export interface SendOptions {
  /** Only this host's server; any one server of the topic unless given. */
  readonly host?: string;
  readonly context?: RequestContext;
}
export interface CallOptions extends SendOptions {
  /** Milliseconds; the transport's `rpc_response_timeout` (60 000) unless given. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

/** No answer in time. Names topic, host and method, so that an operator knows which daemon is deaf. */
export class RpcTimeout extends Error {
  override readonly name = 'RpcTimeout';
  readonly topic: string;
  readonly host: string | undefined;
  readonly method: string;

  constructor(topic: string, host: string | undefined, method: string, timeoutMs: number) {
    super(`No answer from ${topic}${host ? ` on ${host}` : ''} to "${method}" within ${timeoutMs / 1000} s`);
    this.topic = topic;
    this.host = host;
    this.method = method;
  }
}

/** The handler threw: `code` is its error's `code` or `name`, the message its message. */
export class RpcRemoteError extends Error {
  override readonly name = 'RpcRemoteError';
  readonly code: string;
  /** Plain data that the thrown error carried as `details`. */
  readonly details: unknown;

  constructor(code: string, message: string, details?: unknown) {
    super(message);
    this.code = code;
    this.details = details;
  }
}

/** A typed client of one contract. */
export interface RpcClient<M> {
  /** @throws RpcTimeout, RpcRemoteError */
  call<K extends CallNames<M>>(method: K, args: ArgsOf<M[K]>, options?: CallOptions): Promise<AnswerOf<M[K]>>;
  /** Resolves when the transport has the message for sure (a broker's confirm). It survives a broker restart. */
  cast<K extends CastNames<M>>(method: K, args: ArgsOf<M[K]>, options?: SendOptions): Promise<void>;
  /** To every server of the topic that listens now. */
  fanout<K extends CastNames<M>>(method: K, args: ArgsOf<M[K]>, options?: Omit<SendOptions, 'host'>): Promise<void>;
}

/** A notification such as `compute.instance.create.end` (oslo.messaging's envelope, thinned). */
export interface Notification {
  readonly eventType: string;
  /** `compute.host1` */
  readonly publisherId: string;
  readonly priority: 'INFO' | 'WARN' | 'ERROR';
  readonly payload: Readonly<Record<string, unknown>>;
  /** ISO 8601, UTC. */
  readonly timestamp: string;
  readonly messageId: string;
  readonly projectId?: string;
  readonly requestId?: string;
}

export interface Subscription {
  close(): Promise<void>;
}

export interface Bus {
  client<M>(contract: RpcContract<M>): RpcClient<M>;
  /**
   * Serves a contract as `host`: messages to the topic (shared with other hosts), to topic.host, and fanouts.
   * A cast is acknowledged after its handler has ended; a handler that throws on a cast is logged, not repeated.
   * Delivery is at least once: a cast whose server died in the middle of it is delivered again, there or to another server
   * of the topic. Handlers are idempotent.
   */
  serve<M>(contract: RpcContract<M>, host: string, handlers: RpcHandlers<M>): Promise<Subscription>;
  notify(notification: Omit<Notification, 'messageId' | 'timestamp'>): Promise<void>;
  /** Hears notifications whose event type starts with `prefix` ('' hears all). Every subscriber gets its own copy. */
  subscribe(prefix: string, listener: (notification: Notification) => void): Promise<Subscription>;
  /** Whether the daemon can hear now, in words when it cannot; for `/healthcheck` and service-list. */
  health(): { readonly ok: boolean; readonly detail: string };
  close(): Promise<void>;
}
