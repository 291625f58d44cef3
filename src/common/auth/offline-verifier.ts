import type { X509Certificate } from 'node:crypto';
import { join } from 'node:path';
import type { HttpTransport } from '../api/transport.ts';
import type { Clock } from '../clock.ts';
import { ensureFolder, readIfExists, writeFileAtomic } from '../host/files.ts';
import { CmsError, cmsVerify } from './cms/cms.ts';
import { messageOfPem, messageOfToken, tokenHash } from './cms/token-text.ts';
import { trustedCertificate } from './cms/trusted-certificate.ts';
import { identityRoot, type Session } from './session.ts';

export interface OfflineOptions {
  /** Where certificates and the list of revoked tokens are had. */
  readonly identityUrl: string;
  readonly session: Session;
  readonly transport: HttpTransport;
  readonly clock: Clock;
  /** A folder that certificates and the list are kept in across restarts; null keeps them in memory. */
  readonly signingDir: string | null;
  /** Seconds that a list of revoked tokens is believed. */
  readonly listSeconds: number;
  /** How the list names tokens: `md5`, `sha256`. */
  readonly hashAlgorithm: string;
}

/**
 * What a signed token says; null: it is not to be believed; `unsure`: certificates or the list of revoked tokens cannot be
 * had, so that Keystone must be asked about the token itself.
 */
export type OfflineVerdict = { readonly said: unknown } | 'unsure' | null;

/** Milliseconds between two tries to get other certificates, so that forged tokens do not become requests. */
const refetchMs = 10_000;
const files = { signing: 'signing_cert.pem', ca: 'cacert.pem', revoked: 'revoked.pem' } as const;

/** Verifies PKI tokens by their signature and the list of revoked tokens, as the auth_token middleware does. */
export class OfflineVerifier {
  readonly #options: OfflineOptions;
  #certificate: Promise<X509Certificate> | undefined;
  #fetchedAt = -Infinity;
  #revoked: Promise<ReadonlySet<string>> | undefined;
  #listedAt = -Infinity;

  constructor(options: OfflineOptions) {
    this.#options = options;
  }

  async verify(token: string): Promise<OfflineVerdict> {
    let message: Buffer;
    try {
      message = messageOfToken(token);
    } catch {
      return null;
    }
    try {
      const content = await this.#open(message);
      const revoked = await this.#list();
      if (revoked.has(tokenHash(token, this.#options.hashAlgorithm))) return null;
      return { said: JSON.parse(content.toString('utf8')) as unknown };
    } catch (error) {
      // A signer that even fresh certificates do not know may be a second Keystone's: that one is asked.
      return error instanceof CmsError && error.reason !== 'signer' ? null : 'unsure';
    }
  }

  async #open(message: Buffer): Promise<Buffer> {
    try {
      return cmsVerify(message, [await this.#signer(false)]);
    } catch (error) {
      if (!(error instanceof CmsError) || error.reason !== 'signer') throw error;
      return cmsVerify(message, [await this.#signer(true)]);
    }
  }

  /** @param other fetches the certificates again: those known did not sign */
  #signer(other: boolean): Promise<X509Certificate> {
    const now = this.#options.clock.now().getTime();
    if (this.#certificate && !(other && now - this.#fetchedAt >= refetchMs)) return this.#certificate;
    const kept = !other;
    if (other) this.#fetchedAt = now;
    const certificate = this.#load(kept);
    this.#certificate = certificate;
    certificate.catch(() => (this.#certificate = undefined));
    return certificate;
  }

  async #load(kept: boolean): Promise<X509Certificate> {
    const { signingDir, clock } = this.#options;
    if (kept && signingDir !== null) {
      const [signing, ca] = await Promise.all([
        readIfExists(join(signingDir, files.signing)),
        readIfExists(join(signingDir, files.ca)),
      ]);
      if (signing !== undefined && ca !== undefined) return trustedCertificate(signing, ca, clock.now());
    }
    this.#fetchedAt = clock.now().getTime();
    const [signing, ca] = await Promise.all([this.#fetch('certificates/signing'), this.#fetch('certificates/ca')]);
    const certificate = trustedCertificate(signing, ca, clock.now());
    await this.#keep(files.signing, signing);
    await this.#keep(files.ca, ca);
    return certificate;
  }

  async #fetch(path: string): Promise<string> {
    const { transport, identityUrl } = this.#options;
    const answer = await transport.request({ method: 'GET', url: `${identityRoot(identityUrl)}/v2.0/${path}` });
    if (answer.status !== 200) throw new Error(`${path}: HTTP ${answer.status}`);
    return answer.text();
  }

  async #keep(name: string, text: string): Promise<void> {
    const { signingDir } = this.#options;
    if (signingDir === null) return;
    await ensureFolder(signingDir, 0o700);
    await writeFileAtomic(join(signingDir, name), text, { mode: 0o600 });
  }

  #list(): Promise<ReadonlySet<string>> {
    const { clock, listSeconds } = this.#options;
    const now = clock.now().getTime();
    if (this.#revoked && now - this.#listedAt < listSeconds * 1000) return this.#revoked;
    this.#listedAt = now;
    const revoked = this.#fetchList();
    this.#revoked = revoked;
    revoked.catch(() => (this.#revoked = undefined));
    return revoked;
  }

  async #fetchList(): Promise<ReadonlySet<string>> {
    const { session, identityUrl } = this.#options;
    const answer = await session.request({ method: 'GET', url: `${identityRoot(identityUrl)}/v2.0/tokens/revoked` });
    if (answer.status !== 200) throw new Error(`the list of revoked tokens: HTTP ${answer.status}`);
    const { signed } = await answer.json<{ signed: string }>();
    let content: Buffer;
    try {
      content = await this.#open(messageOfPem(signed));
    } catch (cause) {
      // A list that is not to be believed says nothing about the token.
      throw new Error('the list of revoked tokens is not signed as it should be', { cause });
    }
    await this.#keep(files.revoked, signed);
    const { revoked } = JSON.parse(content.toString('utf8')) as { revoked: readonly { readonly id: string }[] };
    return new Set(revoked.map((one) => one.id));
  }
}
