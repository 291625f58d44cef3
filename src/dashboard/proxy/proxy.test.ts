import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startDashboard, type Browser, type TestDashboard } from '../testing/dashboard.ts';
import { send } from '../testing/http.ts';
import { createUpstream } from './upstream.ts';

const proxy = '/dashboard/api/proxy';
let site: TestDashboard;
let browser: Browser;
beforeEach(async () => {
  site = await startDashboard();
  browser = site.browser();
  await browser.signIn();
});
afterEach(() => site.close());

const failure = (code: string, message: RegExp = /./) => ({
  failure: {
    code,
    message: expect.stringMatching(message) as string,
    requestId: expect.stringMatching(/^req-/) as string,
  },
});

describe('the proxy', () => {
  it.each([
    ['identity/users?name=a%20b', 'GET /identity/v3/users?name=a%20b'],
    ['compute/servers/detail', 'GET /compute/v2.1/p1/servers/detail'],
    ['compute', 'GET /compute/v2.1/p1'],
    ['image/images/x/file', 'GET /image/v2/images/x/file'],
    ['network/networks.json', 'GET /network/v2.0/networks.json'],
    ['volume/volumes?limit=1&marker=%2Fx', 'GET /volume/v3/p1/volumes?limit=1&marker=%2Fx'],
    ['event/events/stream', 'GET /event/v1/events/stream'],
    ['compute/os-keypairs/a%2Fb', 'GET /compute/v2.1/p1/os-keypairs/a%2Fb'],
    ['compute/os-keypairs/100%25', 'GET /compute/v2.1/p1/os-keypairs/100%25'],
    ['compute/os-keypairs/..a%20b..', 'GET /compute/v2.1/p1/os-keypairs/..a%20b..'],
  ])('leads %s to the service', async (path, asked) => {
    site.cloud.on('identity', (_request, response) => void response.end('{}'));
    expect((await browser.ask('GET', `${proxy}/${path}`)).status).toBe(200);
    expect(site.cloud.asked.at(-1)).toBe(asked);
  });

  it('does nothing for a tab that believes to be in another project or region', async () => {
    site.cloud.on('compute', (_request, response) => void response.end('{}'));
    const ask = (scope: string) => browser.ask('POST', `${proxy}/compute/servers`, {}, { 'x-dashboard-scope': scope });
    expect((await ask('p1/RegionOne')).status).toBe(200);
    const asked = site.cloud.asked.length;
    for (const scope of ['p2/RegionOne', 'p1/RegionTwo', 'p1', '']) {
      const answer = await ask(scope);
      expect([scope, answer.status, answer.body]).toEqual([scope, 409, failure('other-scope', /nothing was done/)]);
    }
    expect(site.cloud.asked).toHaveLength(asked);
  });

  it('adds the token, passes what matters to services and drops what is ours', async () => {
    let got: IncomingHttpHeaders = {};
    site.cloud.on('compute', (request, response) => {
      got = request.headers;
      response.writeHead(200, {
        'content-type': 'application/json',
        'set-cookie': 'igloo=evil',
        'x-subject-token': 'other',
        'x-openstack-request-id': 'req-of-nova',
        'openstack-api-version': 'compute 2.79',
        'access-control-allow-origin': '*',
        'content-security-policy': 'default-src *',
        'www-authenticate': 'Basic realm="x"',
        server: 'nova',
        location: `${site.cloud.root}/compute/v2.1/p1/servers/s1?x=1`,
      });
      response.end('{"ok":true}');
    });
    const answer = await browser.ask('GET', `${proxy}/compute/servers`, undefined, {
      accept: 'application/json',
      'openstack-api-version': 'compute 2.79',
      'x-openstack-nova-api-version': '2.79',
      'x-image-meta-name': 'n',
      range: 'bytes=0-1',
      'accept-encoding': 'gzip',
      authorization: 'Basic x',
      'x-auth-token': 'mine',
      'x-subject-token': 'mine',
      'x-roles': 'admin',
      'x-forwarded-for': '1.2.3.4',
      forwarded: 'for=1.2.3.4',
    });
    expect(got).toEqual({
      host: new URL(site.cloud.root).host,
      connection: 'keep-alive',
      accept: 'application/json',
      'accept-encoding': 'identity',
      'openstack-api-version': 'compute 2.79',
      'x-openstack-nova-api-version': '2.79',
      'x-image-meta-name': 'n',
      range: 'bytes=0-1',
      'x-auth-token': expect.stringContaining(site.cloud.tokenMark),
      'x-openstack-request-id': expect.stringMatching(/^req-/),
    });
    expect(answer.body).toEqual({ ok: true });
    expect(answer.headers).toMatchObject({
      'content-type': 'application/json',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      'x-openstack-request-id': 'req-of-nova',
      'openstack-api-version': 'compute 2.79',
      location: `${proxy}/compute/servers/s1?x=1`,
      'content-security-policy': expect.stringContaining('sandbox') as string,
    });
    for (const name of ['set-cookie', 'x-subject-token', 'access-control-allow-origin', 'www-authenticate', 'server'])
      expect(answer.headers[name]).toBeUndefined();
  });

  it.each([
    ['https://evil.example/x', undefined],
    ['//evil.example/x', undefined],
    ['/other', undefined],
    ['/compute/v2.1/p1evil', undefined],
    ['/compute/v2.1/p1/ok', `${proxy}/compute/ok`],
  ])('sends nobody elsewhere: %s', async (location, shown) => {
    site.cloud.on('compute', (_request, response) => void response.writeHead(302, { location }).end());
    const answer = await browser.ask('GET', `${proxy}/compute/servers`);
    expect([answer.status, answer.headers['location']]).toEqual([302, shown]);
  });

  it('passes a service’s own refusals unchanged', async () => {
    site.cloud.on(
      'compute',
      (_request, response) =>
        void response
          .writeHead(409, { 'content-type': 'application/json' })
          .end('{"conflictingRequest":{"code":409,"message":"no"}}'),
    );
    const answer = await browser.ask('POST', `${proxy}/compute/servers`, {});
    expect([answer.status, answer.text]).toEqual([409, '{"conflictingRequest":{"code":409,"message":"no"}}']);
  });

  it.each(['text/html', 'image/svg+xml', 'application/octet-stream', 'application/xml', 'text/javascript', null])(
    'lets nothing of a service become a page: %s',
    async (type) => {
      site.cloud.on('image', (_request, response) => {
        if (type !== null) response.setHeader('content-type', type);
        response.end('<script>alert(1)</script>');
      });
      const { headers } = await browser.ask('GET', `${proxy}/image/images/x/file`);
      expect(headers).toMatchObject({
        'content-type': type ?? 'application/octet-stream',
        'content-disposition': 'attachment',
        'x-content-type-options': 'nosniff',
      });
    },
  );

  it.each(['application/json; charset=UTF-8', 'text/plain', 'application/openstack-images-v2.1-json-patch+json'])(
    'shows %s as it is',
    async (type) => {
      site.cloud.on('image', (_request, response) => void response.setHeader('content-type', type).end('1'));
      const { headers } = await browser.ask('GET', `${proxy}/image/images`);
      expect([headers['content-type'], headers['content-disposition']]).toEqual([type, undefined]);
    },
  );

  it('answers HEAD and empty answers', async () => {
    site.cloud.on(
      'image',
      (request, response) =>
        void (request.method === 'HEAD'
          ? response.writeHead(200, { 'content-length': '10', 'x-image-meta-name': 'n' }).end()
          : response.writeHead(204).end()),
    );
    const head = await browser.ask('HEAD', `${proxy}/image/images/x`);
    expect([head.status, head.headers['content-length'], head.headers['x-image-meta-name']]).toEqual([200, '10', 'n']);
    expect((await browser.ask('DELETE', `${proxy}/image/images/x`)).status).toBe(204);
  });

  it('says which service it does not know, or the catalogue does not', async () => {
    const unknown = await browser.ask('GET', `${proxy}/swift/x`);
    expect([unknown.status, unknown.body]).toEqual([404, failure('not-found', /"swift"/)]);
    expect((await browser.ask('GET', `${proxy}/constructor`)).status).toBe(404);
    site.cloud.state.services = ['compute'];
    await browser.ask('PUT', '/dashboard/api/session/scope', { projectId: 'p2' });
    const missing = await browser.ask('GET', `${proxy}/volume/volumes`);
    expect([missing.status, missing.body]).toEqual([503, failure('service-unavailable', /Block Storage/)]);
  });

  it('needs a session', async () => {
    const answer = await site.browser().ask('GET', `${proxy}/compute/servers`);
    expect([answer.status, answer.body]).toEqual([401, failure('session-ended')]);
    expect(site.cloud.asked.some((line) => line.includes('/compute'))).toBe(false);
  });
});

describe('the token', () => {
  it('is in no answer, whatever a service says', async () => {
    const token = [...site.cloud.tokens.keys()].at(-1) as string;
    const leak = (response: ServerResponse): void => {
      response.writeHead(200, {
        'content-type': 'application/json',
        'x-openstack-token': token,
        'x-image-meta-property-x': `a${token}b`,
        etag: token,
        location: `/compute/v2.1/p1/${token}`,
      });
      // In pieces, also within the token.
      for (const part of [`{"a":"${token}`, `","b":"${token.slice(0, 9)}`, token.slice(9, 20), `${token.slice(20)}"}`])
        response.write(part);
      setImmediate(() => response.end());
    };
    for (const service of ['compute', 'identity', 'image']) {
      site.cloud.on(service, (_request, response) => leak(response));
      const answer = await browser.ask('GET', `${proxy}/${service}/servers`);
      expect(answer.status).toBe(200);
      expect(JSON.stringify([answer.headers, answer.text])).not.toContain(site.cloud.tokenMark);
      expect(answer.body).toEqual({ a: '*'.repeat(token.length), b: '*'.repeat(token.length) });
    }
  });

  it('may be a signed one of 12 KiB', async () => {
    site.cloud.state.padding = 'MII'.repeat(4096);
    await browser.signIn();
    let got = '';
    site.cloud.on('compute', (request, response) => {
      got = String(request.headers['x-auth-token']);
      response
        .writeHead(200, { 'content-type': 'application/json' })
        .end(JSON.stringify({ said: got, more: 'MIIMIIx' }));
    });
    const answer = await browser.ask('GET', `${proxy}/compute/servers`);
    expect([got.length > 12_000, answer.body]).toEqual([true, { said: '*'.repeat(got.length), more: 'MIIMIIx' }]);
  });

  it('is in nothing else that the dashboard answers', async () => {
    site.cloud.on(
      'identity',
      (request, response) =>
        void response.writeHead(404).end(`Could not find token: ${String(request.headers['x-auth-token'])}`),
    );
    const answers = [
      await browser.signIn('wrong'),
      await browser.signIn(),
      await browser.ask('GET', '/dashboard/api/session'),
      await browser.ask('PUT', '/dashboard/api/session/scope', { projectId: 'p2' }),
      await browser.ask('PUT', '/dashboard/api/session/scope', { projectId: 'none' }),
      await browser.ask('GET', `${proxy}/identity/users/x`),
      await browser.ask('GET', `${proxy}/identity/auth/tokens`),
      await browser.ask('GET', `${proxy}/compute/%2e%2e`),
      await browser.ask('GET', '/dashboard/api/console/vnc/s1'),
      await browser.ask('GET', '/dashboard/api/none'),
      await browser.ask('GET', '/healthcheck'),
    ];
    site.cloud.tokens.clear();
    answers.push(await browser.ask('GET', '/dashboard/api/session'));
    for (const { headers, text: body } of answers) expect(JSON.stringify([headers, body])).not.toContain('SECRET');
    expect(JSON.stringify([...browser.cookies])).not.toContain('SECRET');
    expect(JSON.stringify(site.records)).not.toContain('SECRET');
  });
});

describe('a token that a service refuses', () => {
  const refusing = (): void =>
    site.cloud.on(
      'compute',
      (_request, response) =>
        void response.writeHead(401, { 'content-type': 'application/json' }).end('{"error":{"code":401}}'),
    );

  it('ends the session when it has ended', async () => {
    refusing();
    site.cloud.tokens.clear();
    const answer = await browser.ask('GET', `${proxy}/compute/servers`);
    expect([answer.status, answer.body]).toEqual([401, failure('session-ended')]);
    expect((await browser.session()).signedIn).toBe(false);
  });

  it('is the service’s affair while it holds', async () => {
    refusing();
    const answer = await browser.ask('POST', `${proxy}/compute/servers`, {});
    expect([answer.status, answer.text]).toEqual([401, '{"error":{"code":401}}']);
    expect((await browser.session()).signedIn).toBe(true);
  });

  it('is not judged while Keystone is away', async () => {
    refusing();
    site.cloud.state.keystoneStatus = 503;
    const answer = await browser.ask('GET', `${proxy}/compute/servers`);
    expect([answer.status, answer.body]).toEqual([503, failure('service-unavailable', /Identity/)]);
    site.cloud.state.keystoneStatus = null;
    expect((await browser.session()).signedIn).toBe(true);
  });
});

describe('a service that is away', () => {
  it('is named when it refuses connections', async () => {
    await site.cloud.close();
    const answer = await browser.ask('GET', `${proxy}/network/networks`);
    expect([answer.status, answer.body]).toEqual([
      503,
      failure('service-unavailable', /^The Networking service at http:\/\/127\.0\.0\.1:\d+ does not answer: ECONN/),
    ]);
  });

  it('is named when it does not answer in time', async () => {
    site.cloud.on('volume', () => undefined);
    const answer = await browser.ask('POST', `${proxy}/volume/volumes`, { volume: {} });
    expect([answer.status, answer.body]).toEqual([503, failure('service-unavailable', /Block Storage.*within 2 s/)]);
  });

  it('is asked again when it closed a kept connection', async () => {
    const sockets = new Set<string>();
    const once = createServer((request, response) => {
      const { remotePort } = request.socket;
      // The second request on a connection finds it closed, as one that was idle for too long does.
      if (sockets.has(String(remotePort))) return void request.socket.resetAndDestroy();
      sockets.add(String(remotePort));
      response.end('{}');
    });
    await new Promise<void>((resolve) => once.listen(0, '127.0.0.1', resolve));
    const { port } = once.address() as AddressInfo;
    const upstream = createUpstream();
    const ask = (method: string) =>
      upstream
        .request({
          method,
          endpoint: new URL(`http://127.0.0.1:${port}`),
          path: '/x',
          headers: {},
          body: null,
          signal: new AbortController().signal,
        })
        .then(text);
    expect([await ask('GET'), await ask('GET')]).toEqual(['{}', '{}']);
    await expect(ask('DELETE')).rejects.toThrow();
    upstream.close();
    once.closeAllConnections();
    once.close();
  });

  it('that breaks off in the middle breaks the answer off', async () => {
    const port = await site.listen();
    site.cloud.on('image', (_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' }).write('{"half":');
      setTimeout(() => response.destroy(), 20);
    });
    const { request, answer } = send(port, 'GET', `${proxy}/image/images`, browser.headers());
    request.end();
    await expect(text(await answer)).rejects.toThrow();
  });
});
