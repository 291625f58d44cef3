import type { Readable } from 'node:stream';
import { CommandError, HttpError } from './errors.ts';
import type { Session } from './session.ts';
import type { Shell } from './shell.ts';

/** Milliseconds between two looks in a cloud without an event stream, and before a stream that ended is opened again. */
const pollMs = 3000;
/** Milliseconds that changes are gathered for before the list is printed again. */
const gatherMs = 200;

export interface Watch {
  readonly shell: Shell;
  /** Who asks; signed in anew when the token has ended. */
  readonly session: () => Session;
  readonly signInAgain: () => Promise<void>;
  /** The beginning of the types of events that matter: `compute.instance.` */
  readonly types: string;
  /** The list as it is now. */
  readonly list: () => Promise<string>;
}

/** Prints a list again and again: at the cloud's events, or every 3 s where there is no stream of them. Ends when interrupted. */
export async function watch(options: Watch): Promise<void> {
  const { shell } = options;
  const stop = shell.interrupted?.() ?? new AbortController().signal;
  let shown: string | undefined;
  let stream: EventSignal | null = null;
  try {
    while (!stop.aborted) {
      // Opened before the list is read: nothing that happens between the two is missed.
      stream ??= await openEvents(options, stop);
      const list = await freshList(options);
      if (stop.aborted) return;
      if (list !== shown)
        shell.out(shell.isTerminal ? `\x1b[H\x1b[2J${list}` : shown === undefined ? list : `\n${list}`);
      shown = list;
      if (!stream) await shell.sleep(pollMs, stop);
      else if (await stream.next()) await shell.sleep(gatherMs, stop);
      else {
        stream = null;
        await shell.sleep(pollMs, stop);
      }
    }
  } catch (error) {
    if (!stop.aborted) throw error;
  } finally {
    stream?.close();
  }
}

async function freshList(options: Watch): Promise<string> {
  try {
    return await options.list();
  } catch (error) {
    if (!(error instanceof HttpError) || error.status !== 401) throw error;
    await options.signInAgain();
    return options.list();
  }
}

/** Null where the catalogue has none, or it does not answer now: then one looks by the clock. */
async function openEvents({ session, types }: Watch, signal: AbortSignal): Promise<EventSignal | null> {
  const url = await session().findService('event');
  if (url === undefined) return null;
  const path = `/events/stream?type=${encodeURIComponent(types)}`;
  const open = async (query: string): Promise<EventSignal> => {
    const headers = { accept: 'text/event-stream' };
    const answer = await session().send({ method: 'GET', url, path: path + query, headers, signal });
    return new EventSignal(answer.stream);
  };
  try {
    // An administrator's lists may have things of every project.
    return await open('&all_projects=1').catch((error: unknown) => {
      if (error instanceof HttpError && error.status === 403) return open('');
      throw error;
    });
  } catch (error) {
    if (error instanceof CommandError || signal.aborted) return null;
    throw error;
  }
}

/** What matters of a stream: that something has happened since one last looked. */
class EventSignal {
  readonly #stream: Readable;
  #happened = false;
  #over = false;
  #wake: () => void = () => undefined;

  constructor(stream: Readable) {
    this.#stream = stream;
    let rest = '';
    stream.setEncoding('utf8');
    stream.on('data', (text: string) => {
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      if (!lines.some((line) => line.startsWith('data:'))) return;
      this.#happened = true;
      this.#wake();
    });
    for (const end of ['end', 'close', 'error'])
      stream.on(end, () => {
        this.#over = true;
        this.#wake();
      });
  }

  /** Waits for an event. @returns false when the stream is over, as it is when one stops */
  async next(): Promise<boolean> {
    if (!this.#happened && !this.#over) await new Promise<void>((resolve) => (this.#wake = resolve));
    const happened = this.#happened;
    this.#happened = false;
    return happened;
  }

  close(): void {
    this.#stream.destroy();
  }
}
