import { currentRequestId } from '../telemetry/log.ts';
import type { CallOptions, RpcClient, RpcContract, SendOptions } from './bus.ts';
import type { RequestMessage } from './wire.ts';

/** Whose message it is: any server of the topic, or one host's. */
export interface Target {
  readonly topic: string;
  readonly host?: string;
}

/** What a transport must be able to send. */
export interface RpcSender {
  /** @throws RpcTimeout, RpcRemoteError */
  call(target: Target, request: RequestMessage, options: CallOptions): Promise<unknown>;
  cast(target: Target, request: RequestMessage): Promise<void>;
  fanout(topic: string, request: RequestMessage): Promise<void>;
}

/** The queue's name: `compute` or `compute.host1`, as oslo.messaging names it. */
export const addressOf = ({ topic, host }: Target): string => (host === undefined ? topic : `${topic}.${host}`);

/** The typed face of a contract. The request id goes along: the context's, or that of the running call chain. */
export function createRpcClient<M>(contract: RpcContract<M>, sender: RpcSender): RpcClient<M> {
  const { topic } = contract;
  const target = (host: string | undefined): Target => (host === undefined ? { topic } : { topic, host });
  const request = (method: string, args: unknown, { context }: Pick<SendOptions, 'context'>): RequestMessage => {
    const requestId = context?.requestId ?? currentRequestId();
    return { method, args, ...(context && { context }), ...(requestId !== undefined && { requestId }) };
  };
  return {
    call: (method, args, options = {}) =>
      sender.call(target(options.host), request(method, args, options), options) as Promise<never>,
    cast: (method, args, options = {}) => sender.cast(target(options.host), request(method, args, options)),
    fanout: (method, args, options = {}) => sender.fanout(topic, request(method, args, options)),
  };
}
