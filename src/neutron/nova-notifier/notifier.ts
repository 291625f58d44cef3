import type { Session } from '#common/auth/session.ts';
import type { Clock } from '#common/clock.ts';
import type { Logger } from '#common/telemetry/log.ts';
import type { Store } from '../store.ts';
import { deleteEvents, pendingEvents, type StoredEvent } from './rows.ts';

export interface NovaNotifierDeps {
  readonly store: Store;
  readonly session: Session;
  /** `nova_url`, without the project: `http://controller:8774/v2` */
  readonly novaUrl: string;
  /** `send_events_interval`: seconds to gather events before they are sent. */
  readonly intervalSeconds: number;
  readonly clock: Clock;
  readonly log: Logger;
}

const batchSize = 200;
/** After that nobody waits for an event any more: Nova gave the server up long ago. */
const maxAgeMs = 600_000;
const longestPauseMs = 30_000;

/** Sends the stored events to Nova, in order, until it confirms them. */
export class NovaNotifier {
  readonly #deps: NovaNotifierDeps;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | undefined;
  #again = false;
  #failures = 0;
  #closed = false;

  constructor(deps: NovaNotifierDeps) {
    this.#deps = deps;
  }

  /** There is something to send; more may come within the interval. */
  poke(): void {
    if (this.#running) this.#again = true;
    this.#schedule(this.#deps.intervalSeconds * 1000);
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    await this.#running;
  }

  #schedule(ms: number): void {
    if (this.#closed || this.#timer || this.#running) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#running = this.#drain().finally(() => {
        this.#running = undefined;
        if (this.#failures > 0) this.#schedule(Math.min(longestPauseMs, 500 * 2 ** this.#failures));
        else if (this.#again) this.#schedule(this.#deps.intervalSeconds * 1000);
        this.#again = false;
      });
    }, ms);
  }

  async #drain(): Promise<void> {
    const { store, log } = this.#deps;
    try {
      for (;;) {
        const events = await pendingEvents(store.query, batchSize);
        if (events.length === 0) break;
        const fresh = events.filter((event) => this.#isFresh(event));
        if (fresh.length > 0) await this.#send(fresh);
        await store.write((db) =>
          deleteEvents(
            db,
            events.map(({ id }) => id),
          ),
        );
        if (this.#closed) break;
      }
      this.#failures = 0;
    } catch (error) {
      this.#failures = Math.min(this.#failures + 1, 10);
      log.warn('Nova could not be told of changed ports; trying again', error);
    }
  }

  #isFresh({ created_at }: StoredEvent): boolean {
    return this.#deps.clock.now().getTime() - Date.parse(`${created_at.slice(0, 23)}Z`) < maxAgeMs;
  }

  /** @throws Error when Nova did not take them */
  async #send(events: readonly StoredEvent[]): Promise<void> {
    const { session, novaUrl, log } = this.#deps;
    const url = `${novaUrl.replace(/\/+$/, '')}/${await session.projectId()}/os-server-external-events`;
    const answer = await session.request({
      method: 'POST',
      url,
      headers: { 'content-type': 'application/json', accept: 'application/json' },
      body: JSON.stringify({
        events: events.map(({ name, server_uuid, tag, status }) => ({
          name,
          server_uuid,
          ...(tag !== null && { tag }),
          ...(status !== null && { status }),
        })),
      }),
    });
    const text = await answer.text();
    // 207: some servers are unknown to Nova (deleted meanwhile). 404: all of them.
    if ([200, 202, 207, 404].includes(answer.status)) return;
    if (answer.status >= 400 && answer.status < 500 && answer.status !== 401 && answer.status !== 403) {
      log.warn(`Nova refuses ${events.length} events (HTTP ${answer.status}): ${text.slice(0, 300)}`);
      return;
    }
    throw new Error(`${url} answers HTTP ${answer.status}`);
  }
}
