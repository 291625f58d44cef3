import { systemClock, type Clock } from '../clock.ts';
import { randomIds, type Ids } from '../ids.ts';
import { silentLogger, type Logger } from '../telemetry/log.ts';
import type { Bus, Notification, Subscription } from './bus.ts';
import { addressOf, createRpcClient, type RpcSender } from './client.ts';
import { createDispatch, type Dispatch } from './dispatch.ts';
import { settledWithin } from './drain.ts';
import { PendingCalls } from './pending.ts';
import { copyOf, type ReplyMessage, type RequestMessage } from './wire.ts';

export interface MemoryBusOptions {
  readonly log?: Logger;
  readonly clock?: Clock;
  readonly ids?: Ids;
  /** Milliseconds that a call waits unless it says otherwise; 60 000. */
  readonly rpcResponseTimeoutMs?: number;
}

interface Delivery {
  readonly request: RequestMessage;
  /** Nobody waits any more: do not begin. */
  readonly stale: () => boolean;
  readonly reply: (reply: ReplyMessage) => void;
}
type Server = (delivery: Delivery) => void;

/** Messages to an address that nobody serves yet, or its servers, whose first is next in turn. */
interface Mailbox {
  readonly servers: Server[];
  readonly waiting: Delivery[];
}

const mailboxLimit = 10_000;

/**
 * The bus of the all-in-one: no broker, same rules. Arguments and answers are copied through JSON, errors arrive as
 * `RpcRemoteError`, a message to an address without a server waits for one.
 */
export function createMemoryBus(options: MemoryBusOptions = {}): Bus {
  const { log = silentLogger, clock = systemClock, ids = randomIds, rpcResponseTimeoutMs = 60_000 } = options;
  const mailboxes = new Map<string, Mailbox>();
  const fanouts = new Map<string, Set<Server>>();
  const listeners = new Set<(notification: Notification) => void>();
  const pending = new PendingCalls();
  const subscriptions = new Set<Subscription>();

  const mailbox = (address: string): Mailbox => {
    let box = mailboxes.get(address);
    if (!box) mailboxes.set(address, (box = { servers: [], waiting: [] }));
    return box;
  };
  const deliver = (address: string, delivery: Delivery): void => {
    const { servers, waiting } = mailbox(address);
    const server = servers.shift();
    if (server) {
      servers.push(server);
      server(delivery);
      return;
    }
    if (waiting.length >= mailboxLimit) {
      const fresh = waiting.filter((item) => !item.stale());
      waiting.splice(0, waiting.length, ...fresh);
    }
    if (waiting.length >= mailboxLimit)
      throw new Error(`${mailboxLimit} messages wait for ${address} already, and nobody serves it: start its daemon.`);
    waiting.push(delivery);
  };
  const oneWay = (request: RequestMessage): Delivery => ({ request, stale: () => false, reply: () => undefined });
  const crossing = (request: RequestMessage): RequestMessage => copyOf(request) as RequestMessage;

  const sender: RpcSender = {
    call: async (target, request, { timeoutMs = rpcResponseTimeoutMs, signal }) => {
      const id = ids.uuid();
      const copied = crossing(request);
      const answer = pending.open({ id, target, method: request.method, timeoutMs, signal });
      try {
        deliver(addressOf(target), {
          request: copied,
          stale: () => !pending.has(id),
          reply: (reply) => pending.settle(id, reply),
        });
      } catch (error) {
        pending.fail(id, error);
      }
      return answer;
    },
    cast: async (target, request) => deliver(addressOf(target), oneWay(crossing(request))),
    fanout: async (topic, request) => {
      for (const server of fanouts.get(topic) ?? []) server(oneWay(crossing(request)));
    },
  };

  const closable = (close: () => Promise<void>): Subscription => {
    const subscription: Subscription = {
      close: async () => {
        subscriptions.delete(subscription);
        await close();
      },
    };
    subscriptions.add(subscription);
    return subscription;
  };

  return {
    client: (contract) => createRpcClient(contract, sender),

    serve: async (contract, host, handlers) => {
      const dispatch = createDispatch(contract, handlers, log);
      const running = new Set<Promise<void>>();
      const server: Server = (delivery) => {
        const work = runDelivery(dispatch, delivery).finally(() => running.delete(work));
        running.add(work);
      };
      const { topic } = contract;
      const boxes = [mailbox(topic), mailbox(addressOf({ topic, host }))];
      const everyone = fanouts.get(topic) ?? new Set();
      fanouts.set(topic, everyone.add(server));
      for (const box of boxes) {
        box.servers.push(server);
        for (const delivery of box.waiting.splice(0)) server(delivery);
      }
      return closable(async () => {
        everyone.delete(server);
        for (const { servers } of boxes) if (servers.includes(server)) servers.splice(servers.indexOf(server), 1);
        await settledWithin(running);
      });
    },

    notify: async (notification) => {
      if (listeners.size === 0) return;
      const full = copyOf({ ...notification, messageId: ids.uuid(), timestamp: clock.now().toISOString() });
      for (const listener of listeners) queueMicrotask(() => listener(full as Notification));
    },

    subscribe: async (prefix, listener) => {
      const guarded = (notification: Notification): void => {
        if (!listeners.has(guarded) || !notification.eventType.startsWith(prefix)) return;
        try {
          listener(notification);
        } catch (error) {
          log.error(`A listener of "${prefix}" notifications failed`, error);
        }
      };
      listeners.add(guarded);
      return closable(async () => void listeners.delete(guarded));
    },

    health: () => ({ ok: true, detail: 'in this process' }),

    close: async () => {
      await Promise.all([...subscriptions].map((subscription) => subscription.close()));
      pending.failAll(new Error('The message bus was closed.'));
      mailboxes.clear();
    },
  };
}

async function runDelivery(dispatch: Dispatch, delivery: Delivery): Promise<void> {
  await Promise.resolve(); // never within the sender's own stack
  if (delivery.stale()) return;
  const reply = await dispatch(delivery.request);
  try {
    delivery.reply(copyOf(reply) as ReplyMessage);
  } catch (error) {
    delivery.reply({ failure: { code: 'TypeError', message: `The answer is no plain data: ${String(error)}` } });
  }
}
