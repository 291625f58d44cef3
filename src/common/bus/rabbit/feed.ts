import type { Channel, ChannelModel, ConsumeMessage } from 'amqplib';
import type { Logger } from '../../telemetry/log.ts';
import { settledWithin } from '../drain.ts';
import { explain } from './connect.ts';
import type { Queue } from './topology.ts';

export interface FeedOptions {
  readonly queues: readonly Queue[];
  /**
   * Works on one message; `ack` tells the broker that it need not be delivered again. What is not acknowledged when this
   * process dies is delivered to another server, or to the next start: handlers must be idempotent.
   */
  readonly receive: (message: ConsumeMessage, ack: () => void) => Promise<void>;
  /** Nothing to acknowledge: the broker forgets a message as soon as it has sent it. */
  readonly noAck?: boolean;
}

interface Work {
  ack: () => void;
  readonly done: Promise<void>;
}

/** Messages that a server has and has not finished, at most; a slow host leaves the rest to the topic's others. */
const prefetch = 200;
const rememberedIds = 10_000;

/** Reads queues, on one connection after the other. */
export class Feed {
  readonly #options: FeedOptions;
  readonly #log: Logger;
  readonly #working = new Map<string, Work>();
  /** Ids of messages that were acknowledged; the acknowledgement may have been lost with its connection. */
  readonly #finished = new Set<string>();
  #connection: ChannelModel | undefined;
  #attached: Promise<void> | undefined;
  #channel: Channel | undefined;
  #tags: string[] = [];
  #closed = false;

  constructor(options: FeedOptions, log: Logger) {
    this.#options = options;
    this.#log = log;
  }

  get attached(): boolean {
    return this.#channel !== undefined;
  }

  /**
   * Declares and consumes on this connection; at once when it does so already.
   * @param failed called when the channel closes while the connection stays
   */
  attach(connection: ChannelModel, failed: (reason: string) => void): Promise<void> {
    if (this.#connection === connection && this.#attached) return this.#attached;
    this.#connection = connection;
    this.#attached = this.#open(connection, failed);
    return this.#attached;
  }

  lost(): void {
    this.#connection = undefined;
    this.#channel = undefined;
  }

  /** Takes no more messages, lets those at work end, and removes the queues that were this process's own. */
  async close(): Promise<void> {
    this.#closed = true;
    const channel = this.#channel;
    if (channel) await Promise.all(this.#tags.map((tag) => channel.cancel(tag))).catch(() => undefined);
    await settledWithin([...this.#working.values()].map(({ done }) => done));
    this.#channel = undefined;
    try {
      for (const { queue, transient } of this.#options.queues) if (transient) await channel?.deleteQueue(queue);
      await channel?.close();
    } catch {
      // The broker is away: the queues expire, and what was not acknowledged is delivered again.
    }
  }

  async #open(connection: ChannelModel, failed: (reason: string) => void): Promise<void> {
    const { queues, noAck = false } = this.#options;
    const channel = await connection.createChannel();
    let reason = 'the channel was closed';
    channel.on('error', (error) => (reason = explain(error)));
    channel.on('close', () => {
      if (this.#channel !== channel) return;
      this.lost();
      failed(reason);
    });
    await channel.prefetch(prefetch);
    const tags: string[] = [];
    for (const queue of queues) {
      await queue.apply(channel);
      const receive = (message: ConsumeMessage | null): void => {
        if (!message) failed(`the queue ${queue.queue} was deleted`);
        else this.#received(channel, message);
      };
      tags.push((await channel.consume(queue.queue, receive, { noAck })).consumerTag);
    }
    if (this.#connection !== connection) return;
    this.#tags = tags;
    this.#channel = channel;
  }

  #received(channel: Channel, message: ConsumeMessage): void {
    if (this.#options.noAck) return void this.#work(message, () => undefined);
    if (this.#closed) return; // cancelled, but on its way already: the broker keeps it for the next server
    const id = String(message.properties.messageId);
    const ack = (): void => {
      try {
        channel.ack(message);
      } catch {
        // The channel is gone: the message comes again, and `finished` knows it.
      }
    };
    if (this.#finished.has(id)) return ack();
    const known = this.#working.get(id);
    if (known) {
      known.ack = ack; // delivered again while we work on it: this delivery is the one to acknowledge
      return;
    }
    const { promise: done, resolve } = Promise.withResolvers<void>();
    const work: Work = { ack, done };
    this.#working.set(id, work);
    const finish = (): void => {
      this.#remember(id);
      work.ack();
    };
    void this.#work(message, finish).then(() => {
      this.#working.delete(id);
      resolve();
    });
  }

  async #work(message: ConsumeMessage, ack: () => void): Promise<void> {
    try {
      await this.#options.receive(message, ack);
    } catch (error) {
      this.#log.error(`A message from ${message.fields.routingKey} cannot be read and was dropped`, error);
      ack(); // it would come back for ever
    }
  }

  #remember(id: string): void {
    this.#finished.add(id);
    const [oldest] = this.#finished;
    if (this.#finished.size > rememberedIds && oldest !== undefined) this.#finished.delete(oldest);
  }
}
