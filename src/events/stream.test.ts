import { request, type IncomingMessage } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { eventsFixture } from './testing/fixture.ts';

/** A client over a real socket. */
class Client {
  readonly #answer: IncomingMessage;
  text = '';
  over = false;
  /** What was told, by resource id. */
  readonly heard: string[] = [];
  /** The id that an EventSource would come back with. */
  lastId: string | undefined;

  private constructor(answer: IncomingMessage, paused: boolean) {
    this.#answer = answer;
    answer.setEncoding('utf8');
    answer.on('close', () => (this.over = true));
    answer.on('error', () => (this.over = true));
    if (!paused) this.read();
  }

  static open(
    port: number,
    path: string,
    { token = 'demo', lastId, paused = false }: { token?: string; lastId?: string; paused?: boolean } = {},
  ): Promise<Client> {
    return new Promise((resolve, reject) => {
      const headers = { 'x-auth-token': token, ...(lastId !== undefined && { 'last-event-id': lastId }) };
      request({ port, path: `/v1/events/stream${path}`, headers, agent: false, host: '127.0.0.1' }, (answer) =>
        resolve(new Client(answer, paused)),
      )
        .on('error', reject)
        .end();
    });
  }

  get status(): number | undefined {
    return this.#answer.statusCode;
  }
  get headers() {
    return this.#answer.headers;
  }
  read(): void {
    let rest = '';
    this.#answer.on('data', (text: string) => {
      this.text += text;
      const blocks = (rest + text).split('\n\n');
      rest = blocks.pop() ?? '';
      for (const block of blocks) {
        this.lastId = /^id: (.*)$/m.exec(block)?.[1] ?? this.lastId;
        const data = /^event: cloud\ndata: (.*)$/m.exec(block)?.[1];
        if (data !== undefined) this.heard.push((JSON.parse(data) as { resource: { id: string } }).resource.id);
      }
    });
  }
  close(): void {
    this.#answer.destroy();
  }
}

const until = async (condition: () => boolean): Promise<void> => {
  for (let i = 0; i < 2000 && !condition(); i++) await new Promise((resolve) => setTimeout(resolve, 2));
  expect(condition()).toBe(true);
};

describe('GET /v1/events/stream', () => {
  let events: ReturnType<typeof eventsFixture>;
  let port: number;
  let clients: Client[];
  const start = async (options: Parameters<typeof eventsFixture>[0] = {}): Promise<void> => {
    events = eventsFixture(options);
    await events.app.fastify.listen({ host: '127.0.0.1', port: 0 });
    port = (events.app.fastify.server.address() as { port: number }).port;
  };
  const open = async (path = '', options: Parameters<typeof Client.open>[2] = {}): Promise<Client> => {
    const client = await Client.open(port, path, options);
    clients.push(client);
    return client;
  };
  beforeEach(async () => {
    clients = [];
    await start();
  });
  afterEach(async () => {
    for (const client of clients) client.close();
    events.streams.close();
    await events.app.fastify.close();
  });

  it('is a stream of server-sent events that says at once where it is', async () => {
    const client = await open();
    await until(() => client.text !== '');
    expect(client.headers).toMatchObject({
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-cache, no-transform',
    });
    expect(client.text).toBe(`retry: 2000\nid: ${events.history.lastId}\n\n`);
  });

  it('tells each project its own, and administrators all when they ask for it', async () => {
    const [demo, other, admin, all] = await Promise.all([
      open(),
      open('', { token: 'other' }),
      open('', { token: 'ops/admin' }),
      open('?all_projects=1', { token: 'ops/admin' }),
    ]);
    events.server('a', 'demo');
    events.server('b', 'other');
    events.say('flavor.create', { flavor_id: 'f', is_public: true });
    for (const client of [demo, other, admin, all]) await until(() => client.heard.includes('f'));
    expect([demo.heard, other.heard, admin.heard, all.heard]).toEqual([['a', 'f'], ['b', 'f'], ['f'], ['a', 'b', 'f']]);
    expect(demo.text).not.toContain('compute.h1');
    expect(all.text).toContain('"payload":{"instance_id":"a"');
  });

  it('tells only what was asked for', async () => {
    const client = await open('?resource=server&resource_id=b');
    for (const id of ['a', 'b', 'c']) events.server(id);
    events.say('port.update.end', { port: { id: 'b' } }, 'demo');
    await until(() => client.heard.length > 0);
    await events.streams.beat();
    await until(() => client.text.includes('\n: '));
    expect(client.heard).toEqual(['b']);
    // It has heard of everything up to here, little as it was for it.
    expect(client.lastId).toBe(events.history.lastId);
  });

  it('goes on where a client was, by header or by query', async () => {
    const first = await open();
    events.server('a');
    await until(() => first.heard.length === 1);
    first.close();
    for (const id of ['b', 'c']) events.server(id);
    const lastId = first.lastId as string;
    const again = [await open('', { lastId }), await open(`?after=${lastId}`)];
    for (const { heard } of again) await until(() => heard.length === 2);
    events.server('d');
    for (const { heard } of again) await until(() => heard.length === 3);
    for (const client of again) {
      expect(client.heard).toEqual(['b', 'c', 'd']);
      expect(client.text).not.toContain('event: gap');
    }
  });

  it('says that there is a gap when it no longer knows what came since', async () => {
    await events.app.fastify.close();
    await start({ size: 3 });
    const { lastId } = events.history;
    for (const id of ['a', 'b', 'c', 'd']) events.server(id);
    for (const old of [lastId, '1-1', 'nonsense']) {
      const client = await open('', { lastId: old });
      await until(() => client.text.includes('event: gap'));
      expect(client.text).toContain(`id: ${events.history.lastId}\nevent: gap\ndata: {}\n\n`);
      events.server('e');
      await until(() => client.heard.length > 0);
      expect(client.heard).toEqual(['e']);
    }
  });

  it('cuts a client that does not read, which comes back where it was', async () => {
    await events.app.fastify.close();
    await start({ size: 5000 });
    const slow = await open('', { token: 'demo/admin', paused: true });
    const text = 'x'.repeat(20_000);
    const count = 1000; // 20 MB: more than sockets and buffers hold
    for (let i = 0; i < count; i++) events.server(`s${i}`, 'demo', { text });
    await new Promise((resolve) => setTimeout(resolve, 50));
    await events.streams.beat();
    expect(events.streams.count).toBe(1);
    events.pass(31_000);
    await events.streams.beat();
    slow.read();
    await until(() => slow.over);
    expect(slow.text).toMatch(/: this client reads too slowly: come back with Last-Event-ID\n\n$/);
    expect(slow.heard.length).toBeLessThan(count);
    const again = await open('', { token: 'demo/admin', lastId: slow.lastId as string });
    await until(() => slow.heard.length + again.heard.length >= count);
    expect([...slow.heard, ...again.heard]).toEqual(Array.from({ length: count }, (_, i) => `s${i}`));
  });

  it('cuts one that has fallen behind the history', async () => {
    await events.app.fastify.close();
    await start({ size: 50 });
    const slow = await open('', { token: 'demo/admin', paused: true });
    const text = 'x'.repeat(100_000);
    for (let i = 0; i < 300; i++) events.server(`s${i}`, 'demo', { text });
    slow.read();
    await until(() => slow.over);
    expect(slow.text).toContain(': this client has fallen behind the history');
  });

  it('shows signs of life, and ends when the token does', async () => {
    const client = await open('', { token: 'demo//bob' });
    await events.streams.beat();
    await until(() => client.text.includes(': 2026-01-01T00:00:00.000Z\nid: '));
    events.revoked.add('demo//bob');
    await events.streams.beat();
    await until(() => client.over);
    expect(client.text).toMatch(/: the token has ended\n\n$/);
    await until(() => events.streams.count === 0);
  });

  it('has room for so many of a user, a project, and in all', async () => {
    await events.app.fastify.close();
    await start({ limits: { perUser: 1, perProject: 2, total: 3 } });
    await open('', { token: 'demo//a' });
    const refused = await open('', { token: 'demo//a' });
    await until(() => refused.over);
    expect([refused.status, refused.headers['retry-after']]).toEqual([429, '30']);
    expect(refused.text).toContain('You have 1 event streams open already');
    const second = await open('', { token: 'demo//b' });
    expect((await open('', { token: 'demo//c' })).status).toBe(429);
    await open('', { token: 'other' });
    expect((await open('', { token: 'third' })).status).toBe(429);
    second.close();
    await until(() => events.streams.count === 2);
    expect((await open('', { token: 'demo//c' })).status).toBe(200);
  });

  it('ends all streams with a word when it stops', async () => {
    const client = await open();
    events.streams.close();
    await until(() => client.over);
    expect(client.text).toContain(': the event stream is being stopped');
  });
});
