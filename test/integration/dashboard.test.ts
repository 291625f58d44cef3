import { createHash, randomBytes } from 'node:crypto';
import { Agent, get, request as httpRequest, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer, text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createHttpTransport } from '#common/api/http.ts';
import type { HttpTransport } from '#common/api/transport.ts';
import { systemClock } from '#common/clock.ts';
import { createLogger } from '#common/telemetry/log.ts';
import { createDashboardApp, type DashboardApp } from '#dashboard/app.ts';
import type { SignedIn } from '#dashboard/session-document.ts';
import { createMemoryStore } from '#dashboard/sessions/memory-store.ts';
import { browserOf, type Browser } from '#dashboard/testing/dashboard.ts';
import { eventually, makeCloud, type Cloud } from '../fixtures/cloud.ts';

const OFFSET = 17_300;
const api = '/dashboard/api';
const keystoneUrl = `http://127.0.0.1:${5000 + OFFSET}/v3`;

// The dashboard's server over a whole cloud with simulated guests and networks: what the browser is answered.
describe('the dashboard over a cloud', () => {
  let cloud: Cloud;
  let app: DashboardApp;
  let browser: Browser;
  let password: string;
  /** Tokens that Keystone gave the dashboard. */
  const issued: string[] = [];
  const logged: unknown[] = [];

  /** As a browser sends what is too large for memory. */
  const send = (method: string, path: string, body?: Buffer, type = 'application/octet-stream') =>
    new Promise<IncomingMessage>((resolve, reject) => {
      const { port } = app.fastify.server.address() as AddressInfo;
      const headers = { ...browser.headers(), ...(body && { 'content-type': type }) };
      httpRequest({ port, host: '127.0.0.1', method, path: `${api}${path}`, headers, agent: new Agent() }, resolve)
        .on('error', reject)
        .end(body);
    });
  /** The first bytes of a console, opened as the browser opens it. */
  const greetingOf = (path: string) =>
    new Promise<string>((resolve, reject) => {
      const { port } = app.fastify.server.address() as AddressInfo;
      const headers = {
        ...{ connection: 'Upgrade', upgrade: 'websocket', 'sec-websocket-version': '13' },
        ...{ 'sec-websocket-key': randomBytes(16).toString('base64'), 'sec-websocket-protocol': 'binary' },
      };
      const url = { port, host: '127.0.0.1', path: `${api}${path}` };
      httpRequest({ ...url, headers: { ...browser.headers(), ...headers } })
        .on('upgrade', (_answer, socket, head: Buffer) => {
          const seen = (bytes: Buffer): void => {
            resolve(bytes.toString('latin1'));
            socket.destroy();
          };
          if (head.length > 0) seen(head);
          else socket.once('data', seen);
        })
        .on('response', (answer) => void text(answer).then((body) => reject(new Error(body)), reject))
        .on('error', reject)
        .end();
    });
  const proxied = async (method: string, path: string, body?: unknown) => {
    const answer = await browser.ask(method, `${api}/proxy/${path}`, body);
    expect([path, answer.status, answer.status < 300 ? '' : answer.text]).toEqual([path, answer.status, '']);
    return answer.body;
  };
  const signIn = async (username: string): Promise<SignedIn> => {
    await browser.session();
    const answer = await browser.ask('POST', `${api}/session`, { username, password: await passwordOf(username) });
    expect([answer.status, answer.body?.failure]).toEqual([200, undefined]);
    browser.csrf = answer.body.csrf;
    return answer.body as SignedIn;
  };
  const passwordOf = async (username: string): Promise<string> =>
    (await cloud.environment(username as 'demo'))['OS_PASSWORD'] ?? '';

  beforeAll(async () => {
    cloud = await makeCloud(['--virt', 'fake', '--network', 'fake', '--port-offset', String(OFFSET)]);
    await cloud.up();
    await cloud.openstack('admin', 'role', 'add', '--user', 'demo', '--project', 'admin', 'reader');
    password = await passwordOf('demo');
    const inner = createHttpTransport();
    const transport: HttpTransport = {
      async request(request) {
        const answer = await inner.request(request);
        if (request.method === 'POST' && request.url.endsWith('/auth/tokens') && answer.status === 201)
          issued.push(answer.headers['x-subject-token'] as string);
        return answer;
      },
    };
    app = await createDashboardApp({
      settings: {
        ...{ bindHost: '127.0.0.1', bindPort: 0, keystoneUrl, allowedHosts: ['dashboard.example', '127.0.0.1'] },
        ...{ sessions: { kind: 'memory' }, timeZone: 'Asia/Shanghai', multiDomain: true, defaultDomain: 'Default' },
        ...{ sessionSeconds: 1800, secureCookies: false, webRoot: '/nonexistent/web' },
      },
      store: createMemoryStore({ clock: systemClock }),
      ...{ transport, clock: systemClock, version: '0' },
      log: createLogger('dashboard', (record) => logged.push(record), 'DEBUG'),
      health: () => Promise.resolve({ ok: true, detail: [] }),
    });
    await app.fastify.listen({ host: '127.0.0.1', port: 0 });
    browser = browserOf(app);
  });
  afterAll(async () => {
    app?.endConnections();
    await app?.fastify.close();
    await cloud.igloo('destroy', '--yes');
  });

  it('refuses a wrong password as Keystone does', async () => {
    await browser.session();
    const answer = await browser.ask('POST', `${api}/session`, { username: 'demo', password: 'wrong' });
    expect([answer.status, answer.body.failure.code]).toEqual([401, 'credentials']);
  });

  it('signs in, switches the project, and proxies each service', async () => {
    const first = await signIn('demo');
    expect(first).toMatchObject({
      user: { name: 'demo' },
      multiDomain: true,
      timeZone: 'Asia/Shanghai',
      region: 'regionOne',
    });
    expect(first.projects.map(({ name }) => name)).toEqual(['admin', 'demo']);
    const demo = first.projects.find(({ name }) => name === 'demo')!;
    const admin = first.projects.find(({ name }) => name === 'admin')!;
    const moved = await browser.ask('PUT', `${api}/session/scope`, { projectId: admin.id });
    expect(moved.body).toMatchObject({ project: { name: 'admin' }, isAdmin: false, roles: ['reader'] });
    expect((await browser.ask('PUT', `${api}/session/scope`, { projectId: demo.id })).status).toBe(200);
    const now = (await browser.session()) as SignedIn;
    expect(now.project.name).toBe('demo');
    expect(Object.keys(now.services)).toEqual(
      expect.arrayContaining(['identity', 'compute', 'image', 'network', 'volume']),
    );

    expect((await proxied('GET', 'identity/auth/projects')).projects).toHaveLength(2);
    expect((await proxied('GET', `identity/users/${now.user.id}`)).user.name).toBe('demo');
    expect((await proxied('GET', 'compute/flavors')).flavors.length).toBeGreaterThan(3);
    expect((await proxied('GET', 'image/images')).images.map(({ name }: { name: string }) => name)).toContain('cirros');
    expect((await proxied('GET', 'network/networks')).networks.map(({ name }: { name: string }) => name)).toContain(
      'demo-net',
    );
    expect((await proxied('GET', 'volume/volumes/detail')).volumes).toEqual([]);
    const refused = await browser.ask('GET', `${api}/proxy/compute/servers/none`);
    expect([refused.status, refused.body.itemNotFound.code]).toEqual([404, 404]);
    expect(refused.headers['x-openstack-request-id']).toMatch(/^req-/);
  });

  it('uploads and downloads an image as it flows', async () => {
    const image = await proxied('POST', 'image/images', {
      name: 'large',
      disk_format: 'raw',
      container_format: 'bare',
    });
    const bytes = randomBytes(24 << 20);
    const up = await send('PUT', `/proxy/image/images/${image.id}/file`, bytes);
    expect([up.statusCode, await text(up)]).toEqual([204, '']);
    const shown = await proxied('GET', `image/images/${image.id}`);
    expect([shown.status, shown.size, shown.checksum]).toEqual([
      'active',
      bytes.length,
      createHash('md5').update(bytes).digest('hex'),
    ]);
    const down = await send('GET', `/proxy/image/images/${image.id}/file`);
    expect(down.headers).toMatchObject({ 'content-disposition': 'attachment', 'x-content-type-options': 'nosniff' });
    expect((await buffer(down)).equals(bytes)).toBe(true);
    expect((await browser.ask('DELETE', `${api}/proxy/image/images/${image.id}`)).status).toBe(204);
  });

  it('launches a server in a newer version of the API, and opens its consoles', async () => {
    const [{ id: imageRef }] = (await proxied('GET', 'image/images?name=cirros')).images as [{ id: string }];
    const [{ id: uuid }] = (await proxied('GET', 'network/networks?name=demo-net')).networks as [{ id: string }];
    const created = await browser.ask(
      'POST',
      `${api}/proxy/compute/servers`,
      { server: { name: 'one', imageRef, flavorRef: '1', networks: [{ uuid }], description: '<b>x</b>' } },
      { 'openstack-api-version': 'compute 2.19' },
    );
    expect(created.status, created.text).toBe(202);
    const { id } = created.body.server as { id: string };
    expect(created.headers['location']).toBe(`${api}/proxy/compute/servers/${id}`);
    await eventually(
      'the server is ACTIVE',
      async () => (await proxied('GET', `compute/servers/${id}`)).server.status === 'ACTIVE',
    );
    const missing = await browser.ask('GET', `${api}/console/vnc/${'0'.repeat(8)}-0000-4000-8000-${'0'.repeat(12)}`);
    expect([missing.status, missing.body.failure.code]).toEqual([404, 'not-found']);
    // A simulated guest has no screen: what comes is the words of Nova's own proxy. Its serial line tells the time.
    const consoles = [
      ['vnc', /The console was closed/],
      ['serial', /simulated/],
    ] as const;
    for (const [kind, greeting] of consoles) {
      const preflight = await browser.ask('GET', `${api}/console/${kind}/${id}`);
      expect([kind, preflight.status, preflight.text]).toEqual([kind, 200, '{}']);
      expect(await greetingOf(`/console/${kind}/${id}`)).toMatch(greeting);
    }
    expect((await browser.ask('DELETE', `${api}/proxy/compute/servers/${id}`)).status).toBe(204);
  });

  it('passes events on as they happen', async ({ skip }) => {
    const { services } = (await browser.session()) as SignedIn;
    if (!services.event) return skip('this cloud has no event service');
    const stream = await send('GET', '/proxy/event/events/stream');
    expect([stream.statusCode, stream.headers['content-type']]).toEqual([
      200,
      expect.stringContaining('text/event-stream'),
    ]);
    let heard = '';
    stream.on('data', (chunk: Buffer) => void (heard += chunk.toString())).on('error', () => undefined);
    await proxied('POST', 'network/networks', { network: { name: 'seen-live' } });
    await expect.poll(() => heard, { timeout: 10_000 }).toContain('seen-live');
    stream.destroy();
  });

  it('signs out: every token is revoked, and none was ever seen', async () => {
    const { user } = (await browser.session()) as SignedIn;
    expect(issued.length).toBeGreaterThan(3);
    expect((await browser.ask('DELETE', `${api}/session`)).status).toBe(204);
    const own = (await cloud.openstack('admin', 'token', 'issue', '-f', 'value', '-c', 'id')).trim();
    for (const token of issued) {
      const answer = await fetch(`${keystoneUrl}/auth/tokens`, {
        headers: { 'x-auth-token': own, 'x-subject-token': token },
      });
      expect(answer.status).toBe(404);
      expect(JSON.stringify(logged)).not.toContain(token);
    }
    expect(JSON.stringify(logged)).not.toContain(password);
    expect((await browser.session()).signedIn).toBe(false);
    const again = await signIn('demo');
    expect([again.user.id, again.project.name]).toEqual([user.id, 'demo']);
  });

  it('ends the session when the password is changed elsewhere', async () => {
    await cloud.openstack('admin', 'user', 'set', '--password', `${password}2`, 'demo');
    await eventually('the session ends', async () => {
      const answer = await browser.ask('GET', `${api}/proxy/compute/servers`);
      return answer.status === 401 && answer.body.failure.code === 'session-ended';
    });
    expect((await browser.session()).signedIn).toBe(false);
  });

  it('runs beside the services', async () => {
    const own = `http://127.0.0.1:${8080 + OFFSET}`;
    const health = await eventually('it is started', () => fetch(`${own}/healthcheck`));
    expect([health.status, await health.text()]).toEqual([200, expect.stringContaining('sessions (memory): fine')]);
    expect(await (await fetch(`${own}${api}/session`)).json()).toMatchObject({ signedIn: false });
  });

  it('tells an administrator from others', async () => {
    const signedIn = await signIn('admin');
    expect([signedIn.isAdmin, signedIn.project.name]).toEqual([true, 'admin']);
    expect((await proxied('GET', 'compute/os-hypervisors')).hypervisors).toHaveLength(1);
    expect((await proxied('GET', 'identity/users')).users.length).toBeGreaterThan(3);
    const page = await new Promise<IncomingMessage>((resolve) =>
      get(
        { port: (app.fastify.server.address() as AddressInfo).port, host: '127.0.0.1', path: '/dashboard/' },
        resolve,
      ),
    );
    expect(page.statusCode).toBe(503);
    page.resume();
  });
});
