/** PKI tokens with certificates that openssl makes, read back by openssl and by the services' middleware. */
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { HttpRequest, HttpTransport } from '#common/api/transport.ts';
import { createHttpTransport } from '#common/api/http.ts';
import { createAuthToken } from '#common/auth/auth-token.ts';
import { messageOfToken, tokenHash } from '#common/auth/cms/token-text.ts';
import { createSession } from '#common/auth/session.ts';
import type { Authenticate } from '#common/api/app.ts';
import { run } from '#common/host/run.ts';
import { canRun } from '#test/fixtures/programs.ts';
import { loadConfig } from '#common/config/load.ts';
import { keystoneOptions } from './config.ts';
import { setupCertificates } from './pki.ts';
import { adminToken, passwordAuth, startTestCloud, type TestCloud } from './testing/cloud.ts';

const folder = mkdtempSync(join(tmpdir(), 'igloo-pki-'));
afterAll(() => rmSync(folder, { recursive: true }));
const certs = (name: string) => join(folder, 'ssl', 'certs', name);
const keys = (name: string) => join(folder, 'ssl', 'private', name);
const signing = {
  certfile: certs('signing_cert.pem'),
  keyfile: keys('signing_key.pem'),
  ca_certs: certs('ca.pem'),
  ca_key: keys('cakey.pem'),
};
const config = { ...loadConfig(keystoneOptions, { values: [] }).signing, ...signing };
const quiet = { rebuild: false } as const;

describe.skipIf(!canRun('/usr/bin/openssl'))('PKI', () => {
  const progress: string[] = [];
  const setup = (more: Partial<typeof config> = {}, options: Parameters<typeof setupCertificates>[1] = quiet) =>
    setupCertificates({ config: { ...config, ...more }, run, report: (line) => progress.push(line) }, options);
  /** What openssl reads in a signed message. */
  const opened = async (message: Buffer): Promise<unknown> => {
    const path = join(folder, 'message.der');
    writeFileSync(path, message);
    const args = ['-inform', 'DER', '-in', path, '-certfile', signing.certfile, '-CAfile', signing.ca_certs];
    return JSON.parse((await run(['openssl', 'cms', '-verify', ...args])).stdout) as unknown;
  };

  describe('pki_setup', () => {
    it("makes Icehouse's files, keeps what is there, and makes what is lacking", async () => {
      await setup();
      expect(progress.length).toBeGreaterThan(0);
      for (const name of ['openssl.conf', 'index.txt', 'serial', 'req.pem']) expect(existsSync(certs(name))).toBe(true);
      expect(statSync(signing.keyfile).mode & 0o777).toBe(0o640);
      const before = readFileSync(signing.certfile, 'utf8');
      const ca = readFileSync(signing.ca_certs, 'utf8');
      await setup();
      expect(readFileSync(signing.certfile, 'utf8')).toBe(before);
      rmSync(signing.certfile);
      await setup();
      expect(readFileSync(signing.certfile, 'utf8')).toContain('BEGIN CERTIFICATE');
      expect(readFileSync(signing.ca_certs, 'utf8')).toBe(ca);
      await setup({}, { rebuild: true });
      expect(readFileSync(signing.ca_certs, 'utf8')).not.toBe(ca);
    });

    it('gives the files to an account, and names one that there is not', async () => {
      await setup({}, { ...quiet, user: userInfo().username });
      await expect(setup({}, { ...quiet, user: 'nobody-of-that-name' })).rejects.toThrow(
        "Unknown user 'nobody-of-that-name' in --keystone-user",
      );
    });

    it("encrypts the CA's key when there is a password", async () => {
      const at = (name: string) => join(folder, 'secret', name);
      const elsewhere = {
        certfile: at('c.pem'),
        keyfile: at('k.pem'),
        ca_certs: at('ca.pem'),
        ca_key: at('cakey.pem'),
        ca_password: 'sesame',
      };
      await setup(elsewhere);
      expect(readFileSync(elsewhere.ca_key, 'utf8')).toContain('ENCRYPTED');
      expect(existsSync(elsewhere.certfile)).toBe(true);
    });
  });

  it('tokens cannot be had before pki_setup: HTTP 500', async () => {
    const bare = await startTestCloud({ token: { provider: 'pki' }, signing: { ...signing, certfile: '/nowhere' } });
    const answer = await bare.call('POST', '/v3/auth/tokens', passwordAuth('admin', 'adminpass', 'admin'));
    const message = 'An unexpected error prevented the server from fulfilling your request.';
    expect([answer.status, answer.body]).toEqual([
      500,
      { error: { code: 500, message, title: 'Internal Server Error' } },
    ]);
    expect((await bare.call('GET', '/v2.0/certificates/signing')).status).toBe(500);
    await bare.close();
  });

  describe.each(['pki', 'pkiz'] as const)('%s tokens', (provider) => {
    let cloud: TestCloud;
    const calls: HttpRequest[] = [];
    let authenticate: Authenticate;
    const admin = (method: string, path: string, body?: unknown) =>
      cloud.call(method, path, body, { token: adminToken });

    beforeAll(async () => {
      await setup();
      cloud = await startTestCloud({ token: { provider }, signing });
      // The certificates are valid from now on, by the machine's clock.
      cloud.clock.advance(Date.now() - cloud.clock.now().getTime() + 60_000);
      const local = createHttpTransport(new Map([['controller:35357', cloud.apps.admin]]));
      const transport: HttpTransport = {
        request: (request) => {
          calls.push(request);
          return local.request(request);
        },
      };
      const deps = { transport, clock: cloud.clock };
      const identityUrl = 'http://controller:35357';
      const account = { authUrl: identityUrl, username: 'glance', password: 'glancepass', projectName: 'service' };
      const session = createSession(account, deps);
      authenticate = createAuthToken({
        ...deps,
        identityUrl,
        authUri: identityUrl,
        session,
        cacheSeconds: 300,
        listSeconds: 10,
        signingDir: join(folder, `cache-${provider}`),
      });
    });
    afterAll(() => cloud.close());

    it('are signed messages that openssl verifies, of v3 and of v2.0', async () => {
      const signedIn = await cloud.call('POST', '/v3/auth/tokens', passwordAuth('admin', 'adminpass', 'admin'));
      const token = signedIn.headers['x-subject-token'] ?? '';
      expect(token).toMatch(provider === 'pki' ? /^MII[\w+=-]+$/ : /^PKIZ_[\w-]+$/);
      expect(await opened(messageOfToken(token))).toEqual(signedIn.body);
      const auth = { passwordCredentials: { username: 'admin', password: 'adminpass' }, tenantName: 'admin' };
      const older = (await cloud.call('POST', '/v2.0/tokens', { auth })).body as { access: { token: { id: string } } };
      expect(await opened(messageOfToken(older.access.token.id))).toMatchObject({
        access: { token: { id: 'placeholder' }, user: { name: 'admin' } },
      });
    });

    it('are known to Keystone whole and by their hash', async () => {
      const token = await cloud.token('demo');
      const hash = tokenHash(token, 'md5');
      for (const subject of [token, hash]) {
        const shown = await cloud.call('GET', '/v3/auth/tokens', undefined, { token: adminToken, subject });
        expect([shown.status, shown.headers['x-subject-token']]).toEqual([200, subject]);
      }
      expect((await cloud.call('GET', '/v3/auth/projects', undefined, { token })).body.projects).toHaveLength(1);
      const path = `/v2.0/tokens/${encodeURIComponent(token)}`;
      expect((await cloud.call('GET', path, undefined, { token: adminToken, port: 'admin' })).status).toBe(200);
    });

    it('are believed by services without asking about each', async () => {
      const [token, older] = [
        await cloud.token('demo'),
        (
          await cloud.call('POST', '/v2.0/tokens', {
            auth: { passwordCredentials: { username: 'demo', password: 'demopass' }, tenantName: 'demo' },
          })
        ).body.access.token.id as string,
      ];
      calls.length = 0;
      for (const one of [token, older, token])
        expect(await authenticate(one, 'req-1')).toMatchObject({
          userId: cloud.ids.users['demo'],
          projectId: cloud.ids.projects['demo'],
          roles: ['member', 'reader'],
          isAdmin: false,
        });
      const asked = calls.map(({ url }) => url.replace('http://controller:35357', ''));
      expect(asked.toSorted()).toEqual([
        '/v2.0/certificates/ca',
        '/v2.0/certificates/signing',
        '/v2.0/tokens/revoked',
        '/v3/auth/tokens',
      ]);
      expect(existsSync(join(folder, `cache-${provider}`, 'signing_cert.pem'))).toBe(true);
    });

    it('are refused when altered, ended, revoked, or when they no longer mean what was signed', async () => {
      const token = await cloud.token('demo');
      const other = await cloud.token('demo', null);
      await expect(authenticate(`${token.slice(0, 400)}AAAA${token.slice(404)}`, 'req-1')).rejects.toThrow();
      expect((await authenticate(other, 'req-1')).projectId).toBeNull();
      await cloud.call('DELETE', '/v3/auth/tokens', undefined, { token, subject: token });
      cloud.clock.advance(11_000);
      await expect(authenticate(token, 'req-1')).rejects.toMatchObject({ status: 401 });
      expect(await authenticate(other, 'req-1')).toMatchObject({ userId: cloud.ids.users['demo'] });

      const again = await cloud.token('demo');
      expect(await authenticate(again, 'req-1')).toMatchObject({ roles: ['member', 'reader'] });
      const role = `/v3/projects/${cloud.ids.projects['demo']}/users/${cloud.ids.users['demo']}/roles/${cloud.ids.roles['service']}`;
      await admin('PUT', role);
      cloud.clock.advance(11_000);
      await expect(authenticate(again, 'req-1')).rejects.toMatchObject({ status: 401 });
      await admin('DELETE', role);
      cloud.clock.advance(11_000);
      expect(await authenticate(again, 'req-1')).toMatchObject({ roles: ['member', 'reader'] });
      cloud.clock.advance(3_600_000);
      await expect(authenticate(again, 'req-1')).rejects.toMatchObject({ status: 401 });
    });

    it('are listed when revoked, in a signed list', async () => {
      const token = await cloud.token('demo');
      await cloud.call('DELETE', '/v3/auth/tokens', undefined, { token, subject: token });
      const list = await cloud.call('GET', '/v2.0/tokens/revoked', undefined, { token: adminToken, port: 'admin' });
      const pem = list.body.signed as string;
      const message = Buffer.from(pem.replace(/-----.*-----/g, ''), 'base64');
      expect(await opened(message)).toMatchObject({
        revoked: expect.arrayContaining([
          { id: tokenHash(token, 'md5'), expires: expect.stringMatching(/Z$/) as unknown },
        ]) as unknown,
      });
      expect((await cloud.call('GET', '/v2.0/certificates/ca')).text).toBe(readFileSync(signing.ca_certs, 'utf8'));
      expect((await cloud.call('GET', '/v3/OS-SIMPLE-CERT/certificates')).text).toContain('BEGIN CERTIFICATE');
      const stranger = await cloud.token('demo');
      const refused = await cloud.call('GET', '/v2.0/tokens/revoked', undefined, { token: stranger, port: 'admin' });
      expect(refused.status).toBe(403);
    });

    it('are asked about when the certificates cannot be had', async () => {
      const local = createHttpTransport(new Map([['controller:35357', cloud.apps.admin]]));
      const transport: HttpTransport = {
        request: (request) =>
          request.url.includes('/certificates/') ? Promise.reject(new Error('no answer')) : local.request(request),
      };
      const account = {
        authUrl: 'http://controller:35357',
        username: 'glance',
        password: 'glancepass',
        projectName: 'service',
      };
      const deps = { transport, clock: cloud.clock };
      const online = createAuthToken({
        ...deps,
        identityUrl: 'http://controller:35357',
        authUri: '',
        session: createSession(account, deps),
        cacheSeconds: 0,
      });
      const token = await cloud.token('demo');
      expect(await online(token, 'req-1')).toMatchObject({ userId: cloud.ids.users['demo'] });
      await expect(online(`${token}x`, 'req-1')).rejects.toMatchObject({ status: 401 });
    });
  });
});
