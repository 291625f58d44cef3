import type { ChannelModel } from 'amqplib';
import type { Logger } from '../../telemetry/log.ts';
import type { Subscription } from '../bus.ts';
import { Feed, type FeedOptions } from './feed.ts';
import { RabbitLink } from './link.ts';
import type { RabbitOptions } from './rabbit-options.ts';

/**
 * Everything that this process hears, on a connection of its own: a broker short of memory stops connections that
 * publish, and acknowledgements, which would free it, must not be stuck behind them.
 */
export class Feeds {
  readonly link: RabbitLink;
  readonly #feeds = new Set<Feed>();
  readonly #log: Logger;
  #connection: ChannelModel | undefined;

  constructor(options: RabbitOptions, log: Logger) {
    this.#log = log;
    this.link = new RabbitLink(options, `${options.controlExchange} listener`, log, {
      opened: async (connection) => {
        this.#connection = connection;
        for (const feed of this.#feeds) await feed.attach(connection, this.#failed);
      },
      lost: () => {
        this.#connection = undefined;
        for (const feed of this.#feeds) feed.lost();
      },
    });
  }

  readonly #failed = (reason: string): void => this.link.fail(reason);

  /** Listens from now on: resolves when it does, or when the broker turned out to be away for now. */
  async add(options: FeedOptions): Promise<Subscription> {
    const feed = new Feed(options, this.#log);
    this.#feeds.add(feed);
    await this.link.start();
    try {
      if (this.#connection) await feed.attach(this.#connection, this.#failed);
    } catch (error) {
      this.link.fail((error as Error).message); // the link says why, and tries again with all feeds
    }
    return {
      close: async () => {
        this.#feeds.delete(feed);
        await feed.close();
      },
    };
  }

  /** Null when everything asked for is heard. */
  get trouble(): string | null {
    if (this.link.trouble !== null) return this.link.trouble;
    const deaf = [...this.#feeds].some((feed) => !feed.attached);
    return deaf ? `connecting to the message broker at ${this.link.broker}` : null;
  }

  async close(): Promise<void> {
    await Promise.all([...this.#feeds].map((feed) => feed.close()));
    await this.link.close();
  }
}
