import { Readable } from 'node:stream';
import type { Clock } from '#common/clock.ts';
import type { Logger } from '#common/telemetry/log.ts';
import { viewFor, type Listener } from './audience.ts';
import type { CloudEvent } from './event.ts';
import type { History } from './history.ts';

export interface StreamOptions {
  readonly listener: Listener;
  readonly wanted: (event: CloudEvent) => boolean;
  /** Where the client was; undefined for one that begins now. */
  readonly after: string | undefined;
  /** Asks again who the caller is. Null: the token is no longer good, or the caller no longer what it was. */
  readonly renew: () => Promise<Listener | null>;
}

export interface StreamLimits {
  /** Milliseconds that a client may leave events waiting. */
  readonly pauseMs: number;
  readonly total: number;
  readonly perProject: number;
  readonly perUser: number;
}

/** Milliseconds that events are gathered for: a burst goes out in few writes, and nobody sees the delay. */
const gatherMs = 10;
/** Handed to a client ahead of its reading. */
const bufferBytes = 65_536;
/** Milliseconds that a client which was cut may take to read what is left. */
const lastWordsMs = 10_000;
/** Milliseconds after which a client comes back by itself. */
const retryMs = 2000;

/** Everybody who listens. */
export class Streams {
  readonly #history: History;
  readonly #limits: StreamLimits;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #open = new Set<EventStream>();
  #gathering: NodeJS.Timeout | undefined;

  constructor(deps: {
    readonly history: History;
    readonly limits: StreamLimits;
    readonly clock: Clock;
    readonly log: Logger;
  }) {
    this.#history = deps.history;
    this.#limits = deps.limits;
    this.#clock = deps.clock;
    this.#log = deps.log;
  }

  get count(): number {
    return this.#open.size;
  }

  /** Why there is no room for one more; null when there is. */
  full({ projectId, userId }: Listener): string | null {
    const { total, perProject, perUser } = this.#limits;
    const of = (mine: (listener: Listener) => boolean): number =>
      [...this.#open].filter(({ listener }) => mine(listener)).length;
    if (this.#open.size >= total) return `All ${total} event streams of this cloud are in use.`;
    if (userId !== null && of((one) => one.userId === userId) >= perUser)
      return `You have ${perUser} event streams open already: close one.`;
    if (projectId !== null && of((one) => one.projectId === projectId) >= perProject)
      return `The project has ${perProject} event streams open already: close one.`;
    return null;
  }

  open(options: StreamOptions): Readable {
    const stream = new EventStream(options, this.#history, this.#clock);
    stream.body.once('close', () => this.#open.delete(stream));
    this.#open.add(stream);
    return stream.body;
  }

  /** There are new events in the history. */
  poke(): void {
    this.#gathering ??= setTimeout(() => {
      this.#gathering = undefined;
      for (const stream of this.#open) stream.poke();
    }, gatherMs);
  }

  /** A sign of life to each; those whose token has ended end. */
  async beat(): Promise<void> {
    await Promise.all(
      [...this.#open].map((stream) =>
        stream
          .beat(this.#limits.pauseMs)
          .catch((error: unknown) => this.#log.warn('A stream was not looked after', error)),
      ),
    );
  }

  close(): void {
    clearTimeout(this.#gathering);
    for (const stream of this.#open) stream.end('the event stream is being stopped');
    this.#open.clear();
  }
}

/**
 * One client's stream, in the form of server-sent events. It is a place in the history: nothing waits for a client in a buffer of
 * its own, and one that reads slowly or comes back goes on from where it is.
 */
class EventStream {
  readonly body: Readable;
  readonly #options: StreamOptions;
  readonly #history: History;
  readonly #clock: Clock;
  /** The last event that was handed on, or passed over. */
  #at: number;
  /** Since when the client has left something unread; null while it reads. */
  #pausedSince: number | null = null;
  #pumping = false;
  #ended = false;

  constructor(options: StreamOptions, history: History, clock: Clock) {
    const { after } = options;
    this.#options = options;
    this.#history = history;
    this.#clock = clock;
    this.body = new Readable({ read: () => this.#goOn(), highWaterMark: bufferBytes });
    const known = after === undefined ? null : history.numberOf(after);
    const there = known !== null && history.after(known) !== 'gone';
    this.#at = there ? known : history.lastNumber;
    // An id by itself tells a client where it is before anything has happened.
    this.body.push(`retry: ${retryMs}\n${there ? '' : `id: ${history.lastId}\n`}\n`);
    if (after !== undefined && !there) this.body.push(`id: ${history.lastId}\nevent: gap\ndata: {}\n\n`);
  }

  get listener(): Listener {
    return this.#options.listener;
  }

  /** There is a new event. */
  poke(): void {
    if (this.#pausedSince === null) this.#pump();
  }

  async beat(pauseMs: number): Promise<void> {
    if (this.#ended) return;
    if (this.#pausedSince !== null) {
      if (this.#clock.now().getTime() - this.#pausedSince >= pauseMs)
        this.end('this client reads too slowly: come back with Last-Event-ID');
      return;
    }
    const still = await this.#options.renew();
    const { isAdmin, projectId } = this.listener;
    if (!still || still.isAdmin !== isAdmin || still.projectId !== projectId) this.end('the token has ended');
    // All that there is was handed on, so this is where the client is, however little of it was for it.
    else if (!this.#ended && this.#pausedSince === null)
      this.body.push(`: ${this.#clock.now().toISOString()}\nid: ${this.#history.lastId}\n\n`);
  }

  /** Says why, and ends. A client that does not read even that is let go. */
  end(why: string): void {
    if (this.#ended) return;
    this.#ended = true;
    this.body.push(`: ${why}\n\n`);
    this.body.push(null);
    const timer = setTimeout(() => this.body.destroy(), lastWordsMs);
    timer.unref();
    this.body.once('close', () => clearTimeout(timer));
  }

  #goOn(): void {
    this.#pausedSince = null;
    this.#pump();
  }

  #pump(): void {
    if (this.#pumping || this.#ended) return;
    this.#pumping = true;
    try {
      for (;;) {
        const text = this.#next();
        if (text === null || text === '') return;
        if (this.body.push(text)) continue;
        this.#pausedSince = this.#clock.now().getTime();
        return;
      }
    } finally {
      this.#pumping = false;
    }
  }

  /** The events that come next, as far as they go into one write; empty when there are none, null when some are lost. */
  #next(): string | null {
    const { listener, wanted } = this.#options;
    let text = '';
    while (text.length < bufferBytes) {
      const entry = this.#history.after(this.#at);
      if (entry === null) break;
      if (entry === 'gone') {
        this.end('this client has fallen behind the history: read the lists again');
        return null;
      }
      this.#at = entry.number;
      const view = viewFor(entry.audience, listener);
      if (view !== null && wanted(entry.event)) text += entry.frame(view);
    }
    return text;
  }
}
