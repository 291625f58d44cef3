import { setTimeout as sleep } from 'node:timers/promises';
import type { ChannelModel } from 'amqplib';
import type { Logger } from '../../telemetry/log.ts';
import { connect, explain } from './connect.ts';
import { brokersOf, type BrokerAddress, type RabbitOptions } from './rabbit-options.ts';

/** What stands on a connection and is made again on every new one. */
export interface LinkUser {
  /** Declares and consumes. A rejection closes the connection, and another is tried after a while. */
  opened(connection: ChannelModel): Promise<void>;
  lost(): void;
}

/** A connection to the broker that comes back by itself. It is opened at the first `start`. */
export class RabbitLink {
  readonly #options: RabbitOptions;
  readonly #name: string;
  readonly #log: Logger;
  readonly #user: LinkUser;
  readonly #brokers: readonly BrokerAddress[];
  readonly #stop = new AbortController();
  readonly #attempted = Promise.withResolvers<void>();
  #running: Promise<void> | undefined;
  #connection: ChannelModel | undefined;
  /** Set while connected: ends the connection for a reason of ours. */
  #end: ((reason: string) => void) | undefined;
  #trouble: { readonly since: number; readonly reason: string } | undefined;
  #blocked: { readonly since: number; readonly reason: string } | undefined;
  #turn = 0;

  constructor(options: RabbitOptions, name: string, log: Logger, user: LinkUser) {
    this.#options = options;
    this.#name = name;
    this.#log = log;
    this.#user = user;
    this.#brokers = brokersOf(options);
  }

  /** Connects, unless it has begun to. Resolves when the first attempt has succeeded or failed. */
  start(): Promise<void> {
    if (!this.#stop.signal.aborted) this.#running ??= this.#run();
    return this.#attempted.promise;
  }

  /** Somebody wanted it. */
  get started(): boolean {
    return this.#running !== undefined;
  }

  /** In words, what is wrong and since when; null when connected or not wanted yet. */
  get trouble(): string | null {
    const seconds = (since: number): string => `${Math.round((performance.now() - since) / 1000)} s`;
    if (this.#trouble)
      return `no message broker at ${this.broker} for ${seconds(this.#trouble.since)}: ${this.#trouble.reason}`;
    if (this.#blocked)
      return `the message broker at ${this.broker} takes no messages for ${seconds(this.#blocked.since)}: ${this.#blocked.reason}`;
    return null;
  }

  /** `127.0.0.1:5672`: the one in use or tried now. */
  get broker(): string {
    const { host, port } = this.#current();
    return `${host}:${port}`;
  }

  /** Gives the connection up: something on it broke that only a new one mends. */
  fail(reason: string): void {
    this.#end?.(reason);
  }

  async close(): Promise<void> {
    this.#stop.abort();
    this.#end?.('closed');
    await this.#running;
  }

  #current(): BrokerAddress {
    return this.#brokers[this.#turn % this.#brokers.length] as BrokerAddress;
  }

  async #run(): Promise<void> {
    const { firstMs, mostMs } = this.#options.retry ?? { firstMs: 200, mostMs: 10_000 };
    const { signal } = this.#stop;
    let delay = firstMs;
    while (!signal.aborted) {
      const reason = await this.#hold(() => {
        delay = firstMs;
      });
      if (signal.aborted) break;
      this.#trouble = { since: this.#trouble?.since ?? performance.now(), reason };
      this.#attempted.resolve();
      this.#log.warn(
        `AMQP server on ${this.broker} is unreachable: ${reason}. Trying again in ${delay / 1000} seconds.`,
      );
      this.#turn += 1;
      await sleep(delay, undefined, { signal }).catch(() => undefined);
      delay = Math.min(delay * 2, mostMs);
    }
    this.#attempted.resolve();
  }

  /** Holds one connection until it ends, and says why it did. */
  async #hold(isUp: () => void): Promise<string> {
    const ended = Promise.withResolvers<string>();
    this.#end = ended.resolve;
    try {
      const opening = connect(this.#options, this.#current(), this.#name);
      const connection = await Promise.race([opening, ended.promise]);
      if (typeof connection === 'string') {
        opening.then(closeQuietly, () => undefined);
        return connection;
      }
      this.#connection = connection;
      connection.on('error', (error) => ended.resolve(explain(error)));
      connection.on('close', (error) => ended.resolve(error ? explain(error) : 'the connection was closed'));
      connection.on('blocked', (reason) => {
        this.#blocked = { since: performance.now(), reason };
        this.#log.warn(`The message broker at ${this.broker} takes no messages: ${reason}`);
      });
      connection.on('unblocked', () => (this.#blocked = undefined));
      const early = await Promise.race([this.#user.opened(connection), ended.promise]);
      if (typeof early === 'string') return early;
      if (this.#trouble) this.#log.info(`Connected to AMQP server on ${this.broker}`);
      this.#trouble = undefined;
      isUp();
      this.#attempted.resolve();
      return await ended.promise;
    } catch (error) {
      return explain(error);
    } finally {
      this.#blocked = undefined;
      this.#end = undefined;
      this.#user.lost();
      await closeQuietly(this.#connection);
      this.#connection = undefined;
    }
  }
}

/** A connection that is broken already cannot be closed, and a broker that hangs does not answer a close. */
async function closeQuietly(connection: ChannelModel | undefined): Promise<void> {
  const limit = new AbortController();
  const late = sleep(1000, undefined, { signal: limit.signal }).catch(() => undefined);
  await Promise.race([Promise.resolve(connection?.close()).catch(() => undefined), late]);
  limit.abort();
}
