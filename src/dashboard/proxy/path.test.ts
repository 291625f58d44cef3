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

describe('paths', () => {
  const climbing = [
    '/../identity/v3/users',
    '/servers/../../../../identity/v3/auth/tokens',
    '/..',
    '/.',
    '/./servers',
    '/servers/%2e%2e/%2e%2e/x',
    '/servers/%2E%2E%2f..%2Fx',
    '/servers/..%5c..%5cx',
    '/servers/%252e%252e/x',
    '/servers/%25252e%25252e/x',
    '/servers/%2525252525',
    '/servers/..\\x',
    '/servers/%00',
    '/servers/%0d%0aX-Evil:%201',
    '/servers/%7f',
    '/servers/%zz',
    '/servers/%ff',
  ];
  it.each(climbing)('never lead out of a service: %s', async (path) => {
    const port = await site.listen();
    const before = site.cloud.asked.length;
    for (const service of ['compute', 'image', 'identity']) {
      const { request, answer } = send(port, 'GET', `${proxy}/${service}${path}`, browser.headers());
      request.end();
      const { statusCode } = await answer;
      expect([service, path, statusCode]).toEqual([service, path, 400]);
    }
    expect(site.cloud.asked.length).toBe(before);
  });

  it.each([
    'auth/tokens',
    'auth/tokens/',
    '/auth//tokens',
    'AUTH/Tokens',
    'auth/%74okens',
    'auth%2Ftokens',
    'auth/tokens?nocatalog',
    'auth/tokens/OS-PKI/revoked',
    'auth/OS-FEDERATION/saml2',
    'auth/OS-FEDERATION/identity_providers/x/protocols/y/websso',
    'auth/projects/x',
    'ec2tokens',
    's3tokens',
  ])('never lead to tokens: %s', async (path) => {
    const before = site.cloud.asked.length;
    for (const method of ['GET', 'HEAD', 'POST', 'DELETE']) {
      const answer = await browser.ask(method, `${proxy}/identity/${path}`, undefined, {
        'x-subject-token': 'x',
        'x-auth-token': 'y',
      });
      expect(answer.status).toBe(403);
    }
    expect(site.cloud.asked.length).toBe(before);
  });

  it.each(['auth/projects', 'auth/domains', 'auth/catalog', 'users/u1/credentials/OS-EC2', 'OS-TRUST/trusts'])(
    'may lead to %s',
    async (path) => {
      site.cloud.on('identity', (_request, response) => void response.end('{}'));
      expect((await browser.ask('GET', `${proxy}/identity/${path}`)).status).toBe(200);
    },
  );
});
