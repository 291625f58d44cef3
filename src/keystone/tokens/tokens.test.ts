import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { fromObject, loadConfig } from '#common/config/load.ts';
import { StartupError } from '#common/daemon.ts';
import { keystoneOptions } from '../config.ts';
import { Passwords } from '../users/passwords.ts';
import { chosenFormat } from './choose-format.ts';
import { fernetDecrypt, fernetEncrypt, newFernetKey, parseFernetKey, type FernetKey } from './fernet.ts';
import { openFernetKeys, rotateFernetKeys, setupFernetKeys } from './fernet-keys.ts';
import { pack, unpack } from './packing.ts';

const folder = mkdtempSync(join(tmpdir(), 'igloo-fernet-keys-'));
afterAll(() => rmSync(folder, { recursive: true }));
const key = (): FernetKey => parseFernetKey(newFernetKey()) as FernetKey;

describe('Fernet', () => {
  it("reads the specification's own example", () => {
    const specKey = parseFernetKey('cw_0x689RpI-jtRR7oE8h_eQsKImvJapLeSbXpwF4e4=') as FernetKey;
    const token =
      'gAAAAAAdwJ6wAAECAwQFBgcICQoLDA0ODy021cpGVWKZ_eEwCGM4BLLF_5CV9dOPmrhuVUPgJobwOz7JcbmrR64jVmpU4IwqDA==';
    expect(fernetDecrypt([specKey], token)?.toString()).toBe('hello');
  });

  it('refuses what was altered, cut short, or made with another key', () => {
    const mine = key();
    const token = fernetEncrypt(mine, Buffer.from('message'), 1);
    expect(fernetDecrypt([key(), mine], token)?.toString()).toBe('message');
    expect(fernetDecrypt([key()], token)).toBeNull();
    expect(fernetDecrypt([mine], token.slice(0, -4))).toBeNull();
    for (let at = 0; at < token.length - 1; at += 7) {
      const altered = token.slice(0, at) + (token[at] === 'A' ? 'B' : 'A') + token.slice(at + 1);
      expect(fernetDecrypt([mine], altered)).toBeNull();
    }
  });
});

describe('a token payload', () => {
  it('packs and unpacks whatever ids and scopes it has', () => {
    const id = fc.oneof(
      fc.stringMatching(/^[0-9a-f]{32}$/),
      fc.stringMatching(/^[0-9a-f]{64}$/),
      fc.constantFrom('default', 'Ünïcode'),
    );
    const time = fc.integer({ min: 0, max: 2 ** 47 });
    const audit = fc.uint8Array({ minLength: 16, maxLength: 16 }).map((b) => Buffer.from(b).toString('base64url'));
    const payload = fc.record({
      userId: id,
      methods: fc.subarray(['password', 'token', 'application_credential', 'ec2credential']),
      auditIds: fc.array(audit, { minLength: 1, maxLength: 2 }).map((ids) => ids as [string, ...string[]]),
      issuedAt: time,
      expiresAt: time,
      delegation: fc.option(
        fc.record({
          kind: fc.constantFrom('trust' as const, 'application_credential' as const, 'oauth1' as const),
          id,
        }),
        { nil: undefined },
      ),
      scope: fc.oneof(
        fc.constant({ kind: 'unscoped' as const }),
        fc.constant({ kind: 'system' as const }),
        fc.record({ kind: fc.constantFrom('project' as const, 'domain' as const), id }),
      ),
    });
    fc.assert(
      fc.property(payload, ({ delegation, ...one }) => {
        const whole = { ...one, ...(delegation && { delegation }) };
        expect(unpack(pack(whole))).toEqual(whole);
      }),
    );
  });
});

describe('the key repository', () => {
  const keys = join(folder, 'keys');
  const files = (): string[] => readdirSync(keys).sort();

  it('is set up once, for its owner only, and missed with a remedy', () => {
    expect(() => openFernetKeys(join(folder, 'none'))).toThrow(/fernet_setup/);
    expect(() => rotateFernetKeys(join(folder, 'none'), 3)).toThrow(StartupError);
    expect([setupFernetKeys(keys), setupFernetKeys(keys)]).toEqual([true, false]);
    expect(files()).toEqual(['0', '1']);
    expect([statSync(keys).mode & 0o777, statSync(join(keys, '1')).mode & 0o777]).toEqual([0o700, 0o600]);
  });

  it('rotates: the staged key encrypts, older ones still decrypt until they are dropped', () => {
    const open = openFernetKeys(keys);
    const token = fernetEncrypt(open.all()[0], Buffer.from('old'), 1);
    const staged = fernetEncrypt(open.all()[1] as FernetKey, Buffer.from('staged'), 1);
    rotateFernetKeys(keys, 3);
    expect(files()).toEqual(['0', '1', '2']);
    expect(fernetDecrypt([open.all()[0]], staged)?.toString()).toBe('staged');
    expect(fernetDecrypt(open.all(), token)?.toString()).toBe('old');
    rotateFernetKeys(keys, 3);
    expect(files()).toEqual(['0', '2', '3']);
    expect(fernetDecrypt(open.all(), token)).toBeNull();
  });

  it('goes on after a rotation that was interrupted', () => {
    rmSync(join(keys, '0'));
    rotateFernetKeys(keys, 3);
    expect(files()).toEqual(['0', '3', '4']);
  });

  it('names a file that is no key', () => {
    writeFileSync(join(keys, '9'), 'short');
    expect(() => openFernetKeys(keys)).toThrow(`${join(keys, '9')} is no Fernet key`);
  });
});

describe('the choice of a format', () => {
  const choose = (token?: string, signing?: string) =>
    chosenFormat(
      loadConfig(keystoneOptions, fromObject({ token: { provider: token }, signing: { token_format: signing } }, 'x')),
    );
  it.each([
    [undefined, undefined, 'pki'],
    ['keystone.token.providers.pki.Provider', undefined, 'pki'],
    ['keystone.token.providers.pkiz.Provider', undefined, 'pkiz'],
    [undefined, 'PKI', 'pki'],
    ['fernet', undefined, 'fernet'],
    [undefined, 'UUID', 'uuid'],
    ['keystone.token.providers.uuid.Provider', 'UUID', 'uuid'],
  ])('%s and %s: %s', (token, signing, format) => {
    expect(choose(token, signing)).toBe(format);
  });
  it.each([
    ['uuid', 'PKI', /contradict/],
    ['jws', undefined, /no token format "jws"/],
  ])('%s and %s: refused', (token, signing, message) => {
    expect(() => choose(token, signing)).toThrow(message);
  });
});

describe('passwords', () => {
  const passwords = new Passwords({ rounds: 4 });

  it('are known again, but never a wrong one, nor an old one', async () => {
    const user = { id: 'u', passwordHash: await passwords.hash('right') };
    expect(user.passwordHash).toMatch(/^\$2b\$04\$/);
    for (let i = 0; i < 3; i++) {
      expect(await passwords.verify(user, 'right')).toBe(true);
      expect(await passwords.verify(user, 'wrong')).toBe(false);
    }
    const changed = { id: 'u', passwordHash: await passwords.hash('new') };
    expect(await passwords.verify(changed, 'right')).toBe(false);
    expect(await passwords.verify(changed, 'new')).toBe(true);
    expect(await passwords.verify(undefined, 'right')).toBe(false);
    expect(await passwords.verify({ id: 'u', passwordHash: null }, 'right')).toBe(false);
  });

  it('count to their last character, however long', async () => {
    const long = 'x'.repeat(100);
    const user = { id: 'l', passwordHash: await passwords.hash(`${long}a`) };
    expect(await passwords.verify(user, `${long}b`)).toBe(false);
    expect(await passwords.verify(user, `${long}a`)).toBe(true);
  });
});
