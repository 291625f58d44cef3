import { withLogScope, type Logger } from '../telemetry/log.ts';
import type { RpcContract, RpcHandlers } from './bus.ts';
import { failureOf, type ReplyMessage, type RequestMessage } from './wire.ts';

/** Runs one message's handler and puts its outcome in plain data. Never rejects. */
export type Dispatch = (request: RequestMessage) => Promise<ReplyMessage>;

/**
 * The receiving half of a served contract, the same on every transport: finds the handler, gives its log lines the
 * caller's request id, and turns what it throws into a failure. A failed cast has nobody to tell but the log.
 */
export function createDispatch<M>(contract: RpcContract<M>, handlers: RpcHandlers<M>, log: Logger): Dispatch {
  const kinds = contract.methods as Readonly<Record<string, { readonly kind: 'call' | 'cast' }>>;
  const table = handlers as unknown as Readonly<Record<string, (args: unknown, meta: object) => unknown>>;

  return async (request) => {
    const { method, args, context, requestId } = request;
    const kind = Object.hasOwn(kinds, method) ? kinds[method]?.kind : undefined;
    const handle = async (): Promise<ReplyMessage> => {
      try {
        if (!kind) throw new NoSuchMethod(contract.topic, method);
        const meta = { ...(context && { context }), ...(requestId !== undefined && { requestId }) };
        return { result: await table[method]?.(args, meta) };
      } catch (error) {
        if (kind === 'call') log.debug(`"${method}" on ${contract.topic} failed`, { reason: failureOf(error).message });
        else log.error(`"${method}" on ${contract.topic} failed`, error);
        return { failure: failureOf(error) };
      }
    };
    const scope = {
      ...(requestId !== undefined && { requestId }),
      ...(context && { userId: context.userId, projectId: context.projectId }),
    };
    return withLogScope(scope, handle);
  };
}

/** Two daemons of different versions: one asks for what the other does not have yet. */
class NoSuchMethod extends Error {
  override readonly name = 'NoSuchMethod';

  constructor(topic: string, method: string) {
    super(`${topic} has no method "${method}"; are both daemons of the same version?`);
  }
}
