import type { RequestContext } from '../auth/context.ts';
import { RpcRemoteError } from './bus.ts';

/** A remote call as it crosses a transport: plain JSON. */
export interface RequestMessage {
  readonly method: string;
  readonly args: unknown;
  readonly context?: RequestContext;
  readonly requestId?: string;
}

/** What a handler's error looks like on its way back. */
export interface Failure {
  readonly code: string;
  readonly message: string;
  readonly details?: unknown;
}

/** The answer to a call. */
export type ReplyMessage = { readonly result?: unknown } | { readonly failure: Failure };

/** Plain data as the other side gets it: no identity, no methods, no `undefined` members. @throws TypeError for a BigInt or a cycle */
export function copyOf(value: unknown): unknown {
  return value === undefined ? undefined : (JSON.parse(JSON.stringify(value)) as unknown);
}

/** Takes from a thrown value what `RpcRemoteError` promises. A remote error that passes through keeps its code. */
export function failureOf(error: unknown): Failure {
  if (!(error instanceof Error)) return { code: 'Error', message: String(error) };
  const { code, details } = error as { code?: unknown; details?: unknown };
  return {
    code: typeof code === 'string' || typeof code === 'number' ? String(code) : error.name,
    message: error.message,
    ...(details !== undefined && isPlain(details) && { details: copyOf(details) }),
  };
}

/** @throws RpcRemoteError when the reply is a failure */
export function unwrap(reply: ReplyMessage): unknown {
  if (!('failure' in reply)) return reply.result;
  const { code, message, details } = reply.failure;
  throw new RpcRemoteError(code, message, details);
}

function isPlain(value: unknown): boolean {
  try {
    copyOf(value);
    return true;
  } catch {
    return false; // an error must arrive even when what hangs on it cannot
  }
}
