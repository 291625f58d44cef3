import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { HttpError } from './errors.ts';
import type { ApiRequest, Session } from './session.ts';
import type { Shell } from './shell.ts';
import { watch } from './watch.ts';

/** A cloud with one list, seen through its event stream. */
function fixture(options: { readonly events?: boolean; readonly isTerminal?: boolean; readonly admin?: boolean } = {}) {
  const stop = new AbortController();
  const streams: PassThrough[] = [];
  const asked: string[] = [];
  let items = ['a'];
  let out = '';
  let signedIn = 1;
  let expired = false;
  let sleeps = 0;
  const session = {
    findService: async () => ((options.events ?? true) ? 'http://events/v1' : undefined),
    send: async ({ path, signal }: ApiRequest) => {
      asked.push(path);
      if (!options.admin && path.includes('all_projects')) throw new HttpError(403, 'no', '', undefined);
      const stream = new PassThrough();
      signal?.addEventListener('abort', () => stream.destroy());
      streams.push(stream);
      return { stream };
    },
  } as unknown as Session;
  const shell = {
    out: (text: string) => (out += text),
    isTerminal: options.isTerminal ?? false,
    interrupted: () => stop.signal,
    sleep: async () => {
      sleeps++;
      await new Promise((resolve) => setTimeout(resolve, 1));
    },
  } as unknown as Shell;
  const done = watch({
    shell,
    session: () => session,
    signInAgain: async () => {
      signedIn++;
      expired = false;
    },
    types: 'compute.instance.',
    list: async () => {
      if (expired) throw new HttpError(401, 'expired', '', undefined);
      return `${items.join(' ')}\n`;
    },
  });
  return {
    ...{ stop, streams, asked, done },
    change: (next: string[]) => void (items = next),
    expire: () => (expired = true),
    get out() {
      return out;
    },
    get signedIn() {
      return signedIn;
    },
    get sleeps() {
      return sleeps;
    },
  };
}

const until = async (condition: () => boolean): Promise<void> => {
  for (let i = 0; i < 1000 && !condition(); i++) await new Promise((resolve) => setTimeout(resolve, 1));
  expect(condition()).toBe(true);
};
const event = 'id: 1-1\nevent: cloud\ndata: {}\n\n';

describe('watching a list', () => {
  it('prints it again when an event comes, and only when it has changed', async () => {
    const cloud = fixture({ admin: true });
    await until(() => cloud.out === 'a\n');
    expect(cloud.asked).toEqual(['/events/stream?type=compute.instance.&all_projects=1']);
    cloud.change(['a', 'b']);
    cloud.streams[0]?.write(': a sign of life\nid: 1-0\n\n');
    cloud.streams[0]?.write(event.slice(0, 25));
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(cloud.out).toBe('a\n');
    cloud.streams[0]?.write(event.slice(25));
    await until(() => cloud.out === 'a\n\na b\n');
    const { sleeps } = cloud;
    cloud.streams[0]?.write(event);
    await until(() => cloud.sleeps > sleeps);
    cloud.stop.abort();
    await cloud.done;
    expect(cloud.out).toBe('a\n\na b\n');
    expect(cloud.streams).toHaveLength(1);
  });

  it('hears its own project only when it may not hear all', async () => {
    const cloud = fixture();
    await until(() => cloud.streams.length === 1);
    expect(cloud.asked[1]).toBe('/events/stream?type=compute.instance.');
    cloud.stop.abort();
    await cloud.done;
  });

  it('draws over the last one on a terminal', async () => {
    const cloud = fixture({ isTerminal: true });
    await until(() => cloud.out === '\x1b[H\x1b[2Ja\n');
    cloud.stop.abort();
    await cloud.done;
  });

  it('looks by the clock in a cloud without a stream', async () => {
    const cloud = fixture({ events: false });
    await until(() => cloud.out === 'a\n');
    cloud.change(['c']);
    await until(() => cloud.out === 'a\n\nc\n');
    cloud.stop.abort();
    await cloud.done;
    expect(cloud.asked).toEqual([]);
  });

  it('opens the stream again when it ends, and signs in again when the token has', async () => {
    const cloud = fixture();
    await until(() => cloud.out === 'a\n');
    cloud.expire();
    cloud.change(['d']);
    cloud.streams[0]?.end();
    await until(() => cloud.out === 'a\n\nd\n');
    await until(() => cloud.streams.length === 2);
    expect(cloud.signedIn).toBe(2);
    cloud.stop.abort();
    await cloud.done;
  });
});
