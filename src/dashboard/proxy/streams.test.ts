import { randomBytes } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { buffer, text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startDashboard, type Browser, type TestDashboard } from '../testing/dashboard.ts';
import { send } from '../testing/http.ts';

const proxy = '/dashboard/api/proxy';
let site: TestDashboard;
let browser: Browser;
beforeEach(async () => {
  site = await startDashboard();
  browser = site.browser();
  await browser.signIn();
});
afterEach(() => site.close());

describe('streams', () => {
  it('flow up without being kept, and the service may be slow', async () => {
    const port = await site.listen();
    const piece = randomBytes(1 << 20);
    let received = 0;
    let more: () => void = () => undefined;
    site.cloud.on('image', (request, response) => {
      request.on('data', (chunk: Buffer) => {
        received += chunk.length;
        request.pause();
        more = () => request.resume();
      });
      request.on('end', () => response.writeHead(204).end());
    });
    const { request, answer } = send(port, 'PUT', `${proxy}/image/images/x/file`, {
      ...browser.headers(),
      'content-type': 'application/octet-stream',
    });
    let blocked = 0;
    for (; blocked < 64 && request.write(piece); blocked++);
    // The service takes nothing more: soon the browser may not send more either.
    const wrote = new Promise((resolve) => request.once('drain', () => resolve('drained')));
    for (let n = 0; n < 63; n++) request.write(piece);
    expect(await Promise.race([wrote, new Promise((resolve) => setTimeout(() => resolve('waits'), 400))])).toBe(
      'waits',
    );
    expect(received).toBeLessThan(4 << 20);
    request.end();
    const pump = setInterval(() => more(), 0);
    // The limit for answers (0.3 s here) does not count for uploads.
    expect((await answer).statusCode).toBe(204);
    clearInterval(pump);
    expect(received).toBe((blocked + 64) << 20);
  });

  it('flow down as they come, byte by byte the same', async () => {
    const port = await site.listen();
    const image = randomBytes(5 << 20);
    site.cloud.on('image', (_request, response) => {
      response.writeHead(200, { 'content-type': 'application/octet-stream', 'content-length': image.length });
      response.end(image);
    });
    const { request, answer } = send(port, 'GET', `${proxy}/image/images/x/file`, browser.headers());
    request.end();
    const got = await answer;
    expect(got.headers['content-length']).toBe(String(image.length));
    expect((await buffer(got)).equals(image)).toBe(true);
  });

  it('end at the service when the browser goes away', async () => {
    const port = await site.listen();
    const closed = new Promise<string>((resolve) => {
      site.cloud.on('image', (request, response) => {
        request.on('close', () => resolve('closed'));
        response.writeHead(200).write('x');
      });
    });
    const { request, answer } = send(port, 'GET', `${proxy}/image/images/x/file`, browser.headers());
    request.end();
    (await answer).once('data', () => request.destroy());
    expect(await closed).toBe('closed');
    const upload = new Promise<string>((resolve) => {
      site.cloud.on('image', (request) => void request.on('close', () => resolve('closed')).resume());
    });
    const up = send(port, 'PUT', `${proxy}/image/images/x/file`, browser.headers());
    up.request.write('part');
    await new Promise((resolve) => setTimeout(resolve, 50));
    up.request.destroy();
    expect(await upload).toBe('closed');
  });

  it('are answered before they are whole, if the service does so', async () => {
    const port = await site.listen();
    site.cloud.on(
      'image',
      (_request, response) => void response.writeHead(413, { 'content-type': 'application/json' }).end('{"no":1}'),
    );
    const { request, answer } = send(port, 'PUT', `${proxy}/image/images/x/file`, browser.headers());
    const piece = Buffer.alloc(1 << 20);
    for (let n = 0; n < 16; n++) request.write(piece);
    const got = await answer;
    expect([got.statusCode, await text(got)]).toEqual([413, '{"no":1}']);
    request.end();
  });

  it('of events come at once, last longer than any limit, and end with the browser', async () => {
    const port = await site.listen();
    let events: ServerResponse | undefined;
    let lastId: unknown;
    const gone = new Promise<string>((resolve) => {
      site.cloud.on('event', (request, response) => {
        lastId = request.headers['last-event-id'];
        request.on('close', () => resolve('gone'));
        (events = response.writeHead(200, { 'content-type': 'text/event-stream' })).flushHeaders();
      });
    });
    const { request, answer } = send(port, 'GET', `${proxy}/event/events/stream?resource=server`, {
      ...browser.headers(),
      accept: 'text/event-stream',
      'last-event-id': '7',
    });
    request.end();
    const stream = await answer;
    expect(stream.headers).toMatchObject({ 'content-type': 'text/event-stream', 'x-accel-buffering': 'no' });
    expect(lastId).toBe('7');
    let heard = '';
    stream.on('data', (chunk: Buffer) => void (heard += chunk.toString()));
    await new Promise((resolve) => setTimeout(resolve, 500));
    for (const data of ['one', 'two']) {
      events?.write(`data: ${data}\n\n`);
      await expect.poll(() => heard).toContain(`data: ${data}\n\n`);
    }
    request.destroy();
    expect(await gone).toBe('gone');
  });

  it.each([
    ['the session ends', () => browser.ask('DELETE', '/dashboard/api/session')],
    ['another project is chosen', () => browser.ask('PUT', '/dashboard/api/session/scope', { projectId: 'p2' })],
    ['the dashboard stops', async () => site.app.endConnections()],
  ])('of events end when %s', async (_what, act) => {
    const port = await site.listen();
    site.cloud.on('event', (_request, response) =>
      response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders(),
    );
    const { request, answer } = send(port, 'GET', `${proxy}/event/events/stream`, browser.headers());
    request.end();
    const stream = await answer;
    const ended = new Promise((resolve) => stream.on('close', () => resolve('ended')));
    stream.on('error', () => undefined).resume();
    await act();
    expect(await ended).toBe('ended');
  });
});
