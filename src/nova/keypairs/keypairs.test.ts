import { createPrivateKey, X509Certificate, createPublicKey, generateKeyPairSync } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { novaFixture, type NovaFixture } from '../testing/fixture.ts';
import { generateSshKey, sshFingerprint } from './ssh.ts';

let nova: NovaFixture;
beforeEach(async () => {
  nova = await novaFixture({ hosts: [], conf: { quota_key_pairs: 3 } });
});
afterEach(() => nova.close());

const ed25519 = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIMuqjpaFIHETs8m6oSc5DsHFj0AaRyzXsuG/Ysw/RHAo test@host';
const create = (keypair: object, options: object = {}) =>
  nova.request('POST', '/v2.1/os-keypairs', { body: { keypair }, ...options });

describe('key pairs', () => {
  it('are imported, listed, shown and deleted, each version in its way', async () => {
    const made = await create({ name: 'demokey', public_key: ed25519 });
    expect([made.status, made.body.keypair]).toEqual([
      200,
      {
        name: 'demokey',
        public_key: ed25519,
        fingerprint: expect.stringMatching(/^([0-9a-f]{2}:){15}[0-9a-f]{2}$/),
        user_id: 'user-of-demo',
      },
    ]);
    expect((await create({ name: 'demokey', public_key: ed25519 })).body).toEqual({
      conflictingRequest: { code: 409, message: "Key pair 'demokey' already exists." },
    });
    expect((await nova.request('GET', '/v2.1/os-keypairs')).body.keypairs[0].keypair).not.toHaveProperty('type');
    expect((await nova.request('GET', '/v2.1/os-keypairs', { version: '2.2' })).body.keypairs[0].keypair.type).toBe(
      'ssh',
    );
    expect((await nova.request('GET', '/v2.1/os-keypairs', { token: 'other' })).body.keypairs).toEqual([]);
    expect((await nova.request('GET', '/v2.1/os-keypairs/demokey')).body.keypair).toMatchObject({
      id: 1,
      deleted: false,
      user_id: 'user-of-demo',
    });
    const foreign = { token: 'x/admin', version: '2.10' };
    expect((await nova.request('GET', '/v2.1/os-keypairs?user_id=user-of-demo', foreign)).body.keypairs).toHaveLength(
      1,
    );
    expect(
      (await nova.request('GET', '/v2.1/os-keypairs?user_id=user-of-demo', { ...foreign, token: 'x' })).status,
    ).toBe(403);
    expect((await nova.request('DELETE', '/v2.1/os-keypairs/demokey')).status).toBe(202);
    expect((await nova.request('DELETE', '/v2.1/os-keypairs/demokey', { version: '2.2' })).status).toBe(404);
  });

  it('are made with a private key that ssh reads', async () => {
    const { body } = await create({ name: 'new' });
    const { private_key: privateKey, public_key: publicKey } = body.keypair as Record<string, string>;
    expect(privateKey).toMatch(/^-----BEGIN RSA PRIVATE KEY-----/);
    const jwk = createPublicKey(createPrivateKey(privateKey!)).export({ format: 'jwk' });
    const blob = Buffer.from(publicKey!.split(' ')[1]!, 'base64');
    // The modulus stands at the end of an ssh-rsa blob.
    expect(blob.subarray(-256).equals(Buffer.from(jwk.n!, 'base64url'))).toBe(true);
    expect((await nova.request('GET', '/v2.1/os-keypairs/new')).body.keypair).not.toHaveProperty('private_key');
  });

  it.each([
    [{ name: 'k', public_key: 'nonsense' }, 'Keypair data is invalid: failed to generate fingerprint'],
    [{ name: 'k', public_key: 'ssh-rsa AAAA' }, 'Keypair data is invalid: failed to generate fingerprint'],
    [{ name: 'a/b', public_key: ed25519 }, 'Keypair data is invalid: Keypair name contains unsafe characters'],
    [{ name: '', public_key: ed25519 }, "Invalid input for field/attribute name. Value: . '' is too short"],
  ])('are refused: %j', async (keypair, message) => {
    expect((await create(keypair)).body.badRequest.message).toBe(message);
  });

  it('need their public key from 2.92 on, and may have more names', async () => {
    expect((await create({ name: 'k' }, { version: '2.92' })).status).toBe(400);
    expect((await create({ name: 'me@host.x', public_key: ed25519 }, { version: '2.92' })).status).toBe(201);
    expect((await create({ name: 'me@host.y', public_key: ed25519 })).status).toBe(400);
  });

  it('are limited per user, also when many come at once', async () => {
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_all, index) => create({ name: `k${index}`, public_key: ed25519 })),
    );
    expect(answers.filter((answer) => answer.status === 200)).toHaveLength(3);
    expect(answers.find((answer) => answer.status === 403)?.body.forbidden.message).toBe(
      'Quota exceeded, too many key pairs.',
    );
    const page = await nova.request('GET', '/v2.1/os-keypairs?limit=2', { version: '2.35' });
    expect([page.body.keypairs.length, page.body.keypairs_links.length]).toEqual([2, 1]);
  });

  it('have the fingerprint that ssh-keygen prints', async () => {
    expect(sshFingerprint(ed25519)).toBe('30:a5:00:2e:be:ae:a1:c8:1c:7f:c6:b5:3e:fc:3d:88');
    const { publicKey } = await generateSshKey('x');
    expect(sshFingerprint(publicKey)).toMatch(/^([0-9a-f]{2}:){15}[0-9a-f]{2}$/);
    const { publicKey: other } = generateKeyPairSync('ed25519');
    expect(() => sshFingerprint(other.export({ format: 'pem', type: 'spki' }).toString())).toThrow(/fingerprint/);
  });
});

describe('key pairs of kind x509', () => {
  it('are made with a certificate that signs itself, until 2.91', async () => {
    const own = await novaFixture({ hosts: [] });
    const make = (version: string) =>
      own.request('POST', '/v2.1/os-keypairs', { version, body: { keypair: { name: 'win', type: 'x509' } } });
    const { body, status } = await make('2.2');
    expect(status, JSON.stringify(body)).toBe(201);
    const certificate = new X509Certificate(body.keypair.public_key as string);
    expect([certificate.subject, certificate.verify(certificate.publicKey)]).toEqual(['CN=user-of-demo', true]);
    expect(certificate.checkPrivateKey(createPrivateKey(body.keypair.private_key as string))).toBe(true);
    expect(body.keypair.fingerprint).toBe(certificate.fingerprint.toLowerCase());
    expect((await make('2.92')).status).toBe(400);
    await own.close();
  });
});
