import type { ChannelModel, ConfirmChannel } from 'amqplib';
import { settledWithin } from '../drain.ts';
import { explain } from './connect.ts';
import type { Declaration } from './topology.ts';

export interface Outgoing {
  readonly id: string;
  readonly exchange: string;
  readonly routingKey: string;
  readonly content: Buffer;
  /** Declared before it is sent. */
  readonly needs: readonly Declaration[];
  /** It must reach a queue; a fanout or a notification may have no listener. */
  readonly mandatory: boolean;
  /** On `performance.now()`'s scale: nobody wants it after that. */
  readonly expiresAt?: number;
  readonly replyTo?: string;
  readonly correlationId?: string;
}

interface Entry {
  readonly message: Outgoing;
  readonly done: Promise<void>;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
  /** The broker gave it back: a queue that was there had been deleted. */
  returned: boolean;
  repeats: number;
}

const mostRepeats = 3;

/**
 * Sends in order and keeps every message until the broker has confirmed it; what a lost connection left unconfirmed goes
 * out again on the next one, in the same order (so a message may arrive twice, with the same id).
 */
export class Outbox {
  readonly #limit: number;
  readonly #trouble: () => string | null;
  #waiting: Entry[] = [];
  /** Sent, not confirmed; in the order of sending. */
  readonly #inFlight = new Map<string, Entry>();
  readonly #declared = new Set<string>();
  #connection: ChannelModel | undefined;
  #channel: ConfirmChannel | undefined;
  #pumping = false;
  #closed = false;

  /**
   * @param limit of messages kept while the broker is away
   * @param trouble says why it is away
   */
  constructor(limit: number, trouble: () => string | null) {
    this.#limit = limit;
    this.#trouble = trouble;
  }

  /** Resolves when the broker has it. @throws Error when too many wait already, or the broker refuses it */
  send(message: Outgoing): Promise<void> {
    if (this.#closed) return Promise.reject(new Error('The message bus is closed.'));
    if (!this.#channel && this.#waiting.length >= this.#limit) this.#dropExpired();
    if (!this.#channel && this.#waiting.length >= this.#limit)
      return Promise.reject(
        new Error(
          `The message was not taken: ${this.#limit} wait already, and there is ${this.#trouble() ?? 'no connection to the message broker'}.`,
        ),
      );
    const { promise: done, resolve, reject } = Promise.withResolvers<void>();
    this.#waiting.push({ message, done, resolve, reject, returned: false, repeats: 0 });
    void this.#pump();
    return done;
  }

  /** @param failed called when the channel closes while the connection stays */
  async opened(connection: ChannelModel, failed: (reason: string) => void): Promise<void> {
    const channel = await connection.createConfirmChannel();
    let reason = 'the channel was closed';
    channel.on('error', (error) => (reason = explain(error)));
    // Before amqplib's own listener, which fails every unconfirmed message: those are not failed, they are sent again.
    channel.prependListener('close', () => {
      if (this.#channel === channel) this.lost();
      failed(reason);
    });
    channel.on('return', ({ properties }) => {
      const entry = this.#inFlight.get(String(properties.messageId));
      if (entry) entry.returned = true;
    });
    this.#connection = connection;
    this.#channel = channel;
    void this.#pump();
  }

  lost(): void {
    this.#channel = undefined;
    this.#connection = undefined;
    this.#declared.clear();
    this.#waiting = [...this.#inFlight.values(), ...this.#waiting];
    this.#inFlight.clear();
    for (const entry of this.#waiting) entry.returned = false;
  }

  /** Waits for the confirms of what was sent, then fails what is left. */
  async close(limitMs: number): Promise<void> {
    this.#closed = true;
    const left = (): Entry[] => [...this.#inFlight.values(), ...this.#waiting];
    if (this.#channel)
      await settledWithin(
        left().map(({ done }) => done),
        limitMs,
      );
    for (const entry of left())
      entry.reject(new Error('The message bus was closed before the broker had the message.'));
    this.#waiting = [];
    this.#inFlight.clear();
  }

  async #pump(): Promise<void> {
    if (this.#pumping) return;
    this.#pumping = true;
    try {
      for (;;) {
        const channel = this.#channel;
        const entry = this.#waiting[0];
        if (!channel || !entry) return;
        if (isExpired(entry)) {
          this.#waiting.shift();
          entry.resolve();
          continue;
        }
        const missing = entry.message.needs.find(({ key }) => !this.#declared.has(key));
        if (!missing) {
          this.#waiting.shift();
          this.#publish(channel, entry);
          continue;
        }
        const problem = await this.#declare(missing);
        if (this.#channel !== channel) continue; // lost meanwhile: begin again on the next connection
        if (problem === null) this.#declared.add(missing.key);
        else {
          this.#waiting.shift();
          entry.reject(problem);
        }
      }
    } finally {
      this.#pumping = false;
    }
  }

  /** On a channel of its own, because the broker answers a refusal by closing the channel. */
  async #declare(declaration: Declaration): Promise<Error | null> {
    try {
      const channel = await this.#connection?.createChannel();
      channel?.on('error', () => undefined);
      if (channel) await declaration.apply(channel);
      await channel?.close();
      return null;
    } catch (error) {
      return new Error(`The message broker refused to declare ${declaration.key}: ${explain(error)}`);
    }
  }

  #publish(channel: ConfirmChannel, entry: Entry): void {
    const { id, exchange, routingKey, content, mandatory, expiresAt, replyTo, correlationId } = entry.message;
    this.#inFlight.set(id, entry);
    try {
      channel.publish(
        exchange,
        routingKey,
        content,
        {
          messageId: id,
          contentType: 'application/json',
          persistent: true,
          mandatory,
          ...(replyTo !== undefined && { replyTo }),
          ...(correlationId !== undefined && { correlationId }),
          ...(expiresAt !== undefined && { expiration: String(Math.max(1, Math.ceil(expiresAt - performance.now()))) }),
        },
        (error: Error | null) => this.#confirmed(channel, entry, error),
      );
    } catch (error) {
      if ((error as Error).name === 'IllegalOperationError') return this.lost(); // closed; its event is on the way
      this.#inFlight.delete(id);
      entry.reject(error as Error);
    }
  }

  #confirmed(channel: ConfirmChannel, entry: Entry, error: Error | null): void {
    if (this.#channel !== channel) return;
    this.#inFlight.delete(entry.message.id);
    if (error) entry.reject(new Error(`The message broker refused a message to ${entry.message.routingKey}.`));
    else if (!entry.returned) entry.resolve();
    else this.#repeat(entry);
  }

  #repeat(entry: Entry): void {
    for (const { key } of entry.message.needs) this.#declared.delete(key);
    if (entry.repeats++ >= mostRepeats) {
      entry.reject(
        new Error(`The queue ${entry.message.routingKey} is deleted again and again at the message broker.`),
      );
      return;
    }
    entry.returned = false;
    this.#waiting.push(entry);
    void this.#pump();
  }

  #dropExpired(): void {
    const expired = this.#waiting.filter(isExpired);
    this.#waiting = this.#waiting.filter((entry) => !expired.includes(entry));
    for (const entry of expired) entry.resolve();
  }
}

const isExpired = ({ message }: Entry): boolean =>
  message.expiresAt !== undefined && message.expiresAt <= performance.now();
