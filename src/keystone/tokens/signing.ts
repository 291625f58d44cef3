import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { ApiError } from '#common/api/errors.ts';
import { cmsSign, type CmsSigner } from '#common/auth/cms/cms.ts';
import type { KeystoneConfig } from '../config.ts';

/** The certificate and key of `[signing]`, as pki_setup makes them. */
export interface Signing {
  /** @throws ApiError 500 in Icehouse's words when the files are missing or no key pair */
  sign(content: Buffer): Promise<Buffer>;
  /** PEM. @throws ApiError 500 */
  certificate(): string;
  caCertificate(): string;
}

/** What Keystone says whenever it cannot go on; the log says why. */
const unexpected = (cause: unknown): ApiError =>
  new ApiError(500, 'An unexpected error prevented the server from fulfilling your request.', { cause });

const changedAt = (path: string): number => statSync(path).mtimeMs;

/** Files are read when they are needed, and again when they have changed: pki_setup may be run at any time. */
export function openSigning({
  certfile,
  keyfile,
  ca_certs,
}: Pick<KeystoneConfig['signing'], 'certfile' | 'keyfile' | 'ca_certs'>): Signing {
  let known: { readonly signer: CmsSigner; readonly at: string } | undefined;
  const signer = (): CmsSigner => {
    const at = `${changedAt(certfile)} ${changedAt(keyfile)}`;
    if (known?.at !== at) {
      const certificate = new X509Certificate(readFileSync(certfile));
      const key = createPrivateKey(readFileSync(keyfile));
      if (!certificate.checkPrivateKey(key)) throw new Error(`${keyfile} is not the key of ${certfile}`);
      known = { signer: { certificate, key }, at };
    }
    return known.signer;
  };
  const explained = <T>(work: () => T): T => {
    try {
      return work();
    } catch (cause) {
      throw unexpected(
        new Error(
          'PKI tokens need the certificates that "keystone-manage pki_setup" makes, or [token] provider = uuid.',
          {
            cause,
          },
        ),
      );
    }
  };
  return {
    sign: async (content) => cmsSign(content, explained(signer)),
    certificate: () => explained(() => readFileSync(certfile, 'utf8')),
    caCertificate: () => explained(() => readFileSync(ca_certs, 'utf8')),
  };
}
