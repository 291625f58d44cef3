import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import type { Logger } from '#common/telemetry/log.ts';
import { fernetDecrypt, fernetEncrypt, type FernetKey } from '../tokens/fernet.ts';
import { openFernetKeys, type FernetKeys } from '../tokens/fernet-keys.ts';
import type { Credential, SealedCredential } from './model.ts';

/** Encrypts credentials before they are kept, with the keys of a folder that bootstrap and credential_setup make. */
export class CredentialVault {
  readonly #folder: string;
  readonly #log: Logger;
  #keys: FernetKeys | undefined;
  #warned = false;

  constructor({ folder, log }: { readonly folder: string; readonly log: Logger }) {
    this.#folder = folder;
    this.#log = log;
  }

  /** As it is, with a warning, while there are no keys. */
  seal(credential: Credential): SealedCredential {
    const key = this.#open()?.all()[0];
    if (!key) {
      if (!this.#warned)
        this.#log.warn(
          `Credentials are kept unencrypted: make keys in ${this.#folder} with "keystone-manage credential_setup".`,
        );
      this.#warned = true;
      return { ...credential, encryptedBy: null };
    }
    const blob = fernetEncrypt(key, Buffer.from(credential.blob), 0);
    return { ...credential, blob, encryptedBy: nameOf(key) };
  }

  /** @throws Error when its key is gone */
  unseal({ encryptedBy, ...credential }: SealedCredential): Credential {
    if (encryptedBy === null) return credential;
    const plain = fernetDecrypt(this.#open()?.all() ?? [], credential.blob);
    if (!plain) throw new Error(`No key in ${this.#folder} decrypts credential ${credential.id}.`);
    return { ...credential, blob: plain.toString('utf8') };
  }

  /** Whether it is encrypted with the newest key. */
  isCurrent({ encryptedBy }: SealedCredential): boolean {
    const key = this.#open()?.all()[0];
    return key === undefined || encryptedBy === nameOf(key);
  }

  #open(): FernetKeys | undefined {
    if (!this.#keys && existsSync(this.#folder)) this.#keys = openFernetKeys(this.#folder);
    return this.#keys;
  }
}

const nameOf = (key: FernetKey): string =>
  createHash('sha256').update(key.signing).update(key.encryption).digest('hex');
