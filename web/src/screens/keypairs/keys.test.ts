import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { algorithms, generateKey } from './generate.ts';
import { readPublicKey } from './public-key.ts';

const folder = mkdtempSync(join(tmpdir(), 'igloo-keys-'));
afterAll(() => rmSync(folder, { recursive: true }));

const hasKeygen = ((): boolean => {
  try {
    execFileSync('ssh-keygen', ['-?'], { stdio: 'ignore' });
    return true;
  } catch (error) {
    return (error as { code?: string }).code !== 'ENOENT';
  }
})();
if (!hasKeygen) console.log('ssh-keygen is not installed: the keys are not shown to it');

const keygen = (...words: string[]): string => execFileSync('ssh-keygen', words, { encoding: 'utf8' });

describe.each(algorithms)('a generated %s key', (algorithm) => {
  it.skipIf(!hasKeygen && !process.env['CI'])('is one to ssh-keygen, both halves of the same', async () => {
    const { publicKey, privateKey } = await generateKey(algorithm, 'demo key');
    const file = join(folder, algorithm);
    writeFileSync(file, privateKey, { mode: 0o600 });
    writeFileSync(`${file}.pub`, publicKey);
    expect(keygen('-y', '-P', '', '-f', file).trim()).toBe(publicKey);
    const [bits, , ...rest] = keygen('-l', '-f', `${file}.pub`).trim().split(' ');
    expect([bits, rest.join(' ')]).toEqual(
      algorithm === 'rsa' ? ['3072', 'demo key (RSA)'] : ['256', 'demo key (ED25519)'],
    );
    // Only the private half can sign: the file is whole, not merely readable.
    const message = join(folder, `${algorithm}.txt`);
    writeFileSync(message, 'hello');
    keygen('-q', '-Y', 'sign', '-n', 'file', '-f', file, message);
    execFileSync('ssh-keygen', ['-Y', 'check-novalidate', '-n', 'file', '-s', `${message}.sig`], { input: 'hello' });
  });

  it('is read again as a public key', async () => {
    const { publicKey } = await generateKey(algorithm, 'me@home');
    expect(readPublicKey(`\n${publicKey}\n`)).toMatchObject({ line: publicKey, comment: 'me@home', refusal: null });
    const [kind, base64 = '', comment] = publicKey.split(' ');
    const broken = `${kind} ${base64.slice(0, 40)}\n${base64.slice(40)} ${comment}`;
    expect(readPublicKey(broken)).toMatchObject({ line: publicKey });
    expect(readPublicKey(publicKey.replace(base64, base64.slice(0, -8)))).toEqual({ refusal: 'cut' });
    expect(readPublicKey(`${publicKey}\n${publicKey}`)).toEqual({ refusal: 'several' });
  });
});

describe('what is no public key', () => {
  it.each([
    ['', 'empty'],
    ['# nothing', 'empty'],
    ['-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n', 'private'],
    ['---- BEGIN SSH2 PUBLIC KEY ----\nAAAA', 'form'],
    ['hello AAAA', 'kind'],
    ['ssh-rsa AAAA', 'cut'],
    ['ssh-rsa !!!', 'cut'],
  ] as const)('%j is refused as %s', (text, refusal) => {
    expect(readPublicKey(text)).toEqual({ refusal });
  });
});
