import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startDashboard, type Browser, type TestDashboard } from './testing/dashboard.ts';
import { send } from './testing/http.ts';

let site: TestDashboard;
let browser: Browser;
beforeEach(async () => {
  site = await startDashboard();
  browser = site.browser();
});
afterEach(() => site.close());

const page = '<!doctype html><meta name="csp-nonce" content="__CSP_NONCE__"><style nonce="__CSP_NONCE__"></style>';
const build = (): void => {
  mkdirSync(join(site.webRoot, 'assets'), { recursive: true });
  writeFileSync(join(site.webRoot, 'index.html'), page);
  writeFileSync(join(site.webRoot, 'igloo.svg'), '<svg/>');
  writeFileSync(join(site.webRoot, '.env'), 'secret');
  writeFileSync(join(site.webRoot, 'assets/main-1a2b.js'), 'console.log("plain")');
  writeFileSync(join(site.webRoot, 'assets/main-1a2b.js.gz'), gzipSync('console.log("gzip")'));
  writeFileSync(join(site.webRoot, 'assets/main-1a2b.js.br'), 'brotli');
  writeFileSync(join(site.webRoot, 'assets/only.css'), 'a{}');
};

describe('the app', () => {
  it('is announced until it is built, and served as soon as it is', async () => {
    const before = await browser.ask('GET', '/dashboard/');
    expect([before.status, before.headers['retry-after'], before.headers['content-type']]).toEqual([
      503,
      '5',
      'text/html; charset=utf-8',
    ]);
    expect(before.text).toContain('being built');
    expect(before.text).toContain('http-equiv="refresh"');
    build();
    expect((await browser.ask('GET', '/dashboard/')).status).toBe(200);
    rmSync(join(site.webRoot, 'index.html'));
    expect((await browser.ask('GET', '/dashboard/')).status).toBe(503);
  });

  it.each(['/dashboard', '/dashboard/', '/dashboard/index.html', '/dashboard/instances/a.b', '/dashboard/x/y?z=1'])(
    'is its page at %s, with a nonce for this answer',
    async (path) => {
      build();
      const [one, two] = [await browser.ask('GET', path), await browser.ask('GET', path)];
      expect([one.status, one.headers['cache-control']]).toEqual([200, 'no-store']);
      const nonces = [one, two].map(({ text: body, headers }) => {
        const [, nonce = ''] = /nonce="([^"]+)"/.exec(body) ?? [];
        expect(body).toBe(page.replaceAll('__CSP_NONCE__', nonce));
        expect(headers['content-security-policy']).toBe(
          "default-src 'none'; script-src 'self'; " +
            `style-src 'self' 'nonce-${nonce}'; img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; ` +
            "worker-src 'self' blob:; manifest-src 'self'; base-uri 'self'; form-action 'self'; " +
            "frame-ancestors 'none'; object-src 'none'",
        );
        return nonce;
      });
      expect(nonces[0]).toMatch(/^[\w+/=]{24}$/);
      expect(nonces[0]).not.toBe(nonces[1]);
      expect((await browser.ask('HEAD', path)).status).toBe(200);
    },
  );

  it('has files that never change, compressed where they were', async () => {
    build();
    const asset = (encoding: string) =>
      browser.ask('GET', '/dashboard/assets/main-1a2b.js', undefined, { 'accept-encoding': encoding });
    const plain = await asset('identity');
    expect([plain.text, plain.headers['content-encoding']]).toEqual(['console.log("plain")', undefined]);
    expect(plain.headers).toMatchObject({
      'cache-control': 'public, max-age=31536000, immutable',
      'content-type': expect.stringContaining('javascript') as string,
      vary: 'accept-encoding',
    });
    expect((await asset('gzip')).headers['content-encoding']).toBe('gzip');
    const best = await asset('gzip, deflate, br');
    expect([best.text, best.headers['content-encoding']]).toEqual(['brotli', 'br']);
    expect(best.headers['content-type']).toContain('javascript');
    const only = await browser.ask('GET', '/dashboard/assets/only.css', undefined, { 'accept-encoding': 'gzip, br' });
    expect([only.text, only.headers['content-encoding']]).toEqual(['a{}', undefined]);
    const icon = await browser.ask('GET', '/dashboard/igloo.svg');
    expect([icon.text, icon.headers['cache-control']]).toEqual(['<svg/>', 'no-cache']);
  });

  it('has nothing else', async () => {
    build();
    for (const path of ['/dashboard/assets/none.js', '/dashboard/api/none', '/none', '/dashboardx']) {
      const { status, body, headers } = await browser.ask('GET', path);
      expect([path, status, body?.failure?.code]).toEqual([path, 404, 'not-found']);
      expect(headers['cache-control']).toBe('no-store');
    }
    expect((await browser.ask('POST', '/dashboard/')).status).toBe(404);
    expect((await browser.ask('GET', '/dashboard/.env')).text).not.toContain('secret');
  });

  it.each([
    '/dashboard/../../../../etc/passwd',
    '/dashboard/assets/../../../../../etc/passwd',
    '/dashboard/assets/..%2f..%2f..%2f..%2f..%2fetc%2fpasswd',
    '/dashboard/assets/%2e%2e/%2e%2e/%2e%2e/%2e%2e/etc/passwd',
    '/dashboard/assets/..%5c..%5cetc%5cpasswd',
    '/dashboard/assets//etc/passwd',
    '/dashboard/assets/%2fetc%2fpasswd',
    '/dashboard/%00',
    '/dashboard/..%2findex.html',
    '//evil.example/..%2f',
  ])('gives nothing outside its folder: %s', async (path) => {
    build();
    const port = await site.listen();
    const { request, answer } = send(port, 'GET', path, { host: `127.0.0.1:${port}` });
    request.end();
    const got = await answer;
    const body = await text(got);
    expect(body).not.toContain('root:');
    // Either it is refused, or it is a path of the app's own.
    if (got.statusCode === 200) expect(body).toContain('csp-nonce');
  });
});

describe('every answer', () => {
  it('says what a browser may not do with it', async () => {
    build();
    for (const path of ['/', '/dashboard/', '/dashboard/assets/only.css', '/dashboard/api/session', '/none']) {
      const { headers } = await browser.ask('GET', path);
      expect(headers).toMatchObject({
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'same-origin',
        'x-frame-options': 'DENY',
        'cross-origin-opener-policy': 'same-origin',
        'permissions-policy': expect.stringContaining('camera=()') as string,
        'content-security-policy': expect.stringContaining("default-src 'none'") as string,
      });
      expect(headers['strict-transport-security']).toBeUndefined();
      expect(headers['access-control-allow-origin']).toBeUndefined();
    }
  });

  it.each(['evil.example', 'dashboard.example.evil.example', 'dashboard.example@evil', ''])(
    'is a 400 to the host "%s"',
    async (host) => {
      build();
      for (const path of ['/', '/dashboard/', '/dashboard/api/session', '/none']) {
        const { status, body, headers } = await browser.ask('GET', path, undefined, { host });
        expect([status, body?.failure?.code, headers['set-cookie']]).toEqual([400, 'bad-request', undefined]);
      }
    },
  );

  it('leads nowhere else', async () => {
    build();
    for (const path of [
      '/',
      '/?next=//evil.example',
      '/?url=https://evil.example',
      '//evil.example',
      '/\\evil.example',
    ])
      expect([path, (await browser.ask('GET', path)).headers['location'] ?? '/dashboard/']).toEqual([
        path,
        '/dashboard/',
      ]);
    for (const query of ['next', 'redirect', 'return_to', 'url', 'continue']) {
      const { status, headers } = await browser.ask('GET', `/dashboard/?${query}=https://evil.example`);
      expect([status, headers['location']]).toEqual([200, undefined]);
    }
  });
});

describe('the server', () => {
  it('says how it is, to any host', async () => {
    const answer = await browser.ask('GET', '/healthcheck', undefined, { host: 'probe' });
    expect([answer.status, answer.text]).toEqual([200, 'OK\nsessions: fine\n']);
  });

  it('answers clients that would rather speak another protocol', async () => {
    const port = await site.listen();
    const upgrade = { connection: 'Upgrade, HTTP2-Settings', upgrade: 'h2c', 'http2-settings': 'x' };
    const { request, answer } = send(port, 'GET', '/healthcheck', { host: 'x', ...upgrade });
    request.end();
    expect((await answer).statusCode).toBe(200);
  });

  it('tells nothing of what went wrong inside', async () => {
    site.store.get = () => Promise.reject(new Error('secret detail'));
    await browser.signIn();
    const { status, text: body } = await browser.ask('GET', '/dashboard/api/session');
    expect([status, body.includes('secret'), body.includes('req-')]).toEqual([500, false, true]);
    expect(JSON.stringify(site.records.map(({ message }) => message))).toContain('Unexpected error');
  });

  it('survives what is no HTTP', async () => {
    const port = await site.listen();
    await new Promise((resolve) =>
      connect(port, '127.0.0.1').on('close', resolve).resume().end('\x16\x03\x01\r\n\r\n'),
    );
    expect((await browser.ask('GET', '/healthcheck')).status).toBe(200);
  });
});
