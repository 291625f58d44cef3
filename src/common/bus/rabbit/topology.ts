import type { Channel } from 'amqplib';

/**
 * Something that must exist at the broker. Names are oslo.messaging's. Everything is durable, because a cast must
 * survive a broker restart; what belongs to one process expires when that process does not come back.
 */
export interface Declaration {
  /** Declared once per connection under this key. */
  readonly key: string;
  apply(channel: Channel): Promise<void>;
}

/** A queue that one process reads. */
export interface Queue extends Declaration {
  readonly queue: string;
  /** Deleted when its process closes it. */
  readonly transient: boolean;
}

export const notificationExchange = 'notifications';
export const fanoutExchangeOf = (topic: string): string => `${topic}_fanout`;

/** Half an hour, as oslo.messaging's `rabbit_transient_queues_ttl`. */
const transientTtlMs = 1_800_000;
const durable = { durable: true } as const;
const transientQueue = { durable: true, expires: transientTtlMs } as const;

/** The queue of a topic or of `topic.host`. Declared by senders too, so that a cast waits for a server that is not there yet. */
export const topicQueue = (exchange: string, address: string): Queue => ({
  key: `topic ${address}`,
  queue: address,
  transient: false,
  apply: async (channel) => {
    await channel.assertExchange(exchange, 'topic', durable);
    await channel.assertQueue(address, durable);
    await channel.bindQueue(address, exchange, address);
  },
});

export const fanoutExchange = (topic: string): Declaration => ({
  key: `fanout ${topic}`,
  apply: async (channel) => void (await channel.assertExchange(fanoutExchangeOf(topic), 'fanout', durable)),
});

export const fanoutQueue = (topic: string, id: string): Queue => {
  const queue = `${fanoutExchangeOf(topic)}_${id}`;
  return {
    key: `queue ${queue}`,
    queue,
    transient: true,
    apply: async (channel) => {
      await fanoutExchange(topic).apply(channel);
      await channel.assertQueue(queue, transientQueue);
      await channel.bindQueue(queue, fanoutExchangeOf(topic), '');
    },
  };
};

/** Where a process gets the answers to its calls. Not RabbitMQ's `amq.rabbitmq.reply-to`: that forgets with the connection. */
export const replyQueue = (id: string): Queue => ({
  key: `queue reply_${id}`,
  queue: `reply_${id}`,
  transient: true,
  apply: async (channel) => void (await channel.assertQueue(`reply_${id}`, transientQueue)),
});

export const notifications: Declaration = {
  key: 'notifications',
  apply: async (channel) => void (await channel.assertExchange(notificationExchange, 'topic', durable)),
};

/** A listener's own copy of the notifications; the broker selects by whole words of the prefix, the rest is the reader's. */
export const notificationQueue = (prefix: string, id: string): Queue => ({
  key: `queue notifications_${id}`,
  queue: `notifications_${id}`,
  transient: true,
  apply: async (channel) => {
    const words = prefix.split('.').slice(0, -1);
    await notifications.apply(channel);
    await channel.assertQueue(`notifications_${id}`, transientQueue);
    await channel.bindQueue(`notifications_${id}`, notificationExchange, [...words, '#'].join('.'));
  },
});
