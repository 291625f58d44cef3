import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createPublicKey, publicEncrypt, constants, X509Certificate } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '#common/clock.ts';
import { fromObject, loadConfig } from '#common/config/load.ts';
import type { Database } from '#common/db/database.ts';
import { openDatabase } from '#common/db/open.ts';
import { run } from '#common/host/run.ts';
import { silentLogger } from '#common/telemetry/log.ts';
import { novaOptions } from '../config.ts';
import { novaMigrations } from '../migrations/index.ts';
import type { NovaTables } from '../tables.ts';
import { novaFixture } from '../testing/fixture.ts';
import { integer, oid, time } from './der.ts';
import { certHandlers } from './handlers.ts';
import { subjectOf } from './subject.ts';

let folder: string;
let db: Database<NovaTables>;
const handlersWith = (options: Record<string, string | boolean> = {}) =>
  certHandlers({
    db,
    clock: systemClock,
    conf: loadConfig(novaOptions, fromObject({ DEFAULT: { state_path: folder, ...options } }, 'test')),
  });

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'nova-cert-'));
  db = await openDatabase<NovaTables>('sqlite://', { log: silentLogger });
  await db.migrate(novaMigrations(db.dialect, systemClock));
});
afterEach(async () => {
  await db.close();
  rmSync(folder, { recursive: true });
});
const meta = {};

describe('DER', () => {
  it('writes numbers, identifiers and times as X.690 has them', () => {
    expect(integer(0).toString('hex')).toBe('020100');
    expect(integer(128).toString('hex')).toBe('02020080');
    expect(integer(Buffer.from('0000ff', 'hex')).toString('hex')).toBe('020200ff');
    expect(integer(0x123).toString('hex')).toBe('02020123');
    expect(oid('1.2.840.113549.1.1.11').toString('hex')).toBe('06092a864886f70d01010b');
    expect(time(new Date('2014-09-12T08:00:00.123Z')).subarray(2).toString()).toBe('140912080000Z');
    expect(time(new Date('2050-01-01T00:00:00Z')).subarray(2).toString()).toBe('20500101000000Z');
  });
});

describe('subjects', () => {
  it('are cut as the template says, and take no field from a value', () => {
    expect(subjectOf('/CN=%.4s-%.16s-%s', ['projekt', 'u/O=Evil', '2014'])).toBe('/CN=proj-u-O-Evil-2014');
  });
});

describe('nova-cert', () => {
  it('makes an authority once, and signs certificates that it vouches for', async () => {
    const handlers = handlersWith();
    const { pem } = await handlers.fetchCa({ projectId: 'demo' }, meta);
    const root = new X509Certificate(pem);
    expect([root.ca, root.checkIssued(root), root.verify(root.publicKey)]).toEqual([true, true, true]);
    expect(readFileSync(join(folder, 'CA', 'cacert.pem'), 'utf8')).toBe(pem);
    expect(statSync(join(folder, 'CA', 'private', 'cakey.pem')).mode & 0o777).toBe(0o600);
    expect((await handlersWith().fetchCa({ projectId: 'other' }, meta)).pem).toBe(pem);

    const made = await handlers.generate({ userId: 'alice', projectId: 'demo' }, meta);
    const certificate = new X509Certificate(made.certificate);
    expect([certificate.ca, certificate.checkIssued(root), certificate.verify(root.publicKey)]).toEqual([
      false,
      true,
      true,
    ]);
    expect(certificate.subject).toContain('CN=demo-alice-');
    expect(createPublicKey(made.privateKey).export({ type: 'spki', format: 'der' })).toEqual(
      certificate.publicKey.export({ type: 'spki', format: 'der' }),
    );
  });

  it('lists what was revoked, and decrypts what was encrypted for it', async () => {
    const handlers = handlersWith();
    await handlers.generate({ userId: 'alice', projectId: 'demo' }, meta);
    await handlers.generate({ userId: 'bob', projectId: 'demo' }, meta);
    expect((await handlers.revoke({ userId: 'alice', projectId: 'other' }, meta)).revoked).toBe(0);
    expect((await handlers.revoke({ userId: 'alice' }, meta)).revoked).toBe(1);
    expect((await handlers.revoke({ projectId: 'demo' }, meta)).revoked).toBe(1);
    await expect(handlers.revoke({}, meta)).rejects.toThrow('must be said');
    const { pem } = await handlers.fetchCrl({ projectId: 'demo' }, meta);
    expect(pem).toContain('BEGIN X509 CRL');
    const root = new X509Certificate((await handlers.fetchCa({ projectId: 'demo' }, meta)).pem);
    const secret = publicEncrypt({ key: root.publicKey, padding: constants.RSA_PKCS1_PADDING }, Buffer.from('bundle'));
    const { base64 } = await handlers.decrypt({ projectId: 'demo', base64: secret.toString('base64') }, meta);
    expect(Buffer.from(base64, 'base64').toString()).toBe('bundle');
  });

  it('gives every project its own authority when told', async () => {
    const handlers = handlersWith({ use_project_ca: true });
    const own = new X509Certificate((await handlers.fetchCa({ projectId: 'demo' }, meta)).pem);
    const root = new X509Certificate(readFileSync(join(folder, 'CA', 'cacert.pem')));
    expect([own.ca, own.checkIssued(root), own.subject.includes('project-ca-demo')]).toEqual([true, true, true]);
    await expect(handlers.fetchCa({ projectId: '../x' }, meta)).rejects.toThrow('no id of a project');
  });

  it('is understood by OpenSSL', async (test) => {
    const openssl = await run(['openssl', 'version']).catch(() => null);
    if (!openssl) return test.skip('openssl is not installed');
    const handlers = handlersWith();
    const made = await handlers.generate({ userId: 'alice', projectId: 'demo' }, meta);
    await handlers.revoke({ userId: 'alice' }, meta);
    const ca = join(folder, 'CA', 'cacert.pem');
    const verified = await run(['openssl', 'verify', '-x509_strict', '-CAfile', ca], { input: made.certificate });
    expect(verified.stdout).toContain('stdin: OK');
    const list = await run(['openssl', 'crl', '-in', join(folder, 'CA', 'crl.pem'), '-CAfile', ca, '-text', '-noout']);
    expect([list.stderr.includes('verify OK'), list.stdout.includes('Serial Number:')]).toEqual([true, true]);
  });
});

describe('os-certificates', () => {
  it('gives the root and makes certificates through the bus', async () => {
    const nova = await novaFixture();
    try {
      for (const prefix of ['/v2/demo', '/v2.1']) {
        const root = await nova.request('GET', `${prefix}/os-certificates/root`);
        expect(root.body).toEqual({ certificate: { data: 'CA for demo', private_key: null } });
        const made = await nova.request('POST', `${prefix}/os-certificates`, { body: {} });
        expect([made.status, made.body]).toEqual([
          200,
          { certificate: { data: 'user-of-demo in demo', private_key: 'key of user-of-demo' } },
        ]);
        const other = await nova.request('GET', `${prefix}/os-certificates/other`);
        expect([other.status, other.body.notImplemented.message]).toEqual([
          501,
          'Only root certificate can be retrieved.',
        ]);
      }
    } finally {
      await nova.close();
    }
  });
});
