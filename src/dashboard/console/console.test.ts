import { createHash } from 'node:crypto';
import { createServer, request as httpRequest, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { json, text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startDashboard, type Browser, type TestDashboard } from '../testing/dashboard.ts';
import { send } from '../testing/http.ts';

const TOKEN = 'console-token-4711';
const KEY = 'dGhlIHNhbXBsZSBub25jZQ==';
const accept = createHash('sha1').update(`${KEY}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');

let site: TestDashboard;
let browser: Browser;
let port: number;
/** The console's proxy: greets, then gives back what it gets. */
let consoleProxy: Server;
let proxyOrigin: string;
let proxySockets: Duplex[];
let handshakes: { url: string | undefined; headers: IncomingHttpHeaders }[];
let asked: { path: string | undefined; headers: IncomingHttpHeaders; body: unknown }[];
let answerOfNova: { status: number; body: unknown };

beforeEach(async () => {
  [proxySockets, handshakes, asked] = [[], [], []];
  consoleProxy = createServer((_request, response) => response.writeHead(403).end(`bad ${TOKEN}`));
  consoleProxy.on('upgrade', ({ url, headers }, socket: Duplex, head: Buffer) => {
    handshakes.push({ url, headers });
    proxySockets.push(socket.on('error', () => undefined));
    if (!url?.includes(TOKEN)) return socket.end('HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n');
    socket.write(
      'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
        `Sec-WebSocket-Accept: ${accept}\r\nSec-WebSocket-Protocol: binary\r\nX-Token: ${TOKEN}\r\n\r\nRFB 003.008\n`,
    );
    if (head.length > 0) socket.write(head);
    socket.pipe(socket);
  });
  await new Promise<void>((resolve) => consoleProxy.listen(0, '127.0.0.1', resolve));
  proxyOrigin = `http://127.0.0.1:${(consoleProxy.address() as AddressInfo).port}`;
  site = await startDashboard();
  answerOfNova = { status: 200, body: { remote_console: { url: `${proxyOrigin}/vnc_auto.html?token=${TOKEN}` } } };
  site.cloud.on('compute', async (request, response) => {
    asked.push({ path: request.url, headers: request.headers, body: await json(request) });
    response.writeHead(answerOfNova.status, { 'content-type': 'application/json' });
    response.end(JSON.stringify(answerOfNova.body));
  });
  browser = site.browser();
  await browser.signIn();
  port = await site.listen();
});
afterEach(async () => {
  for (const socket of proxySockets) socket.destroy();
  consoleProxy.closeAllConnections();
  await new Promise((resolve) => consoleProxy.close(resolve));
  await site.close();
});

interface Opened {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** Of an answer that is no console. */
  readonly text: string;
  readonly socket: Duplex | null;
  readonly received: () => string;
}

/** A WebSocket's handshake as the browser makes it. */
function open(path: string, headers: Record<string, string | undefined> = {}, early = ''): Promise<Opened> {
  return new Promise((resolve, reject) => {
    const all = {
      ...browser.headers(),
      'x-csrf-token': undefined,
      connection: 'Upgrade',
      upgrade: 'websocket',
      'sec-websocket-version': '13',
      'sec-websocket-key': KEY,
      'sec-websocket-protocol': 'binary',
      'sec-websocket-extensions': 'permessage-deflate',
      ...headers,
    };
    const given = Object.entries(all).filter((one): one is [string, string] => one[1] !== undefined);
    const outgoing = httpRequest({ port, host: '127.0.0.1', path, agent: false, headers: Object.fromEntries(given) });
    outgoing.on('upgrade', (answer, socket: Duplex, head: Buffer) => {
      let received = head.toString();
      socket.on('data', (chunk: Buffer) => void (received += chunk.toString('latin1'))).on('error', () => undefined);
      resolve({ status: 101, headers: answer.headers, text: '', socket, received: () => received });
    });
    outgoing.on('response', (answer) => {
      text(answer).then(
        (body) =>
          resolve({
            status: answer.statusCode ?? 0,
            headers: answer.headers,
            text: body,
            socket: null,
            received: () => '',
          }),
        reject,
      );
    });
    outgoing.on('error', reject);
    outgoing.end(early);
  });
}

const vnc = '/dashboard/api/console/vnc/server-1';
const serial = '/dashboard/api/console/serial/server-1';
const failureOf = (answer: { text: string }) =>
  (JSON.parse(answer.text) as { failure: { code: string; message: string } }).failure;

describe('a console', () => {
  it('is asked for at Nova and carries bytes both ways, whatever their size', async () => {
    const { socket, received, headers } = await open(vnc);
    expect(headers).toMatchObject({ 'sec-websocket-accept': accept, 'sec-websocket-protocol': 'binary' });
    expect(asked).toEqual([
      {
        path: '/compute/v2.1/p1/servers/server-1/remote-consoles',
        headers: expect.objectContaining({
          'openstack-api-version': 'compute 2.8',
          'x-auth-token': expect.stringContaining(site.cloud.tokenMark) as string,
        }) as object,
        body: { remote_console: { protocol: 'vnc', type: 'novnc' } },
      },
    ]);
    await expect.poll(received).toBe('RFB 003.008\n');
    const sent = Buffer.alloc(2_000_000, 'abcdefghij');
    socket?.write(sent);
    await expect.poll(() => received().length, { timeout: 5000 }).toBe(12 + sent.length);
    expect(received().slice(12)).toBe(sent.toString());
    socket?.end();
    await expect.poll(() => proxySockets[0]?.destroyed).toBe(true);
  });

  it('gives its proxy the handshake and nothing of ours', async () => {
    await open(vnc, { 'x-forwarded-for': '1.2.3.4', authorization: 'x' });
    expect(handshakes).toEqual([
      {
        url: `/websockify?token=${TOKEN}`,
        headers: {
          host: new URL(proxyOrigin).host,
          origin: proxyOrigin,
          connection: 'Upgrade',
          upgrade: 'websocket',
          'sec-websocket-key': KEY,
          'sec-websocket-version': '13',
          'sec-websocket-protocol': 'binary',
          'sec-websocket-extensions': 'permessage-deflate',
        },
      },
    ]);
  });

  it.each([
    [`/vnc_lite.html?path=%3Ftoken%3D${TOKEN}`, vnc, `/websockify?token=${TOKEN}`],
    [`/vnc_auto.html?token=${TOKEN}&title=x`, vnc, `/websockify?token=${TOKEN}`],
    [`/serial/?token=${TOKEN}`, serial, `/serial/?token=${TOKEN}`],
  ])('is reached by the URL %s', async (url, path, wanted) => {
    const origin = path === serial ? proxyOrigin.replace('http', 'ws') : proxyOrigin;
    answerOfNova.body = { remote_console: { url: origin + url } };
    expect((await open(path)).status).toBe(101);
    expect(handshakes[0]?.url).toBe(wanted);
    expect(asked[0]?.body).toEqual({
      remote_console: path === serial ? { protocol: 'serial', type: 'serial' } : { protocol: 'vnc', type: 'novnc' },
    });
  });

  it('shows its token to nobody', async () => {
    const { headers, received } = await open(vnc);
    await expect.poll(received).toBe('RFB 003.008\n');
    const asked_ = await browser.ask('GET', vnc);
    expect([asked_.status, asked_.text]).toEqual([200, '{}']);
    answerOfNova.body = { remote_console: { url: `${proxyOrigin}/vnc_auto.html?token=other` } };
    const refused = await open(vnc);
    expect([refused.status, failureOf(refused).code]).toEqual([503, 'service-unavailable']);
    const said = JSON.stringify([headers, asked_, refused, site.records]);
    for (const secret of [TOKEN, 'token=other', site.cloud.tokenMark]) expect(said).not.toContain(secret);
  });

  it('ends when the guest’s side ends', async () => {
    const { socket } = await open(vnc);
    const closed = new Promise((resolve) => socket?.once('close', () => resolve('closed')));
    proxySockets[0]?.destroy();
    expect(await closed).toBe('closed');
  });

  it.each([
    ['signs out', () => browser.ask('DELETE', '/dashboard/api/session')],
    ['signs in as somebody else', () => browser.signIn()],
    ['finds the dashboard stopping', async () => site.app.endConnections()],
  ])('ends when the user %s', async (_what, act) => {
    const { socket } = await open(vnc);
    const closed = new Promise((resolve) => socket?.once('close', () => resolve('closed')));
    await act();
    expect(await closed).toBe('closed');
    await expect.poll(() => proxySockets[0]?.destroyed).toBe(true);
  });

  it('stays while the user moves to another project', async () => {
    const { socket, received } = await open(vnc);
    await browser.ask('PUT', '/dashboard/api/session/scope', { projectId: 'p2' });
    socket?.write('still');
    await expect.poll(received).toBe('RFB 003.008\nstill');
  });

  it('keeps the session of who types in it', async () => {
    const { socket, received } = await open(vnc);
    for (let n = 1; n <= 4; n++) {
      site.clock.advance(1000);
      socket?.write('x');
      await expect.poll(received).toBe(`RFB 003.008\n${'x'.repeat(n)}`);
      // The use is written down beside the byte's way.
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect((await browser.session()).signedIn).toBe(true);
  });
});

describe('a console is refused', () => {
  const evil = 'http://evil.example';
  it.each([
    ['a foreign page', { origin: evil }, 403, 'csrf'],
    ['another port of this host', { origin: 'http://dashboard.example:6080' }, 403, 'csrf'],
    ['no page', { origin: undefined }, 403, 'csrf'],
    ['a sandboxed page', { origin: 'null' }, 403, 'csrf'],
    ['another host', { host: 'evil.example', origin: evil }, 400, 'bad-request'],
    ['nobody', { cookie: undefined }, 401, 'session-ended'],
    ['a made-up session', { cookie: 'igloo_session=AAAA' }, 401, 'session-ended'],
  ])('to %s', async (_who, headers, status, code) => {
    const answer = await open(vnc, headers);
    expect([answer.status, failureOf(answer).code]).toEqual([status, code]);
    expect([asked, handshakes]).toEqual([[], []]);
  });

  it.each([
    '/dashboard/api/console/rdp/server-1',
    '/dashboard/api/console/vnc/..%2f..%2fos-hypervisors',
    '/dashboard/api/console/vnc/a/b',
    '/dashboard/api/console/vnc/',
    '/dashboard/api/console/vnc/x?y=1',
    '/dashboard/api/proxy/compute/servers',
    '/',
  ])('at %s', async (path) => {
    const answer = await open(path);
    expect([answer.status, failureOf(answer).code]).toEqual([404, 'not-found']);
    expect(asked).toEqual([]);
  });

  it.each([
    [404, { itemNotFound: { code: 404, message: 'Instance server-1 could not be found.' } }, 404, 'not-found'],
    [409, { conflictingRequest: { code: 409, message: 'Instance not yet ready' } }, 409, 'bad-request'],
    [400, { badRequest: { code: 400, message: 'Unavailable console type serial.' } }, 400, 'bad-request'],
    [403, { forbidden: { code: 403, message: 'Policy does not allow it.' } }, 403, 'bad-request'],
    [500, { computeFault: { code: 500, message: 'Unexpected API Error.' } }, 503, 'service-unavailable'],
  ])('as Nova refuses it: %s', async (status, body, shown, code) => {
    answerOfNova = { status, body };
    const message = Object.values(body)[0]?.message;
    for (const path of [vnc, serial]) {
      const socket = await open(path);
      expect([socket.status, failureOf(socket)]).toEqual([shown, expect.objectContaining({ code, message })]);
      const asked_ = await browser.ask('GET', path);
      expect([asked_.status, asked_.body.failure]).toEqual([shown, expect.objectContaining({ code, message })]);
    }
  });

  it('in words when its proxy is away, and when Nova is', async () => {
    await new Promise((resolve) => {
      consoleProxy.close(resolve);
      consoleProxy.closeAllConnections();
    });
    for (const answer of [failureOf(await open(vnc)), (await browser.ask('GET', vnc)).body.failure])
      expect(answer).toMatchObject({
        code: 'service-unavailable',
        message: expect.stringMatching(
          /^The console's proxy at http:\/\/127\.0\.0\.1:\d+ does not answer: ECONNREFUSED/,
        ) as string,
      });
    await site.cloud.close();
    expect(failureOf(await open(vnc)).message).toMatch(/^The Compute service at .* does not answer: ECONN/);
    consoleProxy = createServer().listen(0);
  });

  it('while the sessions cannot be read', async () => {
    site.store.away = true;
    const answer = await open(vnc);
    expect([answer.status, failureOf(answer).code]).toEqual([503, 'store-unavailable']);
  });

  it('without harm to the server, when the browser goes away meanwhile', async () => {
    let answer: () => void = () => undefined;
    const reached = new Promise<void>((resolve) => {
      site.cloud.on('compute', (_request, response) => {
        answer = () => void response.end(JSON.stringify(answerOfNova.body));
        resolve();
      });
    });
    const { request } = send(port, 'GET', vnc, {
      ...browser.headers(),
      connection: 'Upgrade',
      upgrade: 'websocket',
      'sec-websocket-version': '13',
      'sec-websocket-key': KEY,
    });
    request.end();
    await reached;
    request.destroy();
    await new Promise((resolve) => setTimeout(resolve, 20));
    answer();
    await expect.poll(() => proxySockets[0]?.destroyed).toBe(true);
  });
});
