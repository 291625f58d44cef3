import type { ConsumeMessage } from 'amqplib';
import type { Clock } from '../../clock.ts';
import type { Ids } from '../../ids.ts';
import type { Logger } from '../../telemetry/log.ts';
import type { Bus, Notification } from '../bus.ts';
import { addressOf, createRpcClient, type RpcSender } from '../client.ts';
import { createDispatch } from '../dispatch.ts';
import { PendingCalls } from '../pending.ts';
import type { ReplyMessage, RequestMessage } from '../wire.ts';
import { Feeds } from './feeds.ts';
import { RabbitLink } from './link.ts';
import { Outbox, type Outgoing } from './outbox.ts';
import type { RabbitOptions } from './rabbit-options.ts';
import * as topology from './topology.ts';

export interface RabbitBusDeps {
  readonly log: Logger;
  readonly clock: Clock;
  readonly ids: Ids;
}

const encode = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));
const decode = (message: ConsumeMessage): unknown => JSON.parse(message.content.toString('utf8'));

/**
 * The bus over RabbitMQ, with oslo.messaging's exchanges and queues: topics on the control exchange, `<topic>_fanout`,
 * `reply_<id>`, and notifications on a topic exchange by event type. It connects at its first use and reconnects for ever.
 *
 * While the broker is away calls wait for the rest of their timeout and casts are kept in order. Delivery is at least once:
 * a cast whose server died before its handler ended is delivered again, so handlers are idempotent. Within one living
 * process a message is handled once, even when the broker delivers it twice.
 */
export function createRabbitBus(options: RabbitOptions, { log, clock, ids }: RabbitBusDeps): Bus {
  const { controlExchange } = options;
  const pending = new PendingCalls();
  const feeds = new Feeds(options, log);
  const outbox = new Outbox(options.bufferLimit ?? 10_000, () => publisher.trouble);
  const publisher: RabbitLink = new RabbitLink(options, `${controlExchange} sender`, log, {
    opened: (connection) => outbox.opened(connection, (reason) => publisher.fail(reason)),
    lost: () => outbox.lost(),
  });
  const replies = topology.replyQueue(ids.uuid());
  let hearsReplies: Promise<unknown> | undefined;

  const send = (message: Omit<Outgoing, 'id'> & { readonly id?: string }): Promise<void> => {
    void publisher.start();
    return outbox.send({ id: ids.uuid(), ...message });
  };
  const quietly = (what: string, sending: Promise<void>): void =>
    void sending.catch((error) => log.error(`${what} was lost`, error));

  const sender: RpcSender = {
    call: async (target, request, { timeoutMs = options.rpcResponseTimeoutMs, signal }) => {
      const address = addressOf(target);
      const id = ids.uuid();
      const content = encode(request);
      const answer = pending.open({ id, target, method: request.method, timeoutMs, signal });
      hearsReplies ??= feeds.add({
        queues: [replies],
        noAck: true,
        receive: async (message) =>
          pending.settle(String(message.properties.correlationId), decode(message) as ReplyMessage),
      });
      send({
        id,
        exchange: controlExchange,
        routingKey: address,
        content,
        needs: [topology.topicQueue(controlExchange, address), replies],
        mandatory: true,
        expiresAt: performance.now() + timeoutMs,
        replyTo: replies.queue,
        correlationId: id,
      }).catch((error) => pending.fail(id, error));
      return answer;
    },
    cast: async (target, request) => {
      const address = addressOf(target);
      return send({
        exchange: controlExchange,
        routingKey: address,
        content: encode(request),
        needs: [topology.topicQueue(controlExchange, address)],
        mandatory: true,
      });
    },
    fanout: async (topic, request) =>
      send({
        exchange: topology.fanoutExchangeOf(topic),
        routingKey: '',
        content: encode(request),
        needs: [topology.fanoutExchange(topic)],
        mandatory: false,
      }),
  };

  const reply = (to: ConsumeMessage['properties'], content: Buffer): void =>
    quietly(
      'An answer',
      send({
        exchange: '',
        routingKey: String(to.replyTo),
        content,
        needs: [],
        mandatory: false, // a caller that is gone needs no answer
        correlationId: String(to.correlationId),
      }),
    );

  return {
    client: (contract) => createRpcClient(contract, sender),

    serve: async (contract, host, handlers) => {
      const { topic } = contract;
      const dispatch = createDispatch(contract, handlers, log);
      return feeds.add({
        queues: [
          topology.topicQueue(controlExchange, topic),
          topology.topicQueue(controlExchange, addressOf({ topic, host })),
          topology.fanoutQueue(topic, ids.uuid()),
        ],
        receive: async (message, ack) => {
          const isCall = message.properties.replyTo !== undefined;
          if (isCall) ack(); // the caller has a timeout; repeating it later would surprise everybody
          const answer = await dispatch(decode(message) as RequestMessage);
          if (isCall) reply(message.properties, encodeAnswer(answer));
          else ack();
        },
      });
    },

    notify: async (notification) => {
      const full: Notification = { ...notification, messageId: ids.uuid(), timestamp: clock.now().toISOString() };
      const sending = send({
        exchange: topology.notificationExchange,
        routingKey: notification.eventType,
        content: encode(full),
        needs: [topology.notifications],
        mandatory: false,
      });
      quietly(`Notification ${notification.eventType}`, sending); // nobody's work waits for a listener
    },

    subscribe: async (prefix, listener) =>
      feeds.add({
        queues: [topology.notificationQueue(prefix, ids.uuid())],
        noAck: true,
        receive: async (message) => {
          const notification = decode(message) as Notification;
          if (!notification.eventType.startsWith(prefix)) return;
          try {
            listener(notification);
          } catch (error) {
            log.error(`A listener of "${prefix}" notifications failed`, error);
          }
        },
      }),

    health: () => {
      if (!feeds.link.started && !publisher.started) return { ok: true, detail: 'not used' };
      const trouble = feeds.trouble ?? publisher.trouble;
      return { ok: trouble === null, detail: trouble ?? `connected to ${feeds.link.broker}` };
    },

    close: async () => {
      await feeds.close();
      await outbox.close(2000);
      pending.failAll(new Error('The message bus was closed.'));
      await publisher.close();
    },
  };
}

function encodeAnswer(answer: ReplyMessage): Buffer {
  try {
    return encode(answer);
  } catch (error) {
    return encode({ failure: { code: 'TypeError', message: `The answer is no plain data: ${String(error)}` } });
  }
}
