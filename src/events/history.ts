import { shownAs, type Audience, type View } from './audience.ts';
import type { CloudEvent } from './event.ts';
import type { Heard } from './normalise.ts';

/** An event in its place. */
export class Entry {
  readonly number: number;
  readonly event: CloudEvent;
  readonly audience: Audience;
  readonly #frames: Partial<Record<View, string>> = {};

  constructor(number: number, event: CloudEvent, audience: Audience) {
    this.number = number;
    this.event = event;
    this.audience = audience;
  }

  /** As a stream carries it: written once for all who see it alike. */
  frame(view: View): string {
    return (this.#frames[view] ??=
      `id: ${this.event.id}\nevent: cloud\ndata: ${JSON.stringify(shownAs(this.event, view))}\n\n`);
  }
}

/** The last events, in memory: a ring. */
export class History {
  /** Tells this daemon's life from others': ids of another are not known here. */
  readonly #start: number;
  readonly #size: number;
  readonly #ring: Entry[] = [];
  #next = 1;

  /** @param start milliseconds since 1970 at which the daemon started */
  constructor({ start, size }: { readonly start: number; readonly size: number }) {
    this.#start = start;
    this.#size = Math.max(1, size);
  }

  add({ event, audience }: Heard): Entry {
    const number = this.#next++;
    const entry = new Entry(number, { id: this.#id(number), ...event }, audience);
    this.#ring[number % this.#size] = entry;
    return entry;
  }

  /** The newest event's; 0 before the first. */
  get lastNumber(): number {
    return this.#next - 1;
  }

  /** The id of the newest event; before the first, one that a client can go on from all the same. */
  get lastId(): string {
    return this.#id(this.lastNumber);
  }

  /** The event after that one; null when it was the last, `gone` when those after it are not all here any more. */
  after(number: number): Entry | null | 'gone' {
    if (number >= this.lastNumber) return null;
    return number < this.#oldest - 1 ? 'gone' : this.#at(number + 1);
  }

  /** The number of an id; null for one that is not of this daemon's life. */
  numberOf(id: string): number | null {
    const [, start, number] = /^(\d{1,15})-(\d{1,15})$/.exec(id) ?? [];
    const at = Number(number);
    return Number(start) === this.#start && at < this.#next ? at : null;
  }

  /** Newest first, older than that id when there is one. */
  *newestFirst(before?: string): Generator<Entry> {
    const end = before === undefined ? this.#next : this.numberOf(before);
    if (end === null) return;
    for (let number = end - 1; number >= this.#oldest; number--) yield this.#at(number);
  }

  get #oldest(): number {
    return Math.max(1, this.#next - this.#size);
  }

  #at(number: number): Entry {
    return this.#ring[number % this.#size] as Entry;
  }

  #id(number: number): string {
    return `${this.#start}-${number}`;
  }
}
